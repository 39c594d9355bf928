"""What `make sweep` measures: rows can be had again, and a run that was stopped goes on."""

import functools
import itertools
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from scripts import benchmark

import fgnn_lite as fgnn
from fgnn_lite.augment import virtual_edges, virtual_features
from fgnn_lite.objectives import accuracy

ROOT = Path(__file__).parents[1]
COLUMNS = ("learner", "backbone", "depth", "temperature", "seed")


def place(row):
    return tuple(row[name] for name in COLUMNS)


def only(name, **columns):
    """The one row of a results file with these values."""
    rows = fgnn.load_results(name)["rows"]
    (row,) = [row for row in rows if all(row[k] == value for k, value in columns.items())]
    return row


def test_every_run_is_there_once() -> None:
    rows = fgnn.load_results("sweep")["rows"]
    wise = {name for name in fgnn.LEARNERS if fgnn.make_learner(name).layer_wise}
    wanted = [
        job._replace(depth=depth)
        for job in benchmark("sweep").jobs()
        for depth in (range(1, job.depth + 1) if job.learner in wise else [job.depth])
    ]
    assert sorted(map(place, rows), key=str) == sorted(map(tuple, wanted), key=str)


@pytest.mark.parametrize(
    ("learner", "depth", "temperature"),
    [("sf", 3, 4.0), ("bp", 1, 0.25), ("sf-top-to-loss", 2, 1.0), ("ff-la", 2, None)],
)
@pytest.mark.slow
def test_a_row_can_be_had_again(learner, depth, temperature) -> None:
    """As the script says, of its own accord: a net of that depth, not the lower part of another."""
    found = only(
        "sweep", **dict(zip(COLUMNS, (learner, "gcn", depth, temperature, 1), strict=True))
    )
    data = fgnn.load_graph("digits")
    again = fgnn.make_learner(learner, "gcn", depth, temperature=temperature or 1.0, seed=1)
    again.fit(data, device="cpu", **({"epochs": 100} if "top-to" in learner else {}))
    for part in ("test", "val"):
        assert again.score(data, part) == pytest.approx(found[part], abs=0.01)


@pytest.mark.parametrize("predicts", ["as trained", "zeros from above"])
def test_a_row_of_top_down_can_be_had_again(predicts) -> None:
    which = {"above": "labels", "depth": 2, "budget": 100, "temperature": 1.0, "seed": 1}
    found = only("top-down", **which, predicts=predicts)
    data = fgnn.load_graph("digits")
    again = fgnn.make_learner("sf-top-to-input", depth=2, hidden=64, seed=1, above="labels")
    again.fit(data, epochs=100, val_every=10, lr=0.01, device="cpu")
    scores = again.class_scores(data, above="nothing" if predicts == "zeros from above" else None)[
        -1
    ]
    for part in ("test", "train"):
        mask = data[f"{part}_mask"]
        assert accuracy(scores[mask], data.y[mask]) == pytest.approx(found[part], abs=0.02)


@pytest.mark.parametrize("layer", [1, 3])
def test_goodness_and_scores_by_hand(layer) -> None:
    """Dense matrices say of the karate club what its file says, of single-forward."""
    updates, data, counts = 30, fgnn.load_graph("karate"), {}

    def goes_on(record):
        counts[record.layer] = counts.get(record.layer, 0) + 1
        return counts.get(layer) != updates

    net = fgnn.make_learner("sf", "gcn", 3)
    net.fit(data, 300, 300, on_epoch=goes_on, restore_best=False, device="cpu")
    n, c = len(data.y), data.num_classes
    train = data.train_mask.nonzero().flatten()
    pairs = torch.cat([data.edge_index, virtual_edges(data.y[train], train, n)], dim=1)
    weights = torch.eye(n + c)
    weights[pairs[1], pairs[0]] = 1
    size = weights.sum(1)
    weights /= (size[:, None] * size).sqrt()
    z = torch.cat([data.x, virtual_features(c, data.x.shape[1], 0, data.x.dtype)])
    with torch.no_grad():
        for number in range(layer):
            conv = net.layers[number].conv
            z = z / (z.norm(dim=1, keepdim=True) + 1e-8)
            z = torch.relu(weights @ (z @ conv.lin.weight.T) + conv.bias)
        scores = (z[:n] @ z[n:].T).softmax(1)
    row = only("karate", learner="sf", layer=layer, updates=updates)
    assert row["goodness"] == pytest.approx(z.square().sum(1).tolist(), rel=0.02, abs=0.02)
    assert list(itertools.chain(*row["scores"])) == pytest.approx(
        scores.flatten().tolist(), rel=0.02, abs=0.02
    )


@pytest.mark.parametrize("layer", [1, 2])
def test_digits_are_counted_where_their_goodness_lies(layer) -> None:
    """The last layer's goodness is its share of the class scores; all that lies above is last."""
    watch, data = benchmark("watch"), fgnn.load_graph("digits")
    seen = watch.Watch("ff-la", data, layer, layer, 10)  # a lower net, as layers learn alone
    found = seen.scores[data.test_mask]
    positive = torch.nn.functional.one_hot(data.y[data.test_mask]).bool()
    edges = torch.tensor([*watch.EDGES[:-1], torch.inf])
    row = only("goodness", learner="ff-la", layer=layer, updates=10)
    for side, values in (("positive", found[positive]), ("negative", found[~positive])):
        wanted = [int(((values >= a) & (values < b)).sum()) for a, b in itertools.pairwise(edges)]
        assert sum(row[side]) == len(values)
        assert sum(abs(a - b) for a, b in zip(row[side], wanted, strict=True)) <= 0.02 * len(values)
        assert row[f"mean_{side}"] == pytest.approx(float(values.mean()), rel=0.02)


def test_the_last_bin_holds_what_lies_above(monkeypatch) -> None:
    watch, data = benchmark("watch"), fgnn.load_graph("digits")
    monkeypatch.setattr(watch, "UPDATES", (1,))
    monkeypatch.setattr(watch, "DIGITS", {"ff-la": ("ff-la", {})})
    monkeypatch.setattr(watch, "EDGES", [0.0, 0.2, 0.4, 0.6])
    scores = watch.Watch("ff-la", data, 1, 1, 1).scores[data.test_mask]
    found = scores.gather(1, data.y[data.test_mask].unsqueeze(1))
    wanted = [(found < 0.2), (found >= 0.2) & (found < 0.4), (found >= 0.4)]
    assert watch.goodness()[0]["positive"] == [int(mask.sum()) for mask in wanted]
    assert (found > 0.6).any()


def test_the_club_is_predicted_in_a_graph_for_each_class(monkeypatch) -> None:
    """A member's goodness is that in the graph of its class; given labels are not predicted."""
    watch, data = benchmark("watch"), fgnn.load_graph("karate")
    monkeypatch.setattr(watch, "CLUB", ("ff-vn",))
    monkeypatch.setattr(watch, "UPDATES", (300,))
    for row in watch.club():
        stored = only("karate", learner="ff-vn", layer=row["layer"], updates=300)
        assert row["goodness"] == pytest.approx(stored["goodness"], rel=0.02, abs=0.02)
        assert [s is None for s in stored["scores"]] == data.train_mask.tolist()
        pairs = zip(row["scores"], stored["scores"], row["goodness"], data.y, strict=False)
        for scores, wanted, own, label in pairs:
            assert (scores is None) == (wanted is None)
            if scores is not None:
                assert scores == pytest.approx(wanted, rel=0.02, abs=0.02)
                assert row["layer"] > 1 or own == scores[label]


def test_the_tape_can_be_had_again() -> None:
    tape, data = benchmark("tape"), fgnn.load_graph("digits")
    for method in ("SF", "BP, sparse"):
        name, options = tape.METHODS[method]
        again = fgnn.record_tape(fgnn.make_learner(name, depth=2, **options), data, "cpu")
        assert again.row(learner=method, depth=2) == only("tape", learner=method, depth=2)


def test_the_choice_of_goodness_can_be_had_again() -> None:
    rows = fgnn.load_results("goodness-choice")["rows"]
    assert len(rows) == 2 * 2 * 3 * (4 * 5 + 1)
    again = benchmark("goodness_choice").measure("sbm", "gcn", "symba")
    kept = [row for row in rows if row["graph"] == "sbm" and row["goodness"] == "symba"]
    for row, other in zip(again, kept, strict=False):
        assert row == pytest.approx(other, abs=0.03)
    for graph, backbone, goodness in {(r["graph"], r["backbone"], r["goodness"]) for r in rows}:
        here = [
            r
            for r in rows
            if (r["graph"], r["backbone"], r["goodness"]) == (graph, backbone, goodness)
        ]
        val = {r["theta"]: 0.0 for r in here}
        for row in here:
            val[row["theta"]] += row["val"]
        assert all(val[r["theta"]] == pytest.approx(max(val.values())) for r in here if r["chosen"])
        assert len({r["theta"] for r in here if r["chosen"]}) == 1


def test_it_goes_on_where_it_was_stopped(tmp_path, monkeypatch) -> None:
    sweep = benchmark("sweep")
    path = tmp_path / "sweep.json"
    sf, bp = (sweep.Job(*job) for job in (("sf", "gcn", 2, 1.0, 0), ("bp", "gcn", 1, 1.0, 0)))
    monkeypatch.setattr(sweep, "PATH", path)
    monkeypatch.setitem(sweep.SETTINGS, "epochs", 2)
    monkeypatch.setattr(sys, "argv", ["sweep.py", "--workers", "1"])
    asked = []

    def fail(job):
        asked.append(job)
        if job == bp and len(asked) == 2:
            raise KeyboardInterrupt
        return train(job)

    train = sweep.train
    monkeypatch.setattr(sweep, "train", fail)
    monkeypatch.setattr(sweep, "jobs", lambda: [sf, bp])
    monkeypatch.setattr(benchmark("protocol"), "ProcessPoolExecutor", AtOnce)
    monkeypatch.setattr(benchmark("protocol"), "as_completed", iter)
    with pytest.raises(SystemExit, match="a second call does the rest"):
        sweep.main()
    assert [place(row)[:3] for row in json.loads(path.read_text())["rows"]] == [
        ("sf", "gcn", 1),
        ("sf", "gcn", 2),
    ]
    sweep.main()
    assert asked == [sf, bp, bp]
    rows = json.loads(path.read_text())["rows"]
    assert [place(row)[0] for row in rows] == ["bp", "sf", "sf"]  # in the order of the learners
    assert [row["updates"] for row in rows] == [2, 2, 4]
    sweep.main()
    assert len(asked) == 3
    assert json.loads(path.read_text())["rows"] == rows
    assert list(tmp_path.iterdir()) == [path]


class AtOnce:
    """A pool that works when its results are read, in this process."""

    def __init__(self, *_): ...

    def __enter__(self):
        return self

    def __exit__(self, *_): ...

    def shutdown(self, **_): ...

    def submit(self, work, job):
        return SimpleNamespace(result=functools.partial(work, job))
