"""Every objective on four nodes, from a matrix that one can write down; and what is left out
nowhere: locality, leaks and order, for every learner and option."""

import copy
import itertools
import math

import numpy as np
import pytest
import torch
from torch_geometric.data import Data
from toys import odd_graph, path_graph, watch_locality

import fgnn_lite as fgnn
from fgnn_lite import hinton
from fgnn_lite.augment import add_virtual_nodes
from fgnn_lite.layers import BACKBONES, Layer
from fgnn_lite.learners.feeders import Batches
from fgnn_lite.learners.ff import FF
from fgnn_lite.learners.net import KINDS, Net
from fgnn_lite.seeds import default_generator, generator

# --- four nodes by hand ----------------------------------------------------------------------

# 0 - 1 - 2 - 3; node 0 is of class 0, node 3 of class 1. A + I, then D^-1/2 (A + I) D^-1/2.
PATH = np.array([[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 1], [0, 0, 1, 1]], dtype=float)
X = np.array([[1, 0], [1, 1], [0, 1], [0, 2]], dtype=float)
V = np.array([[1, 0], [0, 1]], dtype=float)  # the class nodes' features, here


def gcn(adjacency: np.ndarray) -> np.ndarray:
    """D^-1/2 A D^-1/2: degrees count in-edges."""
    degree = adjacency.sum(1)
    return adjacency / np.sqrt(np.outer(degree, degree))


def unit(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def softplus(z: float) -> float:
    return math.log(1 + math.exp(z))


def with_class_nodes(first: int, last: int) -> np.ndarray:
    """Nodes 4 and 5 stand for the classes; node 0 is linked to 4 + first, node 3 to 4 + last."""
    whole = np.eye(6)
    whole[:4, :4] = PATH
    for node, of in ((0, first), (3, last)):
        whole[node, 4 + of] = whole[4 + of, node] = 1
    return whole


def sf_loss_by_hand(z: np.ndarray) -> float:
    """Node 0 should agree with row 4 more than with row 5, node 3 the other way round."""
    zero, three = z[0] @ z[5] - z[0] @ z[4], z[3] @ z[4] - z[3] @ z[5]
    return (softplus(zero) + softplus(three)) / 2


def ff_loss_by_hand(positive: list[float], negative: list[float], theta: float = 2.0) -> float:
    above = sum(softplus(theta - g) for g in positive) / len(positive)
    return above + sum(softplus(g - theta) for g in negative) / len(negative)


@pytest.fixture
def identity(monkeypatch) -> None:
    """All weights are 1 on the diagonal and 0 elsewhere; class nodes have the features V."""
    real = Net._build

    def build(self: Net, *sizes: object) -> None:
        real(self, *sizes)
        with torch.no_grad():
            for layer in self._net():
                weight = layer.conv.lin.weight
                weight.copy_(torch.eye(*weight.shape))

    def features(c: int, f: int, seed: int, dtype: torch.dtype) -> torch.Tensor:
        return torch.tensor(V, dtype=dtype)

    monkeypatch.setattr(Net, "_build", build)
    monkeypatch.setattr("fgnn_lite.learners.single_forward.virtual_features", features)
    monkeypatch.setattr("fgnn_lite.learners.ff_vn.virtual_features", features)


def first_losses(name: str, **options: object) -> list[float]:
    learner = fgnn.make_learner(name, hidden=2, features="none", **options)
    history = learner.fit(path_graph(), epochs=1, restore_best=False, device="cpu")
    return [history.of(layer)[0].loss for layer in history.layers]


@pytest.mark.usefixtures("identity")
def test_single_forward_on_four_nodes() -> None:
    z = gcn(with_class_nodes(0, 1)) @ np.vstack([unit(X), V])  # nothing is negative: no ReLU
    # node 0 aggregates itself and node 1 (degree 3 each) and its class node (degree 2)
    assert z[0] == pytest.approx([1 / 3 + 1 / math.sqrt(18) + 1 / math.sqrt(6), 1 / math.sqrt(18)])
    assert first_losses("sf", depth=1) == pytest.approx([sf_loss_by_hand(z)], abs=1e-6)
    low = sf_loss_by_hand(2 * z)  # twice as long is a quarter of the temperature
    assert first_losses("sf", depth=1, temperature=0.25) == pytest.approx([low], abs=1e-6)


@pytest.mark.usefixtures("identity")
def test_top_to_loss_on_four_nodes() -> None:
    """V_1 = mean(Z_1, norm(Z_2)): the first layer is judged with the state of the second one."""
    m = gcn(with_class_nodes(0, 1))
    first = m @ np.vstack([unit(X), V])
    second = m @ unit(first)
    wanted = [sf_loss_by_hand((first + unit(second)) / 2), sf_loss_by_hand(second)]
    assert first_losses("sf-top-to-loss", depth=2) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.usefixtures("identity")
def test_top_to_input_on_four_nodes() -> None:
    """Weights [I | 0]: what comes from above has weight zero, so it is plain SF."""
    z = gcn(with_class_nodes(0, 1)) @ np.vstack([unit(X), V])
    assert first_losses("sf-top-to-input", depth=1) == pytest.approx([sf_loss_by_hand(z)], abs=1e-6)


@pytest.mark.usefixtures("identity")
def test_virtual_nodes_of_forward_forward_on_four_nodes() -> None:
    """Positive: 0 and 3 are linked to their own class; the only negative swaps the classes."""
    goodness = []
    for first, last in ((0, 1), (1, 0)):
        z = gcn(with_class_nodes(first, last)) @ np.vstack([unit(X), V])
        goodness.append([(z[0] ** 2).sum(), (z[3] ** 2).sum()])
    assert first_losses("ff-vn", depth=1) == pytest.approx([ff_loss_by_hand(*goodness)], abs=1e-6)


@pytest.mark.usefixtures("identity")
@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_label_appending_on_four_nodes(temperature: float) -> None:
    half = [0.5, 0.5]
    goodness = []
    for labels in ([[1, 0], half, half, [0, 1]], [[0, 1], half, half, [1, 0]]):
        z = gcn(PATH) @ unit(np.hstack([X, np.array(labels, dtype=float)]))
        goodness.append([(z[0] ** 2).sum(), (z[3] ** 2).sum()])
    options = {"features": "none", "temperature": temperature}
    learner = fgnn.make_learner("ff-la", depth=1, hidden=4, **options)
    loss = learner.fit(path_graph(), epochs=1, restore_best=False).records[0].loss
    scaled = [[g / temperature for g in row] for row in goodness]
    assert loss == pytest.approx(ff_loss_by_hand(*scaled, theta=2.0 / temperature), abs=1e-6)
    symba = fgnn.make_learner("ff-la", depth=1, hidden=4, loss="symba", **options)
    loss = symba.fit(path_graph(), epochs=1, restore_best=False).records[0].loss
    pairs = [softplus(-4 * (p - n) / temperature) for p, n in zip(*goodness, strict=True)]
    assert loss == pytest.approx(sum(pairs) / 2, abs=1e-6)


@pytest.mark.usefixtures("identity")
@pytest.mark.parametrize("name", ["link-bp", "link-ce", "link-ff", "link-ce-top-to-input"])
def test_links_on_four_nodes(name: str) -> None:
    data = path_graph()
    data.edge_label_index = torch.tensor([[0, 1, 0, 0], [1, 2, 2, 3]])
    data.edge_label = torch.tensor([1.0, 1.0, 0.0, 0.0])
    z = gcn(PATH) @ (X if name == "link-bp" else unit(X))
    product = z[[0, 1, 0, 0]] * z[[1, 2, 2, 3]]
    logits = (product**2).sum(1) - 2.0 if name == "link-ff" else product.sum(1)
    signs = (-1, -1, 1, 1)
    wanted = sum(softplus(s * g) for s, g in zip(signs, logits, strict=True)) / 4
    learner = fgnn.make_link_learner(name, depth=1, hidden=2)
    loss = learner.fit(data, epochs=1, restore_best=False).records[0].loss
    assert loss == pytest.approx(wanted, abs=1e-6)


# --- batches of rows, naively ----------------------------------------------------------------


@pytest.mark.parametrize("backbone", ["gcn", "sage"])
def test_batches_are_naive_too(backbone: str, monkeypatch) -> None:
    """PyG's layer on the whole graph, with the same nodes in the loss of each update."""
    drawn: list[list[int]] = []
    real = Batches.__getitem__

    def watch(batches: Batches, nodes):
        drawn.append(nodes.tolist())
        return real(batches, nodes)

    monkeypatch.setattr(Batches, "__getitem__", watch)
    data = odd_graph()
    learner = fgnn.make_learner("sf", backbone, depth=1, hidden=16, batch_size=4, features="none")
    history = learner.fit(data, epochs=20, restore_best=False, device="cpu")
    n, y = len(data.x), data.y[data.train_mask]
    whole = add_virtual_nodes(data)
    x = whole.x / (whole.x.norm(dim=1, keepdim=True) + 1e-8)
    with default_generator(0, 1):
        layer = Layer(backbone, 6, 16)
    optimizer = torch.optim.Adam(layer.parameters(), lr=1e-3, weight_decay=5e-4)
    batches = iter(drawn)
    for record in history:
        total = 0.0
        for batch in itertools.islice(batches, 4):  # 15 training nodes
            z = layer.conv(x, whole.edge_index).relu()
            logits = z[:n][data.train_mask][batch] @ z[n:].t()
            loss = torch.nn.functional.cross_entropy(logits, y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch) / len(y)
        assert record.loss == pytest.approx(total, abs=1e-5)
    for one, other in zip(learner.layers[0].parameters(), layer.parameters(), strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=0)


# --- for every learner and option ------------------------------------------------------------

WAYS: list[tuple[str, dict]] = [
    *((name, {}) for name in fgnn.LEARNERS),
    ("ff-la", {"hypotheses": "single", "label_layers": "all", "loss": "symba"}),
    ("ff-vn", {"hypotheses": "single"}),
    ("sf", {"batch_size": 3}),
    ("bp", {"head": "linear"}),
    ("bp", {"pseudo_errors": 0.5}),
    ("dfa", {"pseudo_errors": 0.5}),
    ("sign", {"batch_size": 3}),
    ("sf", {"virtual_edges": "to-virtual", "accumulate": "last"}),
]


@pytest.mark.parametrize(("name", "options"), WAYS)
@pytest.mark.parametrize("mask", ["test_mask", "val_mask"])
def test_no_label_is_reachable(name: str, options: dict, mask: str) -> None:
    """Test labels change nothing; validation labels choose the epoch, and nothing else."""
    data = fgnn.load_graph("karate")
    other = copy.copy(data)
    other.y = data.y.clone()
    other.y[data[mask]] = data.y[data[mask]].roll(3)
    assert not torch.equal(data.y, other.y)
    one, two = (fgnn.make_learner(name, hidden=16, **options) for _ in range(2))
    for learner, graph in ((one, data), (two, other)):
        learner.fit(graph, epochs=20, restore_best=mask == "test_mask", patience=1000)
    assert torch.equal(one.class_scores(data)[-1], two.class_scores(other)[-1])


ODD = ("self-loops", "doubled edges", "one-way edges", "isolated nodes", "rows of zeros")


def with_one_oddity(oddity: str) -> Data:
    """Karate, and one odd thing."""
    data = fgnn.load_graph("karate").clone()
    if oddity == "self-loops":
        loops = torch.arange(5).repeat(2, 1)
        data.edge_index = torch.cat([data.edge_index, loops, loops[:, :2]], dim=1)
    elif oddity == "doubled edges":
        data.edge_index = torch.cat([data.edge_index, data.edge_index[:, :30]], dim=1)
    elif oddity == "one-way edges":
        source, target = data.edge_index
        data.edge_index = data.edge_index[:, (source < target) | (source < 20)]
    elif oddity == "isolated nodes":
        keep = ~torch.isin(data.edge_index, torch.tensor([0, 16, 33])).any(dim=0)
        data.edge_index = data.edge_index[:, keep]
    else:
        data.x[::3] = 0.0
    return data


@pytest.mark.parametrize(("name", "options"), WAYS)
@pytest.mark.parametrize("oddity", ODD)
def test_odd_graphs_train(name: str, options: dict, oddity: str) -> None:
    data = with_one_oddity(oddity)
    for backbone in KINDS[name].backbones:
        if (backbone, *options) == ("gat", "batch_size"):
            continue  # it has no batches of rows
        learner = fgnn.make_learner(name, backbone, hidden=16, **options)
        history = learner.fit(data, epochs=3)
        assert all(math.isfinite(record.loss) for record in history)
        assert all(bool(score.isfinite().all()) for score in learner.class_scores(data))


@pytest.mark.parametrize("name", fgnn.LINK_LEARNERS)
@pytest.mark.parametrize("oddity", ODD)
def test_odd_links_train(name: str, oddity: str) -> None:
    data = with_one_oddity(oddity)
    joined = torch.zeros(34, 34, dtype=torch.bool)
    joined[data.edge_index[0], data.edge_index[1]] = True
    strangers = (~(joined | joined.t())).triu(1).nonzero().t()  # a validation link is unknown yet
    val = data.clone()
    for part, start in ((data, 0), (val, 20)):
        part.edge_label_index = strangers[:, start : start + 20]
        part.edge_label = torch.arange(20.0) % 2
    for backbone in BACKBONES:
        learner = fgnn.make_link_learner(name, backbone, hidden=16)
        learner.fit(data, val, epochs=3)
        assert torch.isfinite(learner.predict(val)).all()


def test_rows_of_zeros_are_images_too() -> None:
    data = hinton.load_images()
    data.x = data.x.clone()
    data.x[::3] = 0.0
    for kind in (hinton.SupervisedFF, hinton.UnsupervisedFF, hinton.RecurrentFF):
        net = kind(hidden=16)
        assert all(math.isfinite(record.loss) for record in net.fit(data, epochs=2))


@pytest.mark.parametrize("name", ["link-ce", "link-ff", "link-ce-top-to-input"])
def test_no_gradient_in_any_other_layer_of_links(name: str, monkeypatch) -> None:
    train, val, _ = fgnn.load_links("karate")
    learner = fgnn.make_link_learner(name, depth=3, hidden=16)
    steps = watch_locality(monkeypatch, learner)
    learner.fit(train, val, epochs=2)
    assert len(steps) == 6


@pytest.mark.parametrize("name", ["link-ce", "link-ff"])
def test_a_deeper_net_of_links_begins_like_a_shallower_one(name: str) -> None:
    train, val, test = fgnn.load_links("karate")
    shallow, deep = (fgnn.make_link_learner(name, depth=d, hidden=16) for d in (2, 4))
    shallow.fit(train, val, epochs=10)
    deep.fit(train, val, epochs=10)
    for key, value in shallow.state_dict().items():
        assert torch.equal(value, deep.state_dict()[key])
    assert shallow.layer_scores(test) == deep.layer_scores(test)[:2]


@pytest.mark.parametrize("name", fgnn.LINK_LEARNERS)
def test_the_order_of_the_nodes_does_not_matter_for_links(name: str) -> None:
    train, _, test = (part.clone() for part in fgnn.load_links("karate"))
    order = torch.randperm(34, generator=generator(1))
    place = order.argsort()
    predicted = []
    for turned in (False, True):
        parts = []
        for part in (train, test):
            new = part.clone()
            new.x = part.x.double()[order] if turned else part.x.double()
            if turned:
                new.edge_index = place[part.edge_index]
                new.edge_label_index = place[part.edge_label_index]
            parts.append(new)
        learner = fgnn.make_link_learner(name, depth=3, hidden=16)
        learner.fit(parts[0], epochs=10, restore_best=False)
        predicted.append(learner.predict(parts[1]))
    torch.testing.assert_close(*predicted, atol=1e-9, rtol=0)


@pytest.mark.parametrize(
    "kind", [hinton.SupervisedFF, hinton.RecurrentFF], ids=lambda kind: kind.name
)
def test_the_order_of_the_images_does_not_matter(kind, monkeypatch) -> None:
    """Wrong labels are drawn image by image, in order; here they depend on the label alone."""

    def turned(net: FF, labels: torch.Tensor) -> torch.Tensor:
        return torch.stack([(labels + k) % 10 for k in range(3)])

    monkeypatch.setattr(FF, "_positive_and_negatives", turned)
    data = hinton.load_images()
    data.x = data.x.double()
    order = torch.randperm(len(data.y), generator=generator(1))
    other = data.clone()
    for field in ("x", "y", "train_mask", "val_mask", "test_mask"):
        other[field] = data[field][order]
    one, two = kind(hidden=16), kind(hidden=16)
    one.fit(data, epochs=5)
    two.fit(other, epochs=5)
    scores = one.class_scores(data)[-1][order], two.class_scores(other)[-1]
    torch.testing.assert_close(*scores, atol=1e-9, rtol=0)


# --- stopping, and types of integers ---------------------------------------------------------


@pytest.mark.parametrize("count", [13, 14, 15])
@pytest.mark.parametrize(
    "name", ["sf-top-to-input", "sf-top-to-loss", "link-ce-top-to-input", "hinton-recurrent"]
)
def test_false_stops_at_once(name: str, count: int) -> None:
    told: list[fgnn.Record] = []

    def enough(record: fgnn.Record) -> bool:
        told.append(record)
        return len(told) < count

    if name == "hinton-recurrent":
        learner, parts = hinton.RecurrentFF(depth=3, hidden=8), [hinton.load_images()]
    elif name.startswith("link"):
        learner = fgnn.make_link_learner(name, depth=3, hidden=8)
        parts = list(fgnn.load_links("karate")[:2])
    else:
        learner, parts = fgnn.make_learner(name, depth=3, hidden=8), [fgnn.load_graph("karate")]
    history = learner.fit(*parts, epochs=20, on_epoch=enough)
    assert len(told) == len(history) == count
    assert history.stopped == "callback"


@pytest.mark.parametrize("name", fgnn.LEARNERS)
@pytest.mark.parametrize("dtype", [torch.int32, torch.int16, torch.uint8, torch.int8])
def test_integers_of_any_size_are_labels_and_edges(name: str, dtype: torch.dtype) -> None:
    data = fgnn.load_graph("karate")
    small = data.clone()
    small.y, small.edge_index = data.y.to(dtype), data.edge_index.to(dtype)
    backbone = "sage" if "sage" in KINDS[name].backbones else None
    one, two = (fgnn.make_learner(name, backbone, hidden=16) for _ in range(2))
    one.fit(data, epochs=4)
    two.fit(small, epochs=4)
    assert small.y.dtype == small.edge_index.dtype == dtype
    assert torch.equal(one.class_scores(data)[-1], two.class_scores(small)[-1])
    assert one.score(data) == two.score(small)


@pytest.mark.parametrize("dtype", [torch.int32, torch.uint8])
def test_integers_of_any_size_are_pairs(dtype: torch.dtype) -> None:
    train, val, test = fgnn.load_links("karate")
    small = [part.clone() for part in (train, val, test)]
    for part in small:
        part.edge_label_index = part.edge_label_index.to(dtype)
    one, two = (fgnn.make_link_learner("link-ce", hidden=16) for _ in range(2))
    one.fit(train, val, epochs=4)
    two.fit(small[0], small[1], epochs=4)
    assert torch.equal(one.predict(test), two.predict(small[2]))
