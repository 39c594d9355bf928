"""Links: how they are split, and the learners that predict them."""

import copy
import math
import random
import time

import pytest
import torch
from sklearn.metrics import roc_auc_score
from torch.nn import functional
from torch_geometric.data import Data
from torch_geometric.transforms import RandomLinkSplit
from toys import edges_of, everything, odd_graph, val_of

import fgnn_lite as fgnn
from fgnn_lite import checks
from fgnn_lite.layers import BACKBONES, Layer
from fgnn_lite.learners.link import Pairs, roc_auc
from fgnn_lite.links import _pairs_that_are_none
from fgnn_lite.seeds import default_generator

ALL = fgnn.LINK_LEARNERS


def toy_links() -> tuple[Data, Data, Data]:
    return fgnn.load_links("karate")


def odd_links() -> Data:
    """Self-loops, doubled and one-way edges, isolated nodes, rows of zeros."""
    data = odd_graph()
    pairs = torch.cat([data.edge_index[:, :30], torch.tensor([[37, 38, 1], [38, 39, 39]])], dim=1)
    label = torch.cat([torch.ones(30), torch.zeros(3)])
    return Data(x=data.x, edge_index=data.edge_index, edge_label_index=pairs, edge_label=label)


def weighted_links() -> tuple[Data, Data, Data]:
    """Karate's links, each edge that messages run along with a weight of its own."""
    parts = toy_links()
    for part in parts:
        source, target = part.edge_index
        part.edge_weight = ((source * target) % 7).float()  # the same both ways; 0 for some
    return parts


def unweighted(data: Data) -> Data:
    out = copy.copy(data)
    del out.edge_weight
    return out


# --- the same numbers again --------------------------------------------------------------------


@pytest.mark.parametrize("name", list(fgnn.LINK_LEARNERS))
@pytest.mark.slow
def test_two_threads_give_the_same_numbers_every_time(name: str) -> None:
    """Gradients of a node that stands in several pairs are added up in one order."""
    train, _, _ = fgnn.load_links("sbm", nodes=2000, edges=16_000)
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        weights = []
        for _ in range(3):
            learner = fgnn.make_link_learner(name, hidden=32)
            learner.fit(train, epochs=2, device="cpu", restore_best=False)
            weights.append(torch.cat([p.detach().flatten() for p in learner.parameters()]))
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(weights[0], weights[1])
    assert torch.equal(weights[0], weights[2])


# --- the split -------------------------------------------------------------------------------


def undirected(pairs: torch.Tensor) -> set[tuple[int, int]]:
    return {tuple(sorted(pair)) for pair in pairs.t().tolist()}


@pytest.mark.parametrize("name", ["karate", "digits"])
@pytest.mark.parametrize("split", [0, 3])
def test_links_are_split_64_16_20(name: str, split: int) -> None:
    edges = undirected(fgnn.load_graph(name).edge_index)
    parts = fgnn.load_links(name, split=split)
    links = [undirected(p.edge_label_index[:, p.edge_label == 1]) for p in parts]
    others = [undirected(p.edge_label_index[:, p.edge_label == 0]) for p in parts]
    assert set.union(*links) == edges
    assert sum(map(len, links)) == len(edges)  # no link is in two parts
    for part, share in zip(links, (0.64, 0.16, 0.2), strict=True):
        assert len(part) == pytest.approx(share * len(edges), abs=2)
    for part, other in zip(parts, others, strict=True):
        assert (part.edge_label == 0).sum() == (part.edge_label == 1).sum()
        assert not other & edges
    train, val, test = parts
    assert undirected(train.edge_index) == undirected(val.edge_index) == links[0]
    assert undirected(test.edge_index) == links[0] | links[1]  # and no link that is to be predicted


def test_splits_repeat_and_differ_and_leave_the_generators_alone() -> None:
    state = torch.get_rng_state(), random.getstate()
    one, two, other = (fgnn.load_links("karate", split=s)[0] for s in (1, 1, 2))
    assert torch.equal(state[0], torch.get_rng_state())
    assert state[1] == random.getstate()
    assert torch.equal(one.edge_label_index, two.edge_label_index)
    assert not torch.equal(one.edge_label_index, other.edge_label_index)


def pygs(graph: Data, split: int) -> tuple[Data, Data, Data]:
    """The split as everybody makes it, with the seeds of PyTorch and Python set."""
    divide = RandomLinkSplit(0.16, 0.2, is_undirected=True)
    python = random.getstate()
    with torch.random.fork_rng():
        torch.manual_seed(101 * split)
        random.seed(101 * split)
        parts = divide(Data(x=graph.x, edge_index=graph.edge_index, name=graph.name))
    random.setstate(python)
    return parts


DENSE = {"nodes": 20, "classes": 2, "homophily": 0.45, "features": 4}
SPLIT = [
    ("karate", {}),
    ("digits", {}),
    ("sbm", {}),
    *(("sbm", {**DENSE, "edges": edges}) for edges in (10, 100, 122, 124)),
    ("sbm", {**DENSE, "nodes": 15, "edges": 30}),  # its split 1 takes two tries, with a repetition
    pytest.param("cora-ml", {}, marks=pytest.mark.realdata),
]


@pytest.mark.parametrize("split", [0, 1, 4])
@pytest.mark.parametrize(("name", "options"), SPLIT)
def test_the_splits_are_pygs(name: str, options: dict, split: int) -> None:
    """Bit for bit, however dense the graph is; of 124 edges among 20 nodes, every pair is drawn."""
    graph = fgnn.load_graph(name, split=split, **options)
    for ours, theirs in zip(
        fgnn.load_links(name, split=split, **options), pygs(graph, split), strict=True
    ):
        assert sorted(ours.keys()) == sorted(theirs.keys())
        for key, value in theirs.items():
            if torch.is_tensor(value):
                assert ours[key].dtype == value.dtype
                assert torch.equal(ours[key], value), key
        assert ours.name == name


def test_a_validation_graph_has_the_nodes_of_the_training_graph() -> None:
    train, val, _ = fgnn.load_links("karate")
    val.x = torch.cat([val.x, val.x[:1]])
    with pytest.raises(ValueError, match=r"val must have the 34 nodes of train.* got 35"):
        fgnn.make_link_learner("link-ce", hidden=8).fit(train, val, epochs=1)


def test_wrong_links() -> None:
    with pytest.raises(ValueError, match="split"):
        fgnn.load_links("karate", split=5)
    with pytest.raises(ValueError, match="karate"):
        fgnn.load_links("karat")
    with pytest.raises(ValueError, match="too small to split"):
        fgnn.load_links("sbm", nodes=20, edges=8, classes=2, features=4)


# --- by hand ---------------------------------------------------------------------------------


def test_logits_by_hand() -> None:
    z = torch.tensor([[1.0, 2.0], [3.0, 0.0], [0.5, 1.0]])
    pairs = Pairs(torch.tensor([[0, 0], [1, 2]]), torch.tensor([1.0, 0.0]))
    ce = fgnn.make_link_learner("link-ce", temperature=2.0)
    assert ce._logits(z, pairs).tolist() == [1.5, 1.25]  # (3 + 0) / 2, (0.5 + 2) / 2
    ff = fgnn.make_link_learner("link-ff", theta=4.0)
    assert ff._logits(z, pairs).tolist() == [5.0, 0.25]  # 9 - 4, 0.25 + 4 - 4
    warm = fgnn.make_link_learner("link-ff", theta=4.0, temperature=2.0)
    assert warm._logits(z, pairs).tolist() == [2.5, 0.125]  # the whole distance, divided


def test_neither_the_temperature_nor_theta_of_forward_forward_changes_goodness() -> None:
    """Nothing is learned before the first update: the same goodness, at any of them."""
    train, val, _ = toy_links()
    first = []
    for settings in ({"temperature": 1.0}, {"temperature": 0.25, "theta": 7.0}):
        learner = fgnn.make_link_learner("link-ff", hidden=16, **settings)
        first.append(learner.fit(train, val, epochs=1).records[0])
    assert first[0].goodness_pos == pytest.approx(first[1].goodness_pos, abs=1e-5)
    assert first[0].goodness_neg == pytest.approx(first[1].goodness_neg, abs=1e-5)
    assert first[0].goodness_pos - first[0].goodness_neg == pytest.approx(first[0].margin, abs=1e-5)
    assert first[1].margin == pytest.approx(4 * first[0].margin, abs=1e-5)


def test_the_roc_curve_is_scikit_learns() -> None:
    scores, labels = torch.tensor([0.1, 0.4, 0.35, 0.8]), torch.tensor([0, 0, 1, 1])
    assert roc_auc(scores, labels) == roc_auc_score([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]) == 0.75


# --- the fast form is the naive form ---------------------------------------------------------


def naive(train: Data, test: Data, name: str, backbone: str, depth: int, epochs: int):
    """Layer-wise links from PyG's layers, everything computed anew; losses and probabilities."""

    def norm(h: torch.Tensor) -> torch.Tensor:
        return (h / (h.norm(dim=1, keepdim=True) + 1e-8)).detach()

    def logits(z: torch.Tensor, data: Data) -> torch.Tensor:
        product = z[data.edge_label_index[0]] * z[data.edge_label_index[1]]
        return product.sum(1) if name == "link-ce" else product.square().sum(1) - 2.0

    losses, total, h, t = [], 0.0, train.x, test.x
    layers = []
    for number in range(1, depth + 1):
        with default_generator(3, number):
            layer = Layer(backbone, h.shape[1], 16).to(h.dtype)
        optimizer = torch.optim.Adam(layer.parameters(), lr=1e-3, weight_decay=5e-4)
        for _ in range(epochs):
            z = layer.conv(norm(h), *edges_of(train)).relu()
            loss = functional.binary_cross_entropy_with_logits(
                logits(z, train), train.edge_label.to(z.dtype)
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        with torch.no_grad():
            h = layer.conv(norm(h), *edges_of(train)).relu()
            t = layer.conv(norm(t), *edges_of(test)).relu()
            total = total + torch.sigmoid(logits(t, test)) / depth
        layers.append(layer)
    return layers, losses, total


@pytest.mark.parametrize("name", ["link-ce", "link-ff"])
@pytest.mark.parametrize("backbone", list(BACKBONES))
@pytest.mark.parametrize("graph", ["karate", "odd"])
def test_fast_is_naive(name: str, backbone: str, graph: str) -> None:
    train, _, test = toy_links() if graph == "karate" else (odd_links(), None, odd_links())
    learner = fgnn.make_link_learner(name, backbone, depth=2, hidden=16, seed=3)
    history = learner.fit(train, epochs=20, restore_best=False, device="cpu")
    layers, losses, probabilities = naive(train, test, name, backbone, 2, 20)
    assert [record.loss for record in history] == pytest.approx(losses, abs=1e-5)
    for fast, slow in zip(learner.layers, layers, strict=True):
        for one, other in zip(fast.parameters(), slow.parameters(), strict=True):
            torch.testing.assert_close(one, other, atol=1e-5, rtol=0)
    torch.testing.assert_close(learner.predict(test), probabilities, atol=1e-4, rtol=0)


@pytest.mark.parametrize("name", ["link-ce", "link-ff"])
def test_weighted_edges_are_naive_too(name: str) -> None:
    train, _, test = weighted_links()
    learner = fgnn.make_link_learner(name, depth=2, hidden=16, seed=3)
    history = learner.fit(train, epochs=20, restore_best=False, device="cpu")
    _, losses, probabilities = naive(train, test, name, "gcn", 2, 20)
    assert [record.loss for record in history] == pytest.approx(losses, abs=1e-5)
    torch.testing.assert_close(learner.predict(test), probabilities, atol=1e-4, rtol=0)


@pytest.mark.parametrize("name", ALL)
def test_a_validation_graph_that_differs_in_its_weights_is_another_graph(name: str) -> None:
    train, val, _ = weighted_links()
    val.edge_weight = 5 * val.edge_weight
    for one, other in ((train, val), (unweighted(train), val), (train, unweighted(val))):
        learner = fgnn.make_link_learner(name, depth=2, hidden=16)
        history = learner.fit(one, other, epochs=3, val_every=1)
        assert history.best[-1].val_auc == pytest.approx(learner.score(other), abs=1e-12)


@pytest.mark.parametrize(("same", "inputs"), [(True, 2), (False, 4)])
def test_what_training_and_validation_have_in_common_is_prepared_once(
    same: bool, inputs: int, monkeypatch
) -> None:
    prepared, real = [], Layer.prepare
    monkeypatch.setattr(Layer, "prepare", lambda *given: prepared.append(given) or real(*given))
    train, val, _ = weighted_links()
    if not same:
        val.edge_weight = 5 * val.edge_weight
    learner = fgnn.make_link_learner("link-ce", depth=2, hidden=16)
    learner.fit(train, val, epochs=1)
    assert len(prepared) == inputs


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("backbone", list(BACKBONES))
@pytest.mark.parametrize("updates", ["alternating", "simultaneous"])
def test_top_to_input_is_naive_too(backbone: str, updates: str, weighted: bool) -> None:
    """PyG's layers, with states handed about in plain lists; double precision."""
    weighted = weighted and backbone == "gcn"
    train, _, test = weighted_links() if weighted else toy_links()
    for part in (train, test):
        part.x = part.x.double()
        if weighted:
            part.edge_weight = part.edge_weight.double()
    settings = {"depth": 3, "hidden": 16, "seed": 3, "temperature": 0.7}
    learner = fgnn.make_link_learner(
        "link-ce-top-to-input", backbone, updates=updates, steps=5, **settings
    )
    history = learner.fit(train, epochs=20, restore_best=False, device="cpu")

    def norm(h: torch.Tensor) -> torch.Tensor:
        return (h / (h.norm(dim=1, keepdim=True) + 1e-8)).detach()

    def logits(z: torch.Tensor, data: Data) -> torch.Tensor:
        return (z[data.edge_label_index[0]] * z[data.edge_label_index[1]]).sum(1) / 0.7

    layers = []
    for number, inputs in enumerate((34 + 16, 16 + 16, 16), start=1):
        with default_generator(3, number):
            layers.append(Layer(backbone, inputs, 16).double())
    budget = {"lr": 1e-3, "weight_decay": 5e-4}
    optimizers = [torch.optim.Adam(layer.parameters(), **budget) for layer in layers]
    groups = [[0, 2], [1]] if updates == "alternating" else [[0, 1, 2]]

    def out(k: int, states: list[torch.Tensor], data: Data) -> torch.Tensor:
        below = norm(data.x) if k == 0 else states[k - 1]
        both = torch.cat([below, states[k + 1]], 1) if k < 2 else below
        return layers[k].conv(both, *edges_of(data)).relu()

    def start(data: Data) -> list[torch.Tensor]:
        states = [torch.zeros(34, 16).double() for _ in range(3)]
        for k in range(3):
            states[k] = norm(out(k, states, data))
        return states

    states, losses = start(train), []
    for _ in range(20):
        for group in groups:
            before = list(states)
            for k in group:
                z = out(k, before, train)
                label = train.edge_label.double()
                loss = functional.binary_cross_entropy_with_logits(logits(z, train), label)
                optimizers[k].zero_grad()
                loss.backward()
                optimizers[k].step()
                states[k] = norm(z)
                losses.append(loss.item())
    assert [record.loss for record in history] == pytest.approx(losses, abs=1e-8)
    states, total = start(test), 0.0
    with torch.no_grad():
        for step in range(5):
            for group in groups:
                before = list(states)
                for k in group:
                    z = out(k, before, test)
                    states[k] = norm(z)
                    if step >= 2:
                        total = total + torch.sigmoid(logits(z, test)) / 9
    torch.testing.assert_close(learner.predict(test), total, atol=1e-7, rtol=0)


def test_validation_has_a_graph_of_its_own() -> None:
    """The accuracy that is reported is that of the validation graph, layer by layer."""
    train, val, _ = toy_links()
    other = val.clone()
    other.edge_index = val.edge_index[:, :20]
    for name in ALL:
        learner = fgnn.make_link_learner(name, depth=2, hidden=16)
        history = learner.fit(train, other, epochs=3, val_every=1)
        assert history.best[-1].val_auc == pytest.approx(learner.score(other), abs=1e-12)


@pytest.mark.parametrize("name", ALL)
def test_the_validation_graph_chooses_the_epoch_and_nothing_else(name: str) -> None:
    train, val, _ = toy_links()
    other = val.clone()
    other.x, other.edge_index = val.x.flip(0), val.edge_index[:, :30]
    one, two, none = (fgnn.make_link_learner(name, depth=3, hidden=16) for _ in range(3))
    for learner, judged in ((one, val), (two, other), (none, None)):
        learner.fit(train, judged, epochs=6, restore_best=False, patience=1000)
    for a, b, c in zip(one.parameters(), two.parameters(), none.parameters(), strict=True):
        assert torch.equal(a, b)
        assert torch.equal(a, c)


@pytest.mark.parametrize("name", ALL)
def test_validation_has_features_of_its_own(name: str) -> None:
    train, val, _ = toy_links()
    val.x = val.x.flip(0)
    learner = fgnn.make_link_learner(name, depth=2, hidden=16)
    history = learner.fit(train, val, epochs=3, val_every=1)
    assert val_of(history.best[-1]) == pytest.approx(learner.score(val), abs=1e-12)
    val.x = train.x
    assert val_of(history.best[-1]) != pytest.approx(learner.score(val), abs=1e-3)


@pytest.mark.parametrize("name", ["link-ce", "link-ff"])
def test_early_stopping_counts_the_finished_layers(name: str) -> None:
    """What a layer is stopped by is the mean of all layers up to it."""
    train, val, _ = fgnn.load_links("sbm", nodes=120, edges=400)
    for part in (train, val):
        part.x = part.x.double()
    learner = fgnn.make_link_learner(name, depth=3, hidden=16)
    history = learner.fit(train, val, epochs=12, lr=0.02)
    scored = learner.layer_scores(val)
    assert [val_of(best) for best in history.best] == pytest.approx(scored, abs=1e-12)
    means = []
    for number in (1, 2, 3):
        learner.trained_layers = number
        means.append(learner.predict(val))
    for number in (2, 3):  # the highest layer alone would be judged otherwise
        alone = number * means[number - 1] - (number - 1) * means[number - 2]
        assert roc_auc(alone, val.edge_label) != pytest.approx(scored[number - 1], abs=1e-4)


@pytest.mark.parametrize("name", ["link-ce", "link-ff"])
def test_a_net_stopped_in_its_first_layer_predicts_like_that_layer(name: str) -> None:
    """The mean is over the layers that there are, not over those that there might have been."""
    train, val, test = toy_links()
    shallow, deep = (fgnn.make_link_learner(name, depth=d, hidden=16) for d in (1, 3))
    shallow.fit(train, val, epochs=10)
    history = deep.fit(train, val, epochs=10, on_epoch=lambda r: (r.layer, r.epoch) < (1, 9))
    assert (history.stopped, deep.trained_layers) == ("callback", 1)
    assert torch.equal(shallow.predict(test), deep.predict(test))


@pytest.mark.parametrize("name", ALL)
def test_features_are_scaled_as_set(name: str) -> None:
    """`"sum"` is what one would do by hand before; for backprop, which sees lengths, it matters."""
    train, _, test = (part.clone() for part in fgnn.load_links("digits"))
    predicted = []
    for how, by_hand in (("sum", False), ("none", True), ("none", False)):
        parts = [part.clone() for part in (train, test)]
        for part in parts:
            part.x = part.x.double()
            if by_hand:
                part.x = part.x / part.x.sum(dim=1, keepdim=True)
        learner = fgnn.make_link_learner(name, hidden=8, features=how)
        learner.fit(parts[0], epochs=2, restore_best=False)
        predicted.append(learner.predict(parts[1]))
    torch.testing.assert_close(predicted[0], predicted[1], atol=1e-6, rtol=0)
    same = torch.allclose(predicted[0], predicted[2], atol=1e-4)
    assert same == (name != "link-bp")


@pytest.mark.parametrize("updates", ["alternating", "simultaneous"])
def test_the_last_layer_to_move_in_a_step_is_validated(updates: str) -> None:
    train, val, _ = toy_links()
    learner = fgnn.make_link_learner("link-ce-top-to-input", depth=3, hidden=8, updates=updates)
    history = learner.fit(train, val, epochs=2, val_every=1)
    validated = [record.layer for record in history if val_of(record) is not None]
    assert validated == [2 if updates == "alternating" else 3] * 2
    assert [record.layer for record in history][2::3] == validated


def test_prediction_does_not_look_at_labels() -> None:
    train, val, test = toy_links()
    for name in ALL:
        learner = fgnn.make_link_learner(name, hidden=16)
        learner.fit(train, val, epochs=2)
        wanted = learner.predict(test)
        for wrong in (test.edge_label[:-1], test.edge_label[None], [1]):
            other = test.clone()
            other.edge_label = wrong
            assert torch.equal(learner.predict(other), wanted)


def test_errors_say_which_part() -> None:
    train, val, _ = toy_links()
    bad = val.clone()
    bad.x = val.x.clone()
    bad.x[3] = float("nan")
    learner = fgnn.make_link_learner("link-ce", hidden=16)
    with pytest.raises(ValueError, match=r"^val\.x must be finite"):
        learner.fit(train, bad)
    with pytest.raises(ValueError, match=r"^train\.x must be finite"):
        learner.fit(bad, val)
    with pytest.raises(TypeError, match=r"^train must be"):
        learner.fit("karate", val)
    bad = val.clone()
    del bad.edge_label
    with pytest.raises(ValueError, match=r"^val has no 'edge_label'"):
        learner.fit(train, bad)


def test_a_graph_without_enough_pairs_that_are_none() -> None:
    with pytest.raises(ValueError, match="too dense to split"):
        fgnn.load_links("sbm", nodes=12, edges=60, classes=2, homophily=0.45)


def test_a_node_that_is_joined_to_itself_is_no_pair() -> None:
    edges = torch.tensor([[0, 1, 2], [0, 2, 1]])
    pairs = _pairs_that_are_none(edges, 3, wanted=4, seed=0)
    assert sorted(pairs.t().tolist()) == [[0, 1], [0, 2], [1, 0], [2, 0]]


def test_bp_is_pyg_trained_the_usual_way() -> None:
    from torch_geometric.nn import GCN

    train, _, test = toy_links()
    learner = fgnn.make_link_learner("link-bp", depth=2, hidden=16)
    history = learner.fit(train, epochs=20, restore_best=False, device="cpu")
    start = fgnn.make_link_learner("link-bp", depth=2, hidden=16)
    start._build(34, 0, torch.float32)
    model = GCN(34, 16, num_layers=2, out_channels=16)
    for conv, layer in zip(model.convs, start.layers, strict=True):
        conv.load_state_dict(layer.conv.state_dict())
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=5e-4)
    losses = []
    for _ in range(20):
        z = model(train.x, train.edge_index)
        a, b = train.edge_label_index
        loss = functional.binary_cross_entropy_with_logits((z[a] * z[b]).sum(1), train.edge_label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert [record.loss for record in history] == pytest.approx(losses, abs=1e-5)
    z = model(test.x, test.edge_index)
    a, b = test.edge_label_index
    expected = torch.sigmoid((z[a] * z[b]).sum(1)).detach()
    torch.testing.assert_close(learner.predict(test), expected, atol=1e-5, rtol=0)


def test_the_top_layer_of_top_to_input_gets_nothing_from_above() -> None:
    """With one layer it is link-ce."""
    train, val, test = toy_links()
    one = fgnn.make_link_learner("link-ce-top-to-input", depth=1, hidden=16)
    two = fgnn.make_link_learner("link-ce", depth=1, hidden=16)
    for learner in (one, two):
        learner.fit(train, val, epochs=20)
    torch.testing.assert_close(one.predict(test), two.predict(test), atol=1e-5, rtol=0)
    deep = fgnn.make_link_learner("link-ce-top-to-input", depth=3, hidden=16)
    deep.fit(train, epochs=1, restore_best=False)
    assert [layer.conv.in_channels for layer in deep.layers] == [34 + 16, 32, 16]


# --- what holds for all ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("backbone", list(BACKBONES))
def test_all_learn_save_and_load(name: str, backbone: str, tmp_path) -> None:
    train, val, test = toy_links()
    learner = fgnn.make_link_learner(name, backbone, depth=2, hidden=16)
    before = {key: value.clone() for key, value in train.items() if torch.is_tensor(value)}
    history = learner.fit(train, val, epochs=6)
    assert all(torch.equal(train[key], value) for key, value in before.items())
    assert all(math.isfinite(record.loss) for record in history)
    for best in history.best:
        measured = [r.val_auc for r in history if best.layer in (None, r.layer)]
        assert best.val_auc == max(value for value in measured if value is not None)
    assert all(r.val_accuracy is None for r in [*history, *history.best])  # it is no accuracy
    probabilities = learner.predict(test)
    assert probabilities.shape == test.edge_label.shape
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    assert 0.0 <= learner.score(test) <= 1.0
    assert len(learner.layer_scores(test)) == (1 if name == "link-bp" else 2)
    learner.save(tmp_path / "net.pt")
    loaded = fgnn.load_learner(tmp_path / "net.pt")
    assert torch.equal(loaded.predict(test), probabilities)
    again = fgnn.make_link_learner(name, backbone, depth=2, hidden=16)
    again.fit(train, val, epochs=6)
    assert torch.equal(again.predict(test), probabilities)


@pytest.mark.parametrize("name", ALL)
def test_odd_graphs_train(name: str) -> None:
    data = odd_links()
    learner = fgnn.make_link_learner(name, depth=2, hidden=16)
    val = copy.copy(data)
    val.edge_index = data.edge_index[:, 60:]  # without the links that are judged, or nearly
    with pytest.raises(ValueError, match=r"val\.edge_label_index must hold no link that is known"):
        learner.fit(data, val, epochs=5)
    learner.fit(data, epochs=5, restore_best=False)
    assert torch.isfinite(learner.predict(data)).all()


@pytest.mark.parametrize("name", ALL)
def test_no_test_label_is_reachable(name: str) -> None:
    """Prediction does not even need them; validation labels choose the epoch and nothing else."""
    train, val, test = toy_links()
    other = copy.copy(val)
    other.edge_label = val.edge_label.flip(0)
    one, two = (fgnn.make_link_learner(name, hidden=16) for _ in range(2))
    one.fit(train, val, epochs=10, restore_best=False, patience=1000)
    two.fit(train, other, epochs=10, restore_best=False, patience=1000)
    del test.edge_label
    assert torch.equal(one.predict(test), two.predict(test))


def test_they_learn_the_links_of_the_digits() -> None:
    train, val, test = fgnn.load_links("digits")
    for name, least in (("link-bp", 0.9), ("link-ce", 0.85)):
        learner = fgnn.make_link_learner(name, hidden=32)
        learner.fit(train, val, epochs=60, lr=0.01)
        assert learner.score(test) > least


def test_a_callback_stops_and_ctrl_c_keeps() -> None:
    train, val, _ = toy_links()
    learner = fgnn.make_link_learner("link-ce", depth=2, hidden=16)
    history = learner.fit(train, val, epochs=50, on_epoch=lambda r: r.epoch < 3)
    assert (history.stopped, len(history)) == ("callback", 4)

    def press(record: fgnn.Record) -> None:
        raise KeyboardInterrupt

    history = learner.fit(train, val, epochs=50, on_epoch=press)
    assert (history.stopped, len(history)) == ("interrupted", 1)


# --- splits that leak -----------------------------------------------------------------------


def directed_split(**options) -> list[Data]:  # type: ignore[no-untyped-def]
    """PyG's split of an undirected graph, which leaks unless it is told that it is undirected."""
    digits = fgnn.load_graph("digits")
    graph = Data(x=digits.x, edge_index=digits.edge_index)
    torch.manual_seed(0)
    return list(RandomLinkSplit(num_val=0.16, num_test=0.2, **options)(graph))


@pytest.mark.parametrize("name", ALL)
def test_a_split_that_leaks_is_refused(name: str) -> None:
    train, val, test = directed_split()
    learner = fgnn.make_link_learner(name, depth=1, hidden=8)
    edges = {tuple(edge) for edge in val.edge_index.t().tolist()}
    links = val.edge_label_index[:, val.edge_label > 0].t().tolist()
    leaked = sum((a, b) in edges or (b, a) in edges for a, b in links)
    assert 0.5 * len(links) < leaked < 0.8 * len(links)
    message = f"val.edge_label_index must .*; {leaked} of its {len(links)} links are in val.edge_in"
    with pytest.raises(ValueError, match=message):
        learner.fit(train, val, epochs=1)
    assert len(learner.layers) == 0
    learner.fit(train, epochs=1, restore_best=False)
    for call in (learner.score, learner.layer_scores):
        with pytest.raises(ValueError, match=r"^data.edge_label_index must .* are in data.edge_"):
            call(test)
    assert learner.predict(test).shape == test.edge_label.shape  # any pair may be predicted


def test_a_split_that_does_not_leak_passes() -> None:
    train, val, test = directed_split(is_undirected=True)
    for data in (directed_split(is_undirected=True, disjoint_train_ratio=0.3), (train, val, test)):
        learner = fgnn.make_link_learner("link-ce", depth=1, hidden=8)
        learner.fit(data[0], data[1], epochs=1)
        assert 0.0 <= learner.score(data[2]) <= 1.0


@pytest.mark.parametrize(
    ("field", "where"),
    [("edge_label_index", "train.edge_label_index"), ("edge_index", "train.edge_index")],
)
def test_what_was_trained_on_is_not_judged(field: str, where: str) -> None:
    """A link of the validation set among the training links, or among the training edges alone."""
    train, val, _ = toy_links()
    links = val.edge_label_index[:, val.edge_label > 0][:, :3].flip(0)
    train = copy.copy(train)
    train[field] = torch.cat([train[field], links], dim=1)
    if field == "edge_label_index":
        train.edge_label = torch.cat([train.edge_label, torch.ones(3)])
    count = int(val.edge_label.sum())
    with pytest.raises(ValueError, match=f"3 of its {count} links are in {where}, in one direc"):
        fgnn.make_link_learner("link-ce", hidden=8).fit(train, val, epochs=1)


def test_the_check_of_a_split_takes_time_in_proportion_to_its_edges() -> None:
    """A million edges and as many pairs: no comparison of each with each."""
    random = torch.Generator().manual_seed(0)
    edges = torch.randint(0, 10**5, (2, 10**6), generator=random)
    links = torch.randint(10**5, 2 * 10**5, (2, 10**6), generator=random)
    data = Data(
        x=torch.ones(2 * 10**5, 1),
        edge_index=edges,
        edge_label_index=links,
        edge_label=torch.ones(10**6),
    )
    start = time.process_time()
    checks.apart("data", data, [("data.edge_index", edges)])
    assert time.process_time() - start < 20
    data.edge_label_index[:, 7] = edges[:, 3].flip(0)
    with pytest.raises(ValueError, match="; 1 of its 1000000 links are in"):
        checks.apart("data", data, [("data.edge_index", edges)])


# --- bad input -------------------------------------------------------------------------------


def spoiled(what: str) -> Data:
    data = toy_links()[0]
    if what == "no negatives":
        keep = data.edge_label == 1
        data.edge_label_index, data.edge_label = (
            data.edge_label_index[:, keep],
            data.edge_label[keep],
        )
    elif what == "no links":
        data.edge_label = data.edge_label * 0
    elif what == "pairs out of range":
        data.edge_label_index = data.edge_label_index + 30
    elif what == "labels of another length":
        data.edge_label = data.edge_label[:-1]
    elif what == "labels of another kind":
        data.edge_label = data.edge_label * 2
    elif what == "no pairs":
        data.edge_label_index = data.edge_label_index[:, :0]
    elif what == "no labels":
        del data.edge_label
    elif what == "halves":
        data.x = data.x.half()
    elif what == "nan":
        data.x[0, 0] = math.nan
    return data


WRONG = {
    "no negatives": "a negative",
    "no links": "must hold a link",
    "pairs out of range": "edge_label_index",
    "labels of another length": "edge_label must have shape",
    "labels of another kind": "0 and 1 only",
    "no pairs": "at least one pair",
    "no labels": "edge_label",
    "nan": "finite",
    "halves": "float16",
}


@pytest.mark.parametrize(("what", "words"), WRONG.items())
def test_wrong_data(what: str, words: str) -> None:
    train, val, _ = toy_links()
    learner = fgnn.make_link_learner("link-ce", hidden=16)
    learner.fit(train, val, epochs=1)
    before = everything(learner)
    for data in ((spoiled(what), val), (train, spoiled(what))):
        with pytest.raises(ValueError, match=words):
            learner.fit(*data, epochs=2)
        assert everything(learner) == before


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    "arguments",
    [{"epochs": 0}, {"lr": 1e30}, {"device": "mps"}, {"device": "meta"}, {"device": "cuda:99"}],
)
def test_a_bad_fit_changes_nothing(name: str, arguments: dict) -> None:
    train, val, _ = toy_links()
    learner = fgnn.make_link_learner(name, hidden=16)
    learner.fit(train, val, epochs=1)
    before = everything(learner)
    with pytest.raises(ValueError, match=next(iter(arguments))):
        learner.fit(train, val, **{"epochs": 2, **arguments})
    assert everything(learner) == before


def test_other_bad_input() -> None:
    train, val, test = toy_links()
    with pytest.raises(ValueError, match="Did you mean 'link-ce'"):
        fgnn.make_link_learner("link-c")
    with pytest.raises(ValueError, match="theta"):
        fgnn.make_link_learner("link-ff", theta=math.inf)
    with pytest.raises(TypeError, match="theta"):
        fgnn.make_link_learner("link-ce", theta=2.0)
    with pytest.raises(ValueError, match="steps"):
        fgnn.make_link_learner("link-ce-top-to-input", steps=2)
    learner = fgnn.make_link_learner("link-ce", hidden=16)
    with pytest.raises(ValueError, match="val must be given"):
        learner.fit(train)
    with pytest.raises(ValueError, match="nothing yet"):
        learner.predict(test)
    learner.fit(train, val, epochs=2)
    test.x = test.x[:, :5]
    with pytest.raises(ValueError, match=r"data\.x must have 34 features"):
        learner.predict(test)
