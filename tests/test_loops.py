"""Training loops of later chapters: Adam by hand, and scores on the way."""

from __future__ import annotations

import pytest
import torch

import fgnn_lite as fgnn
from fgnn_lite.book import loops


def test_updates_are_those_of_adam() -> None:
    w, other = torch.tensor([3.0, -2.0], requires_grad=True), torch.tensor(1.0, requires_grad=True)
    twin = w.detach().clone().requires_grad_()
    losses = loops.descend([w], lambda: other * w.square().sum(), 7, 0.1, weight_decay=0.01)
    adam, wanted = torch.optim.Adam([twin], 0.1, weight_decay=0.01), []
    for _ in range(7):
        loss = twin.square().sum()
        adam.zero_grad()
        loss.backward()
        adam.step()
        wanted.append(loss.item())
    assert losses == wanted
    assert torch.equal(w, twin)
    assert other.item() == 1.0
    with pytest.raises(ValueError, match="updates must be"):
        loops.descend([w], w.sum, 0, 0.1)


def test_scores_are_taken_on_the_way_and_where_a_layer_ends() -> None:
    nets = [fgnn.make_cluster_learner("cluster-dgi", 2, depth=2, hidden=4, seed=s) for s in (0, 5)]
    karate = fgnn.load_graph("karate")
    found = loops.during(
        nets, karate, lambda net: net.trained_layers + 10 * net.seed, every=2, epochs=5
    )
    assert found == {2: [1, 51], 4: [1, 51], 5: [1, 51], 6: [2, 52], 8: [2, 52], 10: [2, 52]}
    with pytest.raises(ValueError, match="every must be"):
        loops.during(nets, karate, float, every=0, epochs=5)


def test_losses_are_compared_with_those_of_the_library() -> None:
    karate = fgnn.load_graph("karate")
    net = fgnn.make_cluster_learner("cluster-dgi", 2, depth=2, hidden=4)
    history = net.fit(karate, epochs=30)
    own = [record.loss for record in history][:30]
    assert loops.gap(own, history) == 0.0
    own[3] += 0.25
    own[25] += 1.0
    assert loops.gap(own, history) == pytest.approx(0.25)
    assert loops.gap(own, history, first=30) == pytest.approx(1.0)
    with pytest.raises(ValueError, match="zip"):
        loops.gap([*own, *own, 1.0], history, first=99)
