"""Measurements that several chapters make in one line."""

import pytest
import torch
from toys import odd_graph, path_graph

import fgnn_lite as fgnn
from fgnn_lite.book import explore, measure

METHODS = {"BP, edge list": {}, "BP, sparse": {"adjacency": "sparse"}}
NET = {"name": "bp", "backbone": "gcn", "hidden": 8}


def test_what_autograd_keeps_is_named() -> None:
    x, w = torch.ones(3, 2), torch.ones(2, 2, requires_grad=True)
    with measure.Kept() as kept:
        h = (x @ w).relu()
        (h * h).sum()
    assert kept.names(x=x, w=w, h=h) == "x, h"  # W is read by no one: x needs no gradient
    assert kept.names(x=x) == "x, 1 more"
    (h @ w).sum()  # outside
    assert kept.names() == "2 more"


def test_a_tensor_that_died_is_not_taken_for_another() -> None:
    w = torch.ones(2, 2, requires_grad=True)
    with measure.Kept() as kept:
        for _ in range(3):
            (torch.ones(2, 2) @ w).sum()
    assert kept.names(w=w, new=torch.ones(2, 2)) == "3 more"


def test_memory_by_depth_is_what_the_probe_counts() -> None:
    data = odd_graph()
    found = measure.memory_by_depth(data, METHODS, iter((1, 3)), **NET)
    assert list(found) == list(METHODS)
    for name, options in METHODS.items():
        assert list(found[name]) == [1, 3]
        net = fgnn.make_learner(depth=3, **NET, **options)
        report = fgnn.probe_memory(net, data, 2, "cpu")
        assert found[name][3] == report.working_bytes / 1e6


def test_tapes_by_depth_are_rows_for_the_explorer() -> None:
    rows = measure.tapes_by_depth(odd_graph(), METHODS, iter((1, 2)), **NET)
    assert [(row["learner"], row["depth"]) for row in rows] == [
        (name, depth) for name in METHODS for depth in (1, 2)
    ]
    assert "BP, sparse" in explore.tape(rows, ["depth"]).alt


def test_scores_of_each_value_with_each_seed() -> None:
    data = odd_graph()

    def make(hidden: int, seed: int) -> fgnn.Learner:
        return fgnn.make_learner("bp", "gcn", 2, hidden, seed=seed)

    val, test = measure.score_by_value(make, (4, 8), iter((0, 1)), data, epochs=3, device="cpu")
    assert list(val) == list(test) == [4, 8]
    net = make(8, 1)
    net.fit(data, epochs=3, device="cpu")
    assert val[8][1] == 100 * net.score(data, "val")
    assert test[8] == [pytest.approx(score) for score in test[8]]
    assert test[8][1] == 100 * net.score(data, "test")
    assert len(val[4]) == 2


def test_a_read_out_tells_classes_apart_by_their_features() -> None:
    data = path_graph()
    assert measure.read_off(10.0 * torch.eye(2)[data.y], data) == 1.0
    data.y = torch.tensor([0, 0, 0, 1])  # the test node now looks like the other class
    assert measure.read_off(data.x.requires_grad_(), data) == 0.0


def test_methods_are_scored_at_each_value_of_a_setting() -> None:
    data, budget = odd_graph(), {"epochs": 3, "device": "cpu"}
    methods = {"wide": {"name": "sf", "hidden": 8}, "bp": {"name": "bp"}}
    found = measure.score_by_setting(
        data, methods, "temperature", (0.1, 1), (0, 1), budget, backbone="gcn", depth=2, hidden=4
    )
    for part, scores in zip(("val", "test"), found, strict=True):
        assert {name: list(each) for name, each in scores.items()} == {
            "wide": [0.1, 1],
            "bp": [0.1, 1],
        }
        for name, hidden in (("sf", 8), ("bp", 4)):
            net = fgnn.make_learner(name, "gcn", 2, hidden, 0.1, seed=1)
            net.fit(data, **budget)
            here = scores["wide" if name == "sf" else "bp"][0.1]
            assert here[1] == 100 * net.score(data, part)
            assert len(here) == 2


def test_goodness_is_counted_after_each_number_of_updates() -> None:
    data, edges = odd_graph(), [0.0, 1.0, 2.0, 4.0]

    def make() -> fgnn.Learner:
        return fgnn.make_learner("ff-la", "gcn", 2, 8, accumulate="all")

    budget = {"epochs": 9, "device": "cpu"}
    rows = measure.goodness_by_updates(make, (3, 1, 3), data, edges, budget, kind="a")
    assert [(row["kind"], row["updates"], row["layer"]) for row in rows] == [
        ("a", 1, 1),
        ("a", 1, 2),
        ("a", 3, 1),
        ("a", 3, 2),
    ]
    net = make()
    net.fit(data, epochs=3, patience=3, restore_best=False, device="cpu")
    assert rows[2:] == explore.goodness_rows(net, data, edges, kind="a", updates=3)
