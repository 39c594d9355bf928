"""What `make gpu-check` does on CUDA with exercises, graphs and clusters, done on the CPU."""

from __future__ import annotations

import dataclasses

import pytest
import scripts
import torch

import fgnn_lite as fgnn
from fgnn_lite.book.exercises import EXERCISES

on_device = scripts.benchmark("on_device")


def test_every_solution_is_asked_and_right(monkeypatch) -> None:
    assert on_device.check_solutions("cpu") == []
    two = list(on_device.solutions())[:2]
    monkeypatch.setattr(on_device, "solutions", lambda: two)
    left = on_device.check_solutions("cpu")
    assert left == [f"{name} was not asked" for name in EXERCISES[2:]]


def test_a_wrong_solution_is_named(monkeypatch) -> None:
    wrong = ['fgnn.check("07-scale", lambda s, tau: tau / s)']
    monkeypatch.setattr(on_device, "solutions", lambda: wrong)
    assert "07-scale: not yet: " in on_device.check_solutions("cpu")[0]


def test_an_answer_gets_and_makes_tensors_on_the_device() -> None:
    seen = []

    def answer(rows, graph, number, function):
        seen.extend((*rows, graph.x, torch.zeros(1), function()))
        return number * rows[0]

    def function():
        made = torch.zeros(1)
        assert made.device.type == "cpu"  # what a check hands over works as it always does
        return made

    data = fgnn.load_graph("karate")
    one = torch.ones(2)
    result = on_device.on_device(answer, "meta")([one, one], data, 2, function)
    assert {tensor.device.type for tensor in (*seen, result)} == {"meta"}
    assert len(seen) == 5
    assert data.x.device.type == "cpu"
    assert on_device.on_device([1.0, 2.0], "meta").device.type == "meta"
    assert on_device.on_device({"sum"}, "meta") == {"sum"}


def test_a_generator_keeps_its_seed() -> None:
    mine = torch.Generator().manual_seed(7)
    theirs = on_device.moved(mine, "cpu")
    assert theirs is not mine
    assert torch.equal(torch.rand(3, generator=theirs), torch.rand(3, generator=mine))


OF = {"graphs": fgnn.GRAPH_LEARNERS, "clusters": fgnn.CLUSTER_LEARNERS}


@pytest.mark.parametrize("kind", OF)
def test_every_learner_of_graphs_and_clusters_is_compared(kind) -> None:
    found = list(getattr(on_device, f"of_{kind}")("cpu", epochs=2))
    assert list(dict.fromkeys(each.name for each in found)) == list(OF[kind])
    assert {"gcn", "sage"} <= {each.backbone for each in found}
    assert len({(each.name, each.backbone) for each in found}) == len(found)
    assert {each.losses for each in found} == {0.0}
    assert max(each.loaded for each in found) < 1e-6


@pytest.mark.parametrize("kind", OF)
def test_a_device_that_learns_otherwise_is_seen(kind, monkeypatch) -> None:
    """One that adds a little to each weight when it is done, and another that loads them so."""
    kinds = {"graphs": fgnn.GraphLearner, "clusters": fgnn.ClusterLearner}
    fit = kinds[kind].fit

    def otherwise(self, *args, device, **settings):
        history = fit(self, *args, device="cpu", **settings)
        if device == "meta":
            history.records[1] = dataclasses.replace(history.records[1], loss=9.0)
        return history

    def changed(path):
        loaded = load(path)
        with torch.no_grad():
            for weight in loaded.parameters():
                weight += 0.1
        return loaded

    load = fgnn.load_learner
    monkeypatch.setattr(kinds[kind], "fit", otherwise)
    monkeypatch.setattr(fgnn, "load_learner", changed)
    first = next(getattr(on_device, f"of_{kind}")("meta", epochs=2))
    assert first.losses > 1
    assert first.loaded > 1e-2
