"""Layers that train at the same time: by hand, in two processes, and killed."""

import json
import os
import subprocess
import sys

import pytest
import scripts
import torch
from torch.nn import functional
from toys import edges_of, everything, odd_graph, watch_locality

import fgnn_lite as fgnn
from fgnn_lite.augment import add_virtual_nodes
from fgnn_lite.layers import Layer, normalise
from fgnn_lite.learners.chain import Chain
from fgnn_lite.learners.side_by_side import fit_side_by_side
from fgnn_lite.seeds import default_generator

SCRIPT = scripts.ROOT / "benchmarks" / "side_by_side.py"
KARATE = {"depth": 3, "hidden": 16, "seed": 3}
WORKER = f"""
import os
import sys
import fgnn_lite as fgnn
from fgnn_lite.learners.chain import Chain
from fgnn_lite.learners.side_by_side import fit_side_by_side

with Chain() as chain:
    for every in (1, 4):
        learner = fgnn.make_learner("sf", **{KARATE})
        share = fit_side_by_side(
            learner, fgnn.load_graph("karate"), chain, 10, 0.01, send_every=every
        )
        learner.save(f"{{sys.argv[1]}}/{{chain.rank}}-{{every}}.pt")
        said = (chain.rank, share.layers, share.history.layers, share.sent_bytes)
        line = " ".join(map(str, (*said, share.idle_seconds > 0)))
        os.write(1, (line + chr(10)).encode())  # at once: two processes share the pipe
"""


def by_hand(data, backbone, every, epochs, depth=3, hidden=8, lr=0.01):
    """All rows of all layers computed anew in each update; what lies between layers is a list."""
    n = len(data.x)
    graph = add_virtual_nodes(data)
    train, y = data.train_mask, data.y[data.train_mask]
    states, layers, losses = [normalise(graph.x)], [], [[] for _ in range(depth)]
    for number in range(1, depth + 1):
        with default_generator(0, number):
            layers.append(Layer(backbone, states[-1].shape[1], hidden))
        with torch.no_grad():
            states.append(normalise(layers[-1].conv(states[-1], *edges_of(graph)).relu()))
    optimizers = [
        torch.optim.Adam(layer.parameters(), lr=lr, weight_decay=5e-4) for layer in layers
    ]
    for epoch in range(epochs):
        fresh = list(states)
        for k, layer in enumerate(layers):
            z = layer.conv(states[k], *edges_of(graph)).relu()
            loss = functional.cross_entropy(z[:n][train] @ z[n:].t(), y)
            optimizers[k].zero_grad()
            loss.backward()
            optimizers[k].step()
            losses[k].append(loss.item())
            with torch.no_grad():
                fresh[k + 1] = normalise(layer.conv(states[k], *edges_of(graph)).relu())
        if (epoch + 1) % every == 0:
            states = fresh
    return layers, losses


def alone(data, every=1, epochs=7, lr=0.01, **settings):
    learner = fgnn.make_learner("sf", **settings)
    return learner, fit_side_by_side(learner, data, Chain(), epochs, lr, send_every=every)


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("backbone", ["gcn", "sage"])
def test_the_schedule_is_what_it_is_by_hand(backbone, every) -> None:
    data = odd_graph()
    learner, share = alone(data, every, backbone=backbone, depth=3, hidden=8)
    layers, losses = by_hand(data, backbone, every, 7)
    for k, (found, wanted) in enumerate(zip(learner.layers, layers, strict=True)):
        assert [r.loss for r in share.history.of(k + 1)] == pytest.approx(losses[k], abs=1e-5)
        for one, other in zip(found.parameters(), wanted.parameters(), strict=True):
            torch.testing.assert_close(one, other, rtol=0, atol=1e-5)
    assert learner.trained_layers == 3
    assert share.layers == [1, 2, 3]
    assert (share.idle_seconds, share.sent_bytes) == (0.0, 0)


def test_sparse_features_and_one_layer() -> None:
    """The first layer never waits for news: alone it learns what `fit` teaches it."""
    data = odd_graph()
    data.x = functional.one_hot(torch.arange(40) % 30, 200).float()
    learner, share = alone(data, depth=1, hidden=8)
    other = fgnn.make_learner("sf", depth=1, hidden=8)
    history = other.fit(data, epochs=7, lr=0.01, restore_best=False)
    assert [r.loss for r in share.history] == pytest.approx([r.loss for r in history], abs=1e-6)
    assert everything(learner)[1:] == everything(other)[1:]


def test_no_gradient_leaves_its_layer(monkeypatch) -> None:
    learner = fgnn.make_learner("sf", depth=3, hidden=8)
    watch_locality(monkeypatch, learner)
    fit_side_by_side(learner, odd_graph(), Chain(), 3)
    assert all(parameter.grad is None for parameter in learner.parameters())


def test_a_run_saves_the_whole_net(tmp_path) -> None:
    data, file = odd_graph(), tmp_path / "sf.pt"
    learner = fgnn.make_learner("sf", depth=2, hidden=8)
    fit_side_by_side(learner, data, Chain(), 5, path=file, save_every=2)
    assert torch.equal(fgnn.load_learner(file).predict(data), learner.predict(data))


@pytest.mark.parametrize(
    ("settings", "arguments", "error", "says"),
    [
        ({"backbone": "gat"}, {}, ValueError, "learner must be of 'gcn' or 'sage'"),
        ({"batch_size": 5}, {}, ValueError, "batch_size None; got 'gcn', 5"),
        ({}, {"epochs": 0}, ValueError, "epochs must be"),
        ({}, {"lr": -1.0}, ValueError, "lr must be"),
        ({}, {"send_every": 0}, ValueError, "send_every must be"),
        ({}, {"save_every": 1.5}, TypeError, "save_every must be"),
        ({}, {"path": "no/such/folder/sf.pt"}, FileNotFoundError, "path must lie in a folder"),
        ({}, {"path": 3}, TypeError, "path must be"),
    ],
)
def test_bad_input_is_refused_at_the_door(settings, arguments, error, says) -> None:
    learner = fgnn.make_learner("sf", hidden=8, **settings)
    before = everything(learner)
    with pytest.raises(error, match=says):
        fit_side_by_side(learner, odd_graph(), Chain(), **arguments)
    assert everything(learner) == before


def test_what_cannot_be_shared_is_refused() -> None:
    chain = Chain()
    chain.size = 3
    with pytest.raises(ValueError, match="no more processes than there are layers, 2; got 3"):
        fit_side_by_side(fgnn.make_learner("sf", depth=2), odd_graph(), chain)
    data = odd_graph()
    data.val_mask = data.train_mask
    with pytest.raises(ValueError, match="mask"):
        fit_side_by_side(fgnn.make_learner("sf"), data, Chain())
    with pytest.raises(TypeError, match="learner must be an SF; got a BP"):
        fit_side_by_side(fgnn.make_learner("bp"), odd_graph(), Chain())
    with pytest.raises(ValueError, match="wait must be"):
        Chain(wait=0.0)


@pytest.mark.slow
def test_two_processes_give_the_numbers_of_one(tmp_path) -> None:
    (tmp_path / "worker.py").write_text(WORKER)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", "2", str(tmp_path / "worker.py"), str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": str(scripts.ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    data = fgnn.load_graph("karate")
    state = 4 * 16 * (len(data.x) + data.num_classes)  # bytes of all nodes' activities
    sent = {1: 10 * state, 4: 3 * state}
    assert sorted(done.stdout.splitlines()) == [
        f"0 [1] [1] {sent[1]} True",
        f"0 [1] [1] {sent[4]} True",
        "1 [2, 3] [2, 3] 0 True",
        "1 [2, 3] [2, 3] 0 True",
    ]
    for every in (1, 4):
        one, _ = alone(data, every, 10, **KARATE)
        two = fgnn.load_learner(tmp_path / f"1-{every}.pt")
        for name, value in one.state_dict().items():
            torch.testing.assert_close(two.state_dict()[name], value, rtol=0, atol=1e-6)
        lower = fgnn.load_learner(tmp_path / f"0-{every}.pt")  # the first layer alone
        assert lower.layer_scores(data) == pytest.approx(one.layer_scores(data)[:1], abs=1e-6)


@pytest.mark.slow
def test_a_killed_process_ends_the_run_with_a_word_and_the_last_saved_state(tmp_path) -> None:
    file = tmp_path / "sf.pt"
    command = [sys.executable, str(SCRIPT), "--epochs", "10000000", "--save", str(file)]
    said = scripts.last_words(command, file)
    assert "process 1 (of 2, from 0) has died or sends nothing, so process 0 ends, too" in said
    assert f"the last saved state: {file}, of epoch " in said or "state: none" in said
    assert fgnn.load_learner(file).score(fgnn.load_graph("karate")) > 0.5


# --- what is computed of more processes --------------------------------------------------------


def test_costs_are_shared_and_added_up() -> None:
    script = scripts.benchmark("side_by_side")
    assert script.blocks([1.0, 2.0, 4.0, 1.5], 2) == [3.0, 5.5]
    assert script.blocks([1.0, 2.0, 4.0, 1.5], 8) == [1.0, 2.0, 4.0, *[3.0] * 4, 1.5]
    place = {"graph": "g", "depth": 4}
    costs = place | {"schedule": "costs", "transfer_seconds": 0.5, "state_bytes": 80}
    costs |= {"forward_seconds": [1.0] * 4, "backward_seconds": [2.0, 2.0, 2.0, 1.0]}
    costs |= {"first_seconds": [0.5, 1.5, 1.5, 1.0], "update_seconds": [0.5, 1.0, 1.0, 0.5]}
    costs |= {"last_seconds": [1.0, 1.5, 1.5, 0.5]}  # of each layer 1, 2, 2, 1 in every epoch
    rows = [costs, costs | {"transfer_seconds": 0.75, "update_seconds": [9.0] * 4}]
    made = {(r["schedule"], r["processes"], r.get("send_every")): r for r in script.computed(rows)}
    two = made["side by side, computed", 2, 1]  # 3 seconds each, and half a second for a send
    assert (two["epochs_per_second"], two["idle"]) == (round(1 / 3.5, 3), round(1 - 6 / 7, 3))
    assert (two["sent_bytes"], two["depth"]) == (80, 4)
    rare = made["side by side, computed", 2, 10]  # an update, and a tenth of what is 0.5 each
    assert (rare["epochs_per_second"], rare["sent_bytes"]) == (round(1 / (1.65 + 0.05), 3), 8)
    whole = made["backprop, 1 part", 2, None]  # 11 seconds, and two sends
    assert (whole["epochs_per_second"], whole["idle"]) == (round(1 / 12, 3), round(1 - 11 / 24, 3))
    parts = made["backprop, 8 parts", 2, None]  # nine turns of an eighth of 6 seconds and two sends
    assert parts["epochs_per_second"] == round(1 / (9 * 7 / 8), 3)
    assert (parts["sent_bytes"], made["backprop, 8 parts", 8, None]["depth"]) == (160, 8)


def test_the_stored_run_is_the_same_in_one_process_and_in_two() -> None:
    rows = json.loads((scripts.ROOT / "results" / "side-by-side.json").read_text())["rows"]
    found = {}
    for row in rows:
        if row["schedule"] == "side by side":
            key = row["graph"], row["round"], row["send_every"]
            found.setdefault(key, []).append(row["test"])
    assert len(found) == 16
    assert all(len(tests) == 2 and tests[0] == tests[1] for tests in found.values())
