"""Batches of rows that several processes share: the numbers of `fit`, and words at the door."""

import json
import os
import subprocess
import sys

import pytest
import scripts
import torch
from toys import odd_graph, watch_locality

import fgnn_lite as fgnn
from fgnn_lite.learners.chain import Chain
from fgnn_lite.learners.data_parallel import fit_data_parallel

NET = {"depth": 3, "hidden": 16, "seed": 3, "batch_size": 3, "backbone": "sage"}
BUDGET = {"epochs": 6, "patience": 3, "lr": 0.01}


def worker(net, budget) -> str:
    return f"""
import json
import sys
import fgnn_lite as fgnn
from toys import odd_graph
from fgnn_lite.learners.chain import Chain
from fgnn_lite.learners.data_parallel import fit_data_parallel

with Chain() as chain:
    learner = fgnn.make_learner("sf", **{net})
    history = fit_data_parallel(learner, odd_graph(), chain, **{budget})
    assert chain.sent_bytes > 0
    learner.save(f"{{sys.argv[1]}}/{{chain.rank}}.pt")
    curves = [(r.layer, r.epoch, r.loss, r.margin, r.val_accuracy) for r in history]
    with open(f"{{sys.argv[1]}}/{{chain.rank}}.json", "w") as file:
        json.dump(curves, file)
"""


def curves(history) -> list[tuple[object, ...]]:
    return [(r.layer, r.epoch, r.loss, r.margin, r.val_accuracy) for r in history]


def fitted(**changed):
    learner = fgnn.make_learner("sf", **(NET | changed))
    return learner, learner.fit(odd_graph(), device="cpu", **BUDGET)


def close(found, wanted) -> None:
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert one == pytest.approx(other, abs=1e-5)


@pytest.mark.parametrize("changed", [{}, {"backbone": "gcn"}, {"batch_size": 100}, {"depth": 1}])
def test_one_process_does_what_fit_does(changed) -> None:
    learner, history = fitted(**changed)
    other = fgnn.make_learner("sf", **(NET | changed))
    close(curves(fit_data_parallel(other, odd_graph(), Chain(), **BUDGET)), curves(history))
    for one, two in zip(learner.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(one, two, rtol=0, atol=1e-5)
    assert other.trained_layers == learner.depth


def test_no_gradient_leaves_its_layer(monkeypatch) -> None:
    learner = fgnn.make_learner("sf", **NET)
    watch_locality(monkeypatch, learner)
    fit_data_parallel(learner, odd_graph(), Chain(), epochs=2)
    assert all(parameter.grad is None for parameter in learner.parameters())


@pytest.mark.slow
def test_three_processes_give_the_numbers_of_one(tmp_path) -> None:
    """In batches of three some processes have no row, others two."""
    processes = 3
    (tmp_path / "worker.py").write_text(worker(NET, BUDGET))
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", str(processes), str(tmp_path / "worker.py"), str(tmp_path)]
    path = os.pathsep.join(map(str, (scripts.ROOT, scripts.ROOT / "tests")))
    done = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": path}
    )
    assert done.returncode == 0, done.stderr
    learner, history = fitted()
    nets = [fgnn.load_learner(tmp_path / f"{rank}.pt") for rank in range(processes)]
    for rank, net in enumerate(nets):
        kept = json.loads((tmp_path / f"{rank}.json").read_text())
        close(kept, [list(row) for row in curves(history)])
        for name, value in net.state_dict().items():
            assert torch.equal(value, nets[0].state_dict()[name])  # one and the same net
            torch.testing.assert_close(value, learner.state_dict()[name], rtol=0, atol=1e-5)


@pytest.mark.slow
def test_a_killed_process_leaves_the_finished_layers(tmp_path) -> None:
    file = tmp_path / "sf.pt"
    net, budget = NET | {"depth": 1000}, BUDGET | {"path": str(file)}
    (tmp_path / "worker.py").write_text(worker(net, budget))
    path = os.pathsep.join(map(str, (scripts.ROOT, scripts.ROOT / "tests")))
    command = [sys.executable, str(tmp_path / "worker.py"), str(tmp_path)]
    said = scripts.last_words(command, file, PYTHONPATH=path)
    assert "another process (of 2, from 0) has died or sends nothing, so process 0 ends" in said
    kept = fgnn.load_learner(file)
    assert f"the last saved state: {file}, with {kept.trained_layers} of 1000 layers" in said
    alone = fgnn.make_learner("sf", **(net | {"depth": kept.trained_layers}))
    alone.fit(odd_graph(), device="cpu", **BUDGET)
    torch.testing.assert_close(
        kept.class_scores(odd_graph())[-1], alone.class_scores(odd_graph())[-1], rtol=0, atol=1e-4
    )


@pytest.mark.parametrize(
    ("settings", "arguments", "error", "says"),
    [
        ({"batch_size": None}, {}, ValueError, "learner must have a batch_size"),
        ({}, {"epochs": 0}, ValueError, "epochs must be"),
        ({}, {"lr": -1.0}, ValueError, "lr must be"),
        ({}, {"patience": 1.5}, TypeError, "patience must be"),
        ({}, {"path": "no such folder/sf.pt"}, FileNotFoundError, "path must lie in a folder"),
    ],
)
def test_bad_input_is_refused_at_the_door(settings, arguments, error, says) -> None:
    learner = fgnn.make_learner("sf", **(NET | settings))
    with pytest.raises(error, match=says):
        fit_data_parallel(learner, odd_graph(), Chain(), **arguments)
    assert learner.trained_layers == 0


def test_other_learners_and_graphs_are_refused() -> None:
    with pytest.raises(TypeError, match="learner must be an SF; got a BP"):
        fit_data_parallel(fgnn.make_learner("bp"), odd_graph(), Chain())
    data = odd_graph()
    data.val_mask[:] = False
    with pytest.raises(ValueError, match="val_mask"):
        fit_data_parallel(fgnn.make_learner("sf", **NET), data, Chain())
