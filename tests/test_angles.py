"""Angles between directions, and between a layer's own direction and the true gradient."""

import math
from typing import Any

import pytest
import scripts
import torch
from sklearn.exceptions import NotFittedError
from torch.nn import functional
from toys import everything, odd_graph

import fgnn_lite as fgnn
from fgnn_lite.book.angles import along, angles, between
from fgnn_lite.learners.base import nodes_in

KNOWN = ("dfa", "sf", "class-groups")


def test_angles_by_hand() -> None:
    right, up = torch.tensor([1.0, 0.0]), torch.tensor([[0.0, 2.0]])
    zero = torch.zeros(2)
    assert between([right], [3 * right]) == pytest.approx(0.0)
    assert between([right], [up.flatten()]) == pytest.approx(90.0)
    assert between([right], [-right]) == pytest.approx(180.0)
    assert between([right, up], [right, zero]) == pytest.approx(math.degrees(math.atan(2.0)))
    assert math.isnan(between([right], [zero]))
    near = torch.tensor([1.0, 1e-4])  # in float32 its cosine is 1
    assert between([right], [near]) == pytest.approx(math.degrees(1e-4), rel=1e-3)


def fitted(name: str, backbone: str = "gcn", **options: Any) -> tuple[Any, Any]:
    data = odd_graph()
    data.x = data.x.double()
    learner = fgnn.make_learner(name, backbone, **{"depth": 3, "hidden": 16, **options})
    learner.fit(data, epochs=5, lr=0.01, device="cpu")
    return learner, data


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("backbone", fgnn.BACKBONES)
def test_the_top_layer_has_the_true_gradient_and_the_others_have_not(name, backbone) -> None:  # type: ignore[no-untyped-def]
    learner, data = fitted(name, backbone)
    for parameter in learner.parameters():
        parameter.grad = torch.ones_like(parameter)
    before = everything(learner)
    *lower, top = angles(learner, data)
    assert everything(learner) == before
    assert all(bool((parameter.grad == 1).all()) for parameter in learner.parameters())
    assert top == pytest.approx(0.0, abs=1e-3)
    assert len(lower) == 2
    assert min(lower) > 1.0


def test_the_upper_ones_weights_close_the_angle() -> None:
    learner, data = fitted("dfa", depth=2)
    assert angles(learner, data)[0] > 10
    learner.feedback[0] = learner.layers[1].conv.lin.weight.detach()
    assert max(angles(learner, data)) == pytest.approx(0.0, abs=1e-3)
    learner.feedback[0] *= -1
    assert angles(learner, data)[0] == pytest.approx(180.0, abs=1e-3)


@pytest.mark.parametrize("name", KNOWN)
def test_the_true_gradient_is_that_of_finite_differences(name: str, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """What a small step of one weight of the lowest layer does to the loss that is named."""
    learner, data = fitted(name, temperature=0.5)
    train = nodes_in(data, "train_mask")
    learner.accumulate = "last"

    def loss() -> float:
        scores = learner.class_scores(data)[-1][train]
        logits = scores / 0.5 if name == "dfa" else scores.log()
        return float(functional.cross_entropy(logits, data.y[train]))

    true: list[list[torch.Tensor]] = []
    monkeypatch.setattr("fgnn_lite.book.angles.between", lambda u, v: true.append(v))
    angles(learner, data)
    weight = learner.layers[0].conv.lin.weight
    number = next(k for k, p in enumerate(learner.layers[0].parameters()) if p is weight)
    gradient = true[0][number]
    assert gradient.abs().max() > 1e-4
    for place in (
        (0, 0),
        (3, 2),
        (7, 5),
        tuple((gradient.abs() == gradient.abs().max()).nonzero()[0]),
    ):
        ends = []
        for step in (1e-6, -2e-6, 1e-6):
            with torch.no_grad():
                weight[place] += step
            ends.append(loss())
        slope = (ends[0] - ends[1]) / 2e-6
        assert slope == pytest.approx(float(gradient[place]), abs=1e-8, rel=1e-4)


def test_on_epoch_may_ask() -> None:
    data = odd_graph()
    learner, other = (fgnn.make_learner("dfa", depth=3, hidden=16) for _ in range(2))
    found: list[list[float]] = []
    learner.fit(data, epochs=4, on_epoch=lambda _: found.append(angles(learner, data)))
    other.fit(data, epochs=4)
    assert len(found) == 4
    assert found[0] != found[3]
    for one, two in zip(learner.parameters(), other.parameters(), strict=True):
        assert torch.equal(one, two)


def test_angles_along_the_way_are_those_of_shorter_runs() -> None:
    data = odd_graph()
    learner, other = (fgnn.make_learner("dfa", depth=3, hidden=16) for _ in range(2))
    found = along(learner, data, every=2, epochs=5, lr=0.01, restore_best=False)
    assert list(found) == [1, 2, 4, 5]
    for updates in found:
        other.fit(data, epochs=updates, lr=0.01, restore_best=False)
        assert angles(other, data) == pytest.approx(found[updates], abs=1e-2)


def test_what_has_no_angle() -> None:
    data = odd_graph()
    with pytest.raises(ValueError, match="must move all layers at once; 'sf' does not"):
        along(fgnn.make_learner("sf"), data)
    with pytest.raises(ValueError, match="every must be an integer of at least 1"):
        along(fgnn.make_learner("dfa"), data, every=0)
    with pytest.raises(TypeError, match="learner must be a DFA, SF or ClassGroups; got BP"):
        angles(fgnn.make_learner("bp"), data)
    with pytest.raises(NotFittedError):
        angles(fgnn.make_learner("dfa"), data)


def angles_stored(**place: Any) -> list[float]:
    rows = fgnn.load_results("angle")["rows"]
    return [row["angle"] for row in rows if all(row[k] == v for k, v in place.items())]


@pytest.mark.parametrize("graph", ["digits", "cora-ml"])
@pytest.mark.parametrize("layer", [1, 2])
def test_feedback_comes_to_point_the_right_way(graph: str, layer: int) -> None:
    """In every run: at first it points nowhere, after 100 updates well within 90 degrees."""
    first, last = (
        angles_stored(graph=graph, method="dfa", layer=layer, updates=n) for n in (1, 100)
    )
    assert len(first) == len(last) == 3
    assert sum(first) / 3 > 80
    assert max(last) < 75
    assert all(after < before - 15 for before, after in zip(first, last, strict=True))


@pytest.mark.parametrize("method", KNOWN)
def test_a_stored_angle_can_be_had_again(method: str) -> None:
    script = scripts.benchmark("angle")
    place = {"graph": "digits", "method": method, "seed": 1}
    wanted = {
        (row["layer"], row["updates"]): row["angle"]
        for row in fgnn.load_results("angle")["rows"]
        if all(row[key] == value for key, value in place.items()) and row["updates"] <= 5
    }
    assert len(wanted) == 6
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(script, "UPDATES", 5)
        rows = script.train(script.Job(**place))
    found = {(row["layer"], row["updates"]): row["angle"] for row in rows}
    assert found == pytest.approx(wanted, abs=1.0)
