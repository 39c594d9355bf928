"""Class groups: goodness by hand, a naive twin, locality, and memory that depth does not see."""

import itertools
import math

import numpy as np
import pytest
import torch
from torch.nn import functional
from toys import edges_of, odd_graph, path_graph, weighted_graph

import fgnn_lite as fgnn
from fgnn_lite.layers import Layer
from fgnn_lite.objectives import group_goodness, mean_squares
from fgnn_lite.seeds import default_generator


def test_groups_by_hand() -> None:
    h = torch.tensor([[1.0, 3.0, 2.0, 0.0], [0.0, 0.0, 1.0, -1.0]])
    wanted = torch.tensor([[5.0, 2.0], [0.0, 1.0]])
    torch.testing.assert_close(group_goodness(h, 2), wanted)
    torch.testing.assert_close(group_goodness(h, 4), h.square())
    torch.testing.assert_close(group_goodness(h, 1)[:, 0], mean_squares(h))


@pytest.mark.parametrize(("units", "groups"), [(5, 2), (16, 7), (10, 4), (7, 7), (9, 1)])
def test_uneven_groups_are_means_too(units: int, groups: int) -> None:
    """Units side by side, each in one group; sizes differ by one at most."""
    h = torch.rand(6, units, generator=torch.Generator().manual_seed(0))
    bounds = [math.ceil(k * units / groups) for k in range(groups + 1)]
    parts = [h[:, a:b].square().mean(1) for a, b in itertools.pairwise(bounds)]
    torch.testing.assert_close(group_goodness(h, groups), torch.stack(parts, dim=1))
    sizes = np.diff(bounds)
    assert sizes.sum() == units
    assert sizes.max() - sizes.min() <= 1
    constant = torch.full((2, units), 3.0)
    torch.testing.assert_close(group_goodness(constant, groups), torch.full((2, groups), 9.0))


@pytest.mark.parametrize("groups", [0, -1, 5])
def test_more_groups_than_units(groups: int) -> None:
    with pytest.raises(ValueError, match=f"groups must be from 1 to the 4 units.*got {groups}"):
        group_goodness(torch.ones(2, 4), groups)


def test_fewer_units_than_classes_are_refused() -> None:
    data = odd_graph()
    learner = fgnn.make_learner("class-groups", hidden=2)
    with pytest.raises(ValueError, match=r"hidden must be at least the graph's 3 classes.*got 2"):
        learner.fit(data, epochs=1)
    assert not len(learner.layers)
    fgnn.make_learner("class-groups", hidden=3).fit(data, epochs=1)


def test_the_first_loss_on_four_nodes() -> None:
    """Node 0 is of class 0, node 3 of class 1: softmax over two means of two squares each."""
    data = path_graph()
    learner = fgnn.make_learner("class-groups", depth=1, hidden=4, temperature=0.5)
    loss = learner.fit(data, epochs=1, restore_best=False, device="cpu").records[0].loss
    learner._build(2, 2, torch.float32)
    weight = learner.layers[0].conv.lin.weight.detach().double().numpy()  # [4, 2]
    x = np.array([[1, 0], [1, 1], [0, 1], [0, 2]], dtype=float)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    # 0 hears itself and 1: degrees 2 and 3; 3 hears itself and 2
    heard = x[[0, 3]] / 2 + x[[1, 2]] / math.sqrt(6)
    z = np.maximum(heard @ weight.T, 0)
    g = np.stack([(z[:, :2] ** 2).mean(1), (z[:, 2:] ** 2).mean(1)], axis=1) / 0.5
    wanted = (math.log1p(math.exp(g[0, 1] - g[0, 0])) + math.log1p(math.exp(g[1, 0] - g[1, 1]))) / 2
    assert abs(wanted - math.log(2)) > 1e-3
    assert loss == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("backbone", fgnn.BACKBONES)
@pytest.mark.parametrize("graph", [odd_graph, weighted_graph])
def test_it_is_what_one_would_first_write(backbone: str, graph) -> None:  # type: ignore[no-untyped-def]
    """PyG's layers, all rows computed, nothing propagated in advance, plain Adam."""
    if graph is weighted_graph and backbone != "gcn":
        pytest.skip("only GCN weighs edges")
    data = graph()
    data = data.apply(lambda t: t.double() if t.is_floating_point() else t)
    learner = fgnn.make_learner("class-groups", backbone, depth=3, hidden=16, temperature=0.1)
    history = learner.fit(data, epochs=15, lr=0.01, restore_best=False, device="cpu")
    x, votes = data.x, torch.zeros(40, 3, dtype=torch.float64)
    for number in (1, 2, 3):
        with default_generator(0, number):
            layer = Layer(backbone, x.shape[1], 16).double()
        x = (x / (x.norm(dim=1, keepdim=True) + 1e-8)).detach()
        optimizer = torch.optim.Adam(layer.parameters(), lr=0.01, weight_decay=5e-4)
        losses = []
        for _ in range(15):
            z = layer.conv(x, *edges_of(data)).relu()
            logits = torch.stack([z[:, a:b].square().mean(1) for a, b in PARTS], dim=1) / 0.1
            loss = functional.cross_entropy(logits[data.train_mask], data.y[data.train_mask])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        assert history.curve("loss", number)[1] == pytest.approx(losses, abs=1e-9)
        with torch.no_grad():
            x = layer.conv(x, *edges_of(data)).relu()
            logits = torch.stack([x[:, a:b].square().mean(1) for a, b in PARTS], dim=1) / 0.1
            votes += logits.softmax(-1)
    torch.testing.assert_close(learner.class_scores(data)[-1], votes, atol=1e-8, rtol=0)


PARTS = ((0, 6), (6, 11), (11, 16))  # 16 units, three classes


def test_a_deeper_net_begins_like_a_shallower_one() -> None:
    data = fgnn.load_graph("karate")
    shallow, deep = (fgnn.make_learner("class-groups", depth=d, hidden=16) for d in (2, 4))
    shallow.fit(data, epochs=10)
    deep.fit(data, epochs=10)
    for key, value in shallow.state_dict().items():
        assert torch.equal(value, deep.state_dict()[key])
    assert shallow.layer_scores(data) == deep.layer_scores(data)[:2]


def test_a_graph_is_not_changed() -> None:
    data = fgnn.load_graph("digits")
    before = data.x.clone()
    learner = fgnn.make_learner(
        "class-groups", depth=2, hidden=64
    )  # as wide as the pixels are many
    learner.fit(data, epochs=2)
    learner.predict(data)
    assert torch.equal(data.x, before)


@pytest.mark.parametrize("backbone", fgnn.BACKBONES)
def test_it_learns_the_digits(backbone: str) -> None:
    data = fgnn.load_graph("digits")
    learner = fgnn.make_learner("class-groups", backbone, depth=2, hidden=60, temperature=0.1)
    learner.fit(data, epochs=200, lr=0.01)
    assert learner.score(data) > 0.85
