"""Angles between directions, and between a layer's own direction and the true gradient."""

import math
from typing import Any

import pytest
import torch
from sklearn.exceptions import NotFittedError
from torch.nn import functional
from toys import everything, odd_graph

import fgnn_lite as fgnn
from fgnn_lite.book.angles import angles, between
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
    before = everything(learner)
    *lower, top = angles(learner, data)
    assert everything(learner) == before
    assert all(parameter.grad is None for parameter in learner.parameters())
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
def test_the_true_gradient_is_that_of_finite_differences(name: str) -> None:
    """One weight of the lowest layer: what a small step does to the loss that is named."""
    learner, data = fitted(name, temperature=0.5)
    train = nodes_in(data, "train_mask")

    def loss() -> float:
        if name == "dfa":
            logits = learner.class_scores(data)[-1][train] / 0.5
        else:
            learner.accumulate = "last"
            logits = learner.class_scores(data)[-1][train].log()
        return float(functional.cross_entropy(logits, data.y[train]))

    import fgnn_lite.book.angles as module

    true: list[Any] = []
    real = module.between
    module.between = lambda u, v: true.append(v) or real(u, v)
    try:
        angles(learner, data)
    finally:
        module.between = real
    (weight, *_), gradient = learner.layers[0].parameters(), true[0][0]
    for place in ((0, 0), (3, 2), (7, 5)):
        ends = []
        for step in (1e-6, -2e-6):
            with torch.no_grad():
                weight.view(len(weight), -1)[place if weight.dim() == 2 else (place[0], 0)] += step
            ends.append(loss())
        with torch.no_grad():
            weight.view(len(weight), -1)[place if weight.dim() == 2 else (place[0], 0)] += 1e-6
        at = gradient[place] if weight.dim() == 2 else gradient[place[0]]
        assert (ends[0] - ends[1]) / 2e-6 == pytest.approx(float(at), abs=1e-7, rel=1e-4)


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


def test_what_has_no_angle() -> None:
    data = odd_graph()
    with pytest.raises(TypeError, match="learner must be a DFA, SF or ClassGroups; got BP"):
        angles(fgnn.make_learner("bp"), data)
    with pytest.raises(NotFittedError):
        angles(fgnn.make_learner("dfa"), data)
