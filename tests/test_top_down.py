"""Single-forward with top-down signals: exact, local, without leaks."""

import math

import pytest
import torch
from naive import naive_top_down
from toys import odd_graph, watch_locality, weighted_graph

import fgnn_lite as fgnn
from fgnn_lite.layers import BACKBONES
from fgnn_lite.learners.run import Budget, Run
from fgnn_lite.learners.top_down import order

BOTH = ("sf-top-to-input", "sf-top-to-loss")


def assert_fast_is_naive(data, name: str, backbone: str, **options) -> None:
    """In double precision: layers that feed each other amplify the rounding of single."""
    data.x = data.x.double()
    settings = {"depth": 3, "hidden": 16, "seed": 3, "temperature": 0.7, **options}
    learner = fgnn.make_learner(name, backbone, **settings)
    history = learner.fit(data, epochs=20, restore_best=False, device="cpu")
    layers, losses, votes = naive_top_down(data, name, backbone, epochs=20, **settings)
    assert history.layers == [1, 2, 3]
    each = [history.curve("loss", layer)[1] for layer in history.layers]
    assert [sum(step) / 3 for step in zip(*each, strict=True)] == pytest.approx(losses, abs=1e-8)
    for fast, slow in zip(learner.layers, layers, strict=True):
        for one, other in zip(fast.parameters(), slow.parameters(), strict=True):
            torch.testing.assert_close(one, other, atol=1e-8, rtol=0)
    torch.testing.assert_close(learner.class_scores(data)[-1], votes, atol=1e-6, rtol=0)


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("backbone", list(BACKBONES))
@pytest.mark.parametrize("graph", ["karate", "digits"])
@pytest.mark.slow
def test_fast_is_naive(name: str, backbone: str, graph: str) -> None:
    assert_fast_is_naive(fgnn.load_graph(graph), name, backbone, features="l2")


def test_a_long_gradient_is_cut_to_length_one_and_keeps_its_direction(monkeypatch) -> None:
    """Sharp logits make gradients that are long in several entries, so that a cut shows."""
    seen, real = [], torch.nn.utils.clip_grad_norm_

    def cut(parameters, length: float) -> torch.Tensor:
        parameters = list(parameters)
        entries = torch.cat([p.grad.flatten() for p in parameters])
        seen.append((float(entries.norm()), int((entries.abs() > 1).sum())))
        return real(parameters, length)

    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", cut)
    data = fgnn.load_graph("karate")
    assert_fast_is_naive(data, "sf-top-to-loss", "gcn", features="l2", temperature=0.005)
    assert max(length for length, _ in seen) > 5
    assert max(many for _, many in seen) > 5


@pytest.mark.parametrize(
    ("clip", "moved"), [(1.0, [0.6, -0.8]), (2.5, [1.5, -2.0]), (6.0, [3.0, -4.0]), (None, [3, -4])]
)
def test_where_a_gradient_is_cut(clip: float | None, moved: list[float]) -> None:
    """Plain gradient descent with steps of size one moves by the gradient, here (3, -4)."""
    budget = Budget(
        epochs=1, patience=1, val_every=1, lr=1e-3, weight_decay=0.0, on_epoch=None,
        progress=False, restore_best=True,
    )  # fmt: skip
    run = Run(budget, torch.device("cpu"), total=1, count=lambda history: None)
    weight = torch.zeros(2, requires_grad=True)
    loss = weight @ torch.tensor([3.0, -4.0])
    run.step(torch.optim.SGD([weight], lr=1.0), loss, clip)
    torch.testing.assert_close(-weight.detach(), torch.tensor(moved, dtype=torch.float32))
    assert weight.grad is None


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("backbone", list(BACKBONES))
def test_sparse_input_is_naive_too(name: str, backbone: str) -> None:
    data = odd_graph()
    mask = torch.rand(40, 300, generator=torch.Generator().manual_seed(2)) > 0.97
    data.x = torch.cat([data.x, mask.float()], dim=1)
    data.x[::7] = 0.0
    assert_fast_is_naive(data, name, backbone, features="sum")


@pytest.mark.parametrize("name", BOTH)
def test_weighted_edges_are_naive_too(name: str) -> None:
    data = weighted_graph()
    data.edge_weight = data.edge_weight.double()
    assert_fast_is_naive(data, name, "gcn", features="l2")


def test_simultaneous_updates_are_naive_and_differ() -> None:
    data = fgnn.load_graph("karate")
    assert_fast_is_naive(data, "sf-top-to-input", "gcn", updates="simultaneous")
    one, two = (
        fgnn.make_learner("sf-top-to-input", depth=3, hidden=16, updates=updates)
        for updates in ("alternating", "simultaneous")
    )
    one.fit(data, epochs=5)
    two.fit(data, epochs=5)
    assert not torch.equal(one.class_scores(data)[-1], two.class_scores(data)[-1])


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("accumulate", ["skip-first", "last"])
def test_other_votes_are_naive_too(name: str, accumulate: str) -> None:
    options = {"steps": 4} if name == "sf-top-to-input" else {}
    data = fgnn.load_graph("karate")
    assert_fast_is_naive(data, name, "gcn", accumulate=accumulate, **options)


@pytest.mark.parametrize(
    ("name", "options", "last"),
    [
        ("sf-top-to-input", {"updates": "alternating"}, 2),
        ("sf-top-to-input", {"updates": "simultaneous"}, 3),
        ("sf-top-to-loss", {}, 3),
    ],
)
def test_the_last_layer_to_move_is_validated(name: str, options: dict, last: int) -> None:
    learner = fgnn.make_learner(name, depth=3, hidden=8, **options)
    history = learner.fit(fgnn.load_graph("karate"), epochs=3, val_every=1, device="cpu")
    assert [r.layer for r in history if r.val_accuracy is not None] == [last] * 3


def test_the_order_of_moves() -> None:
    assert order("alternating", 5) == [[0, 2, 4], [1, 3]]
    assert order("alternating", 1) == [[0]]
    assert order("simultaneous", 3) == [[0, 1, 2]]


@pytest.mark.parametrize("above", ["states", "labels", "nothing"])
def test_what_is_left_out_from_above_is_zeros(above: str) -> None:
    assert_fast_is_naive(fgnn.load_graph("karate"), "sf-top-to-input", "gcn", above=above)


def test_prediction_can_leave_out_what_is_above() -> None:
    """With nothing from above every step of prediction is the pass from the bottom."""
    data = fgnn.load_graph("karate")
    learner = fgnn.make_learner("sf-top-to-input", depth=3, hidden=16)
    learner.fit(data, epochs=20, device="cpu")
    before = learner.class_scores(data)[-1]
    without = learner.class_scores(data, above="nothing")[-1]
    assert not torch.allclose(without, before, atol=1e-2)
    assert learner.above == "all"
    assert torch.equal(learner.class_scores(data, above="all")[-1], before)
    assert torch.equal(learner.class_scores(data)[-1], before)
    learner.steps = 3  # one step is counted, in place of eight
    torch.testing.assert_close(8 * learner.class_scores(data, above="nothing")[-1], without)
    with pytest.raises(ValueError, match="above must be one of"):
        learner.class_scores(data, above="everything")


def test_the_top_layer_of_top_to_loss_is_judged_alone() -> None:
    """With one layer there is nothing above it: single-forward with clipped gradients."""
    data = fgnn.load_graph("karate")
    plain = fgnn.make_learner("sf", depth=1, hidden=16)
    top = fgnn.make_learner("sf-top-to-loss", depth=1, hidden=16)
    losses = [each.fit(data, epochs=1, restore_best=False).records[0].loss for each in (plain, top)]
    assert losses[0] == pytest.approx(losses[1], abs=1e-6)


@pytest.mark.parametrize("name", BOTH)
def test_no_gradient_in_any_other_layer(name: str, monkeypatch) -> None:
    learner = fgnn.make_learner(name, depth=3, hidden=16)
    seen = watch_locality(monkeypatch, learner)
    learner.fit(fgnn.load_graph("karate"), epochs=2)
    assert seen == [1.0 if name == "sf-top-to-loss" else None] * 6


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("backbone", list(BACKBONES))
def test_odd_graphs_train(name: str, backbone: str) -> None:
    data = odd_graph()
    learner = fgnn.make_learner(name, backbone, depth=3, hidden=16, virtual_edges="to-virtual")
    history = learner.fit(data, epochs=10)
    assert all(math.isfinite(record.loss) for record in history)
    assert len(learner.layer_scores(data)) == 3


@pytest.mark.parametrize("name", BOTH)
def test_they_learn_the_digits(name: str) -> None:
    data = fgnn.load_graph("digits")
    learner = fgnn.make_learner(name, depth=2, hidden=64)
    learner.fit(data, epochs=100, lr=0.01)
    assert learner.score(data) > 0.9


BAD = [
    ({"above": "label"}, ValueError, "labels"),
    ({"updates": "random"}, ValueError, "alternating"),
    ({"steps": 2}, ValueError, "steps must be an integer of at least 3"),
    ({"steps": 3.5}, TypeError, "steps"),
]


@pytest.mark.parametrize(("option", "error", "words"), BAD)
def test_bad_options(option: dict, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        fgnn.make_learner("sf-top-to-input", **option)
