"""Backprop is PyG's, in all its forms."""

import copy

import pytest
import torch
from torch.nn import functional
from torch_geometric.nn import GAT, GCN, GraphSAGE
from toys import odd_graph, weighted_graph

import fgnn_lite as fgnn
from fgnn_lite.layers import BACKBONES

PYG = {"gcn": GCN, "sage": GraphSAGE, "gat": GAT}


@pytest.mark.parametrize("backbone", list(BACKBONES))
@pytest.mark.parametrize(("depth", "temperature"), [(1, 1.0), (3, 1.0), (3, 0.25)])
def test_bp_is_pyg_trained_the_usual_way(backbone: str, depth: int, temperature: float) -> None:
    data = fgnn.load_graph("karate")
    learner = fgnn.make_learner("bp", backbone, depth=depth, hidden=16, temperature=temperature)
    history = learner.fit(data, epochs=1, restore_best=False, device="cpu")
    start = fgnn.make_learner("bp", backbone, depth=depth, hidden=16)
    start._build(34, 4, torch.float32)

    extra = {"heads": 4} if backbone == "gat" else {}
    model = PYG[backbone](34, 16, num_layers=depth, out_channels=4, **extra)
    for conv, layer in zip(model.convs, start.layers, strict=True):
        conv.load_state_dict(layer.conv.state_dict())
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=5e-4)
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        out = model(data.x, data.edge_index)[data.train_mask]
        loss = functional.cross_entropy(out / temperature, data.y[data.train_mask])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    history = learner.fit(data, epochs=20, restore_best=False, device="cpu")
    assert history.layers == [None]
    assert history.curve("loss")[1] == pytest.approx(losses, abs=1e-5)
    expected = model(data.x, data.edge_index).argmax(-1)
    assert torch.equal(learner.predict(data), expected)


@pytest.mark.parametrize("adjacency", ["edges", "sparse"])
@pytest.mark.parametrize("field", ["edge_weight", "edge_attr"])
def test_weighted_edges_are_pygs(adjacency: str, field: str) -> None:
    data = weighted_graph()
    weight = data.edge_weight
    data[field] = data.edge_weight.double()  # another type than x
    learner = fgnn.make_learner("bp", depth=3, hidden=16, adjacency=adjacency)
    learner._build(6, 3, torch.float32)
    model = GCN(6, 16, num_layers=3, out_channels=3)
    for conv, layer in zip(model.convs, learner.layers, strict=True):
        conv.load_state_dict(layer.conv.state_dict())
    if field == "edge_attr":  # as PyG's GDC leaves it
        del data.edge_weight
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=5e-4)
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        out = model(data.x, data.edge_index, weight)
        loss = functional.cross_entropy(out[data.train_mask], data.y[data.train_mask])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    history = learner.fit(data, epochs=20, restore_best=False, device="cpu")
    assert history.curve("loss")[1] == pytest.approx(losses, abs=1e-5)
    torch.testing.assert_close(
        learner.class_scores(data)[0],
        model(data.x, data.edge_index, weight).detach(),
        atol=1e-5,
        rtol=0,
    )


@pytest.mark.parametrize("backbone", list(BACKBONES))
@pytest.mark.parametrize("options", [{"adjacency": "sparse"}, {"checkpoint": True}])
def test_other_costs_same_function(backbone: str, options: dict) -> None:
    data = odd_graph()
    plain = fgnn.make_learner("bp", backbone, depth=5, hidden=16, features="sum")
    other = fgnn.make_learner("bp", backbone, depth=5, hidden=16, features="sum", **options)
    first = plain.fit(data, epochs=20, restore_best=False).curve("loss")[1]
    second = other.fit(data, epochs=20, restore_best=False).curve("loss")[1]
    assert first == pytest.approx(second, abs=1e-5)
    for one, two in zip(plain.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(one, two, atol=1e-5, rtol=0)


def test_no_test_label_is_reachable() -> None:
    data = fgnn.load_graph("karate")
    other = copy.copy(data)
    other.y = data.y.clone()
    other.y[data.test_mask] = data.y[data.test_mask].roll(3)
    one, two = (fgnn.make_learner("bp", hidden=16) for _ in range(2))
    one.fit(data, epochs=30)
    two.fit(other, epochs=30)
    assert torch.equal(one.class_scores(data)[0], two.class_scores(other)[0])


def test_depth_begins_alike() -> None:
    shallow, deep = fgnn.make_learner("bp", depth=3), fgnn.make_learner("bp", depth=5)
    shallow._build(34, 4, torch.float32)
    deep._build(34, 4, torch.float32)
    for one, two in zip(shallow.layers[:2], deep.layers[:2], strict=True):
        for a, b in zip(one.parameters(), two.parameters(), strict=True):
            assert torch.equal(a, b)


def test_it_learns_the_digits() -> None:
    data = fgnn.load_graph("digits")
    learner = fgnn.make_learner("bp", adjacency="sparse")
    learner.fit(data)
    assert learner.score(data) > 0.93
    assert learner.layer_scores(data) == [learner.score(data)]
