"""Learners without labels: SF bit for bit, naive twins, the loss without a shuffle, measures."""

import copy
import itertools
import math
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.cluster import KMeans
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data
from torch_geometric.nn import APPNP
from toys import edges_of, everything, odd_graph, path_graph, watch_locality, weighted_graph

import fgnn_lite as fgnn
from fgnn_lite import clusters
from fgnn_lite.augment import virtual_features
from fgnn_lite.clusters import k_means, matched_accuracy, nmi, propagated, renamed, shuffles
from fgnn_lite.layers import BACKBONES, GraphView, Layer
from fgnn_lite.learners import ClusterSF
from fgnn_lite.learners.cluster_dgi import SummaryLayer, shuffled
from fgnn_lite.matrices import Features
from fgnn_lite.seeds import default_generator, derive, generator

ALL = fgnn.CLUSTER_LEARNERS
EACH = list(itertools.product(ALL, fgnn.BACKBONES))


def double(data: Data) -> Data:
    return data.apply(lambda t: t.double() if t.is_floating_point() else t)


def unit(x: Tensor) -> Tensor:
    return x / (x.norm(dim=1, keepdim=True) + 1e-8)


def make(name: str, backbone: str = "gcn", count: int = 3, **options: Any) -> Any:
    settings = {"depth": 2, "hidden": 8, **options}
    return fgnn.make_cluster_learner(name, count, backbone, **settings)


# --- what is measured -------------------------------------------------------------------------


def best_of_all(found: list[int], labels: list[int]) -> float:
    """Every one-to-one matching is tried; a cluster may be left without a class."""
    classes = [*range(max(labels) + 1), *(-k for k in range(1, max(found) + 2))]  # or none
    tries = itertools.permutations(classes, max(found) + 1)
    return max(
        sum(names[k] == y for k, y in zip(found, labels, strict=True)) / len(found)
        for names in tries
    )


@pytest.mark.parametrize(("count", "classes"), [(3, 3), (4, 2), (2, 4)])
def test_the_matching_is_the_best_of_all(count: int, classes: int) -> None:
    draw = np.random.default_rng(0)
    for _ in range(10):
        found, labels = draw.integers(0, count, 20), draw.integers(0, classes, 20)
        got = matched_accuracy(torch.from_numpy(found), torch.from_numpy(labels))
        assert got == pytest.approx(best_of_all(found.tolist(), labels.tolist()))


def test_measures_by_hand() -> None:
    labels = torch.tensor([0, 0, 0, 0, 1, 1, 1, 1])
    found = torch.tensor([2, 2, 2, 0, 0, 0, 0, 0])
    assert matched_accuracy(found, labels) == 7 / 8
    of_labels, of_found = math.log(2), -(3 / 8 * math.log(3 / 8) + 5 / 8 * math.log(5 / 8))
    given = 5 / 8 * -(1 / 5 * math.log(1 / 5) + 4 / 5 * math.log(4 / 5))  # H(labels | clusters)
    shared = of_labels - given
    assert nmi(found, labels) == pytest.approx(2 * shared / (of_labels + of_found))
    assert (nmi(labels, labels), matched_accuracy(1 - labels, labels)) == (1.0, 1.0)
    assert nmi(torch.zeros(8, dtype=torch.long), labels) == 0.0
    four = torch.tensor([0, 0, 1, 1, 2, 2, 3, 3])  # two clusters are left over
    assert matched_accuracy(four, labels) == 0.5


def test_nodes_without_a_label_are_left_out() -> None:
    labels, found = torch.tensor([0, 1, -1, 0, -1]), torch.tensor([1, 0, 0, 1, 3])
    assert (nmi(found, labels), matched_accuracy(found, labels)) == (1.0, 1.0)
    for measure in (nmi, matched_accuracy):
        with pytest.raises(ValueError, match="labels must hold at least one that is known"):
            measure(found, torch.full((5,), -1))
        with pytest.raises(ValueError, match=r"one number .* got the shapes \[5\] and \[4\]"):
            measure(found, labels[:4])


def test_clusters_take_the_numbers_of_those_they_share_most_with() -> None:
    draw = torch.Generator().manual_seed(0)
    for _ in range(10):
        found, like = (torch.randint(0, 4, (30,), generator=draw) for _ in range(2))
        got = renamed(found, like, 4)
        assert got[found == 2].unique().numel() <= 1
        wanted = max(
            int((torch.tensor(names)[found] == like).sum())
            for names in itertools.permutations(range(4))
        )
        assert int((got == like).sum()) == wanted
        assert torch.equal(renamed(like, like, 4), like)
        assert torch.equal(renamed((like + 1) % 4, like, 4), like)
    with_a_gap = torch.tensor([3, 3, 0])
    assert renamed(torch.tensor([1, 1, 1]), with_a_gap, 4).tolist() == [3, 3, 3]


# --- k-means, and the rival -------------------------------------------------------------------


def test_k_means_is_scikit_learns() -> None:
    x = fgnn.load_graph("digits").x[:200]
    seed = derive(7, clusters._K_MEANS) % 2**32
    plain = KMeans(5, n_init=10, random_state=seed).fit_predict(x.numpy())
    found = k_means(x, 5, seed=7)
    assert found.dtype == torch.long
    assert nmi(found, torch.from_numpy(plain).long()) == pytest.approx(1.0)
    assert torch.equal(found, k_means(x, 5, seed=7))
    assert not torch.equal(found, k_means(x, 5, seed=8))  # if only in its numbers


def test_rows_that_do_not_differ_leave_clusters_empty(recwarn) -> None:  # type: ignore[no-untyped-def]
    assert k_means(torch.zeros(6, 3), 4).unique().numel() == 1
    two = torch.tensor([[1.0, 0.0]] * 3 + [[0.0, 1.0]] * 3)
    found = k_means(two, 4)
    assert found.unique().numel() == 2
    assert matched_accuracy(found, torch.arange(6) // 3) == 1.0
    assert not len(recwarn)


@pytest.mark.parametrize("graph", [odd_graph, weighted_graph])
def test_the_rival_is_propagated_features(graph) -> None:  # type: ignore[no-untyped-def]
    data = double(graph())
    for hops in (0, 2, 3):
        wanted = APPNP(hops, alpha=0)(unit(data.x), *edges_of(data))
        torch.testing.assert_close(propagated(data, hops), unit(wanted), atol=1e-12, rtol=0)
    assert torch.equal(propagated(data), propagated(data, 2))
    with pytest.raises(ValueError, match="hops must be an integer of at least 0; got -1"):
        propagated(data, -1)


# --- single-forward on pseudo-classes ---------------------------------------------------------


@pytest.mark.parametrize("backbone", fgnn.BACKBONES)
def test_with_true_labels_it_is_single_forward_bit_for_bit(backbone: str, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    data = fgnn.load_graph("karate")
    labelled = Data(x=data.x, edge_index=data.edge_index, y=data.y, num_classes=4)
    labelled.train_mask = torch.ones(34, dtype=torch.bool)
    sf = fgnn.make_learner("sf", backbone, depth=3, hidden=16, virtual_edges="to-virtual")
    wanted = sf.fit(labelled, epochs=20, lr=0.01, restore_best=False, device="cpu")
    monkeypatch.setattr(ClusterSF, "_pseudo_classes", lambda *_: data.y)
    learner = make("cluster-sf", backbone, 4, depth=3, hidden=16)
    history = learner.fit(data, epochs=20, lr=0.01, device="cpu")
    assert [(r.loss, r.margin) for r in history] == [(r.loss, r.margin) for r in wanted]
    for name, value in learner.state_dict().items():
        assert torch.equal(value, sf.state_dict()[name])


@pytest.mark.parametrize("backbone", fgnn.BACKBONES)
def test_each_layer_is_trained_on_the_clusters_of_the_one_below(backbone: str) -> None:
    """PyG's layers on the graph with class nodes, plain Adam."""
    data = double(odd_graph())
    learner = make("cluster-sf", backbone, depth=3, temperature=0.5)
    history = learner.fit(data, epochs=15, lr=0.01, device="cpu")
    y = k_means(unit(APPNP(2, alpha=0)(unit(data.x), data.edge_index)), 3, derive(0, 1))
    x = torch.cat([unit(data.x), unit(virtual_features(3, 6, 0, torch.float64))])
    for number in (1, 2, 3):
        edges = torch.cat([data.edge_index, torch.stack([torch.arange(40), 40 + y])], dim=1)
        with default_generator(0, number):
            layer = Layer(backbone, x.shape[1], 8).double()
        optimizer = torch.optim.Adam(layer.parameters(), lr=0.01, weight_decay=5e-4)
        x, losses = unit(x).detach(), []
        for _ in range(15):
            z = layer.conv(x, edges).relu()
            loss = functional.cross_entropy(z[:40] @ z[40:].t() / 0.5, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        assert losses[0] - losses[-1] > 1e-2
        assert history.curve("loss", number)[1] == pytest.approx(losses, abs=1e-9)
        with torch.no_grad():
            x = layer.conv(x, edges).relu()
        rows = learner.embed_layers(data)[number - 1]
        torch.testing.assert_close(rows, unit(x[:40]), atol=1e-7, rtol=0)
        y = renamed(k_means(unit(x[:40]), 3, derive(0, number + 1)), y, 3)


# --- local DGI --------------------------------------------------------------------------------


def test_a_seed_and_a_layer_have_shuffles_of_their_own() -> None:
    def first(*given: int) -> list[list[int]]:
        return [order.tolist() for order in itertools.islice(shuffles(9, *given), 2)]

    found = [first(0, 1), first(0, 2), first(1, 1)]
    assert found[0] == first(0, 1)
    orders = [tuple(order) for each in found for order in each]
    assert len(set(orders)) == 6
    assert {tuple(sorted(order)) for order in orders} == {tuple(range(9))}


@pytest.mark.parametrize("backbone", fgnn.BACKBONES)
@pytest.mark.parametrize("graph", [odd_graph, weighted_graph])
def test_renaming_the_ends_of_edges_shuffles_rows(backbone: str, graph) -> None:  # type: ignore[no-untyped-def]
    if graph is weighted_graph and backbone != "gcn":
        pytest.skip("only GCN weighs edges")
    data = double(graph())
    order = torch.randperm(40, generator=torch.Generator().manual_seed(1))
    layer = Layer(backbone, 6, 8).double()
    learner = make("cluster-dgi", backbone)
    view = GraphView(Features([data.x]), learner._adjacency(data))
    with torch.no_grad():
        found = layer(layer.prepare([shuffled(view, order)], torch.arange(40)))
        wanted = layer.conv(data.x[order], *edges_of(data)).relu()
    torch.testing.assert_close(found[order], wanted, atol=1e-12, rtol=0)


@pytest.mark.parametrize("backbone", fgnn.BACKBONES)
def test_local_dgi_with_shuffled_features_is_the_same(backbone: str) -> None:
    """PyG's layers on features that are shuffled, PyTorch's BCE, plain Adam."""
    data = double(odd_graph())
    learner = make("cluster-dgi", backbone, depth=3, temperature=0.5)
    history = learner.fit(data, epochs=15, lr=0.01, device="cpu")
    x = data.x
    for number in (1, 2, 3):
        with default_generator(0, number):
            layer = SummaryLayer(backbone, x.shape[1], 8).double()
        b = layer.head.weight  # [H, H]
        optimizer = torch.optim.Adam(layer.parameters(), lr=0.01, weight_decay=5e-4)
        random, x = generator(0, clusters._SHUFFLES, number), unit(x).detach()
        told: dict[str, list[float]] = {"loss": [], "goodness_pos": [], "goodness_neg": []}
        for _ in range(15):
            order = torch.randperm(40, generator=random)
            h, other = (layer.conv(rows, data.edge_index).relu() for rows in (x, x[order]))
            s = torch.sigmoid(h.mean(0))
            g = torch.einsum("ni,ij,j->n", torch.cat([h, other]), b, s) / 0.5
            kind = torch.cat([torch.ones(40), torch.zeros(40)]).double()
            loss = 2 * functional.binary_cross_entropy_with_logits(g, kind)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            told["loss"].append(loss.item())
            told["goodness_pos"].append(0.5 * g[:40].mean().item())
            told["goodness_neg"].append(0.5 * g[40:].mean().item())
        for what, wanted in told.items():
            assert history.curve(what, number)[1] == pytest.approx(wanted, abs=1e-8)
        gap = history.of(number)[-1]
        assert gap.margin == pytest.approx(gap.goodness_pos - gap.goodness_neg)
        with torch.no_grad():
            x = layer.conv(x, data.edge_index).relu()
        rows = learner.embed_layers(data)[number - 1]
        torch.testing.assert_close(rows, unit(x), atol=1e-7, rtol=0)


def test_without_the_shuffle_no_layer_comes_below_the_loss_of_a_guess(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    data = fgnn.load_graph("karate")
    free = make("cluster-dgi", hidden=16).fit(data, epochs=60, lr=0.02)
    monkeypatch.setattr(
        "fgnn_lite.learners.cluster_dgi.shuffles",
        lambda nodes, *_: itertools.repeat(torch.arange(nodes)),
    )
    history = make("cluster-dgi", hidden=16).fit(data, epochs=60, lr=0.02)
    for number in (1, 2):
        losses = history.curve("loss", number)[1]
        assert min(losses) >= 2 * math.log(2) - 1e-6
        assert losses[-1] == pytest.approx(2 * math.log(2), abs=1e-3)
        assert min(free.curve("loss", number)[1]) < 1.0


def test_the_number_of_clusters_does_not_change_local_dgi() -> None:
    data = fgnn.load_graph("karate")
    few, many = (make("cluster-dgi", count=count) for count in (2, 9))
    assert few.fit(data, 5).curve("loss", 2) == many.fit(data, 5).curve("loss", 2)
    assert many.predict(data).max() == 8


# --- locality, memory, labels -----------------------------------------------------------------


@pytest.mark.parametrize(("name", "backbone"), EACH)
def test_a_loss_reaches_its_own_layer_only(name: str, backbone: str, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    learner = make(name, backbone, depth=3)
    steps = watch_locality(monkeypatch, learner)
    learner.fit(fgnn.load_graph("karate"), epochs=2)
    assert len(steps) == 6


@pytest.mark.parametrize(("name", "backbone"), EACH)
def test_memory_is_flat_in_depth(name: str, backbone: str) -> None:
    data = fgnn.load_graph("karate")
    low, high = (
        fgnn.probe_memory(make(name, backbone, depth=depth), data, 2, "cpu") for depth in (3, 6)
    )
    assert low.working_bytes == high.working_bytes
    assert low.saved_bytes == high.saved_bytes > 0


@pytest.mark.parametrize("name", ALL)
def test_probe_and_tape_count_the_same_every_time(name: str) -> None:
    data, learner = fgnn.load_graph("karate"), make(name)
    one, two = (fgnn.probe_memory(learner, data, 1, "cpu") for _ in range(2))
    assert one == two
    tape = fgnn.record_tape(learner, data, "cpu")
    assert {"forward", "back", "step"} == set(tape.phases)
    assert learner.trained_layers == 0
    assert fgnn.probe_memory(learner, Data(x=data.x, edge_index=data.edge_index), 1, "cpu") == one


@pytest.mark.parametrize("name", ALL)
def test_no_label_and_no_mask_is_read(name: str) -> None:
    data = fgnn.load_graph("karate")
    bare = Data(x=data.x, edge_index=data.edge_index)
    other = data.clone()
    other.y, other.train_mask = torch.full((34,), -7), torch.zeros(34, dtype=torch.bool)
    before = copy.deepcopy(other)
    found = []
    for each in (data, bare, other):
        learner = make(name)
        learner.fit(each, epochs=4)
        found.append((everything(learner), learner.predict(each).tolist()))
    assert found[0] == found[1] == found[2]
    assert all(torch.equal(other[key], before[key]) for key in ("x", "y", "edge_index"))


@pytest.mark.parametrize("name", ALL)
def test_features_are_scaled_as_in_other_learners(name: str) -> None:
    """Rows are normalised, so their scale does not count."""
    data = fgnn.load_graph("digits").subgraph(torch.arange(60))
    long = data.clone()
    long.x = 8 * data.x
    one, two = make(name), make(name)
    one.fit(data, epochs=3)
    two.fit(long, epochs=3)
    torch.testing.assert_close(one.embed(data), two.embed(long), atol=1e-5, rtol=0)


# --- the interface ----------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "backbone"), EACH)
def test_what_is_saved_gives_the_same_rows_and_clusters(name: str, backbone: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    data = fgnn.load_graph("karate")
    learner = make(name, backbone, 4, seed=3)
    learner.fit(data, epochs=5)
    learner.save(tmp_path / "net.pt")
    again = fgnn.load_learner(tmp_path / "net.pt")
    assert type(again) is type(learner)
    assert everything(again) == everything(learner)
    for one, two in zip(again.embed_layers(data), learner.embed_layers(data), strict=True):
        assert torch.equal(one, two)
    assert torch.equal(again.predict(data), learner.predict(data))


@pytest.mark.parametrize("name", ALL)
def test_rows_and_clusters(name: str) -> None:
    data, learner = fgnn.load_graph("karate"), make(name, depth=3, seed=1)
    learner.fit(data, epochs=10)
    rows = learner.embed_layers(data)
    assert [each.shape for each in rows] == [(34, 8)] * 3
    assert torch.equal(learner.embed(data), rows[-1])
    length = rows[-1].norm(dim=1)
    assert bool(((length - 1).abs() < 1e-5).logical_or(length == 0).all())
    assert torch.equal(learner.predict(data), k_means(rows[-1], 3, 1))
    part = data.subgraph(torch.arange(20))  # a graph that it was not trained on
    assert learner.predict(part).shape == (20,)


@pytest.mark.parametrize("name", ALL)
def test_a_seed_gives_the_same_and_another_seed_another_net(name: str) -> None:
    data = fgnn.load_graph("karate")
    nets = [make(name, seed=seed) for seed in (0, 0, 1)]
    state = torch.get_rng_state()
    losses = [net.fit(data, epochs=5).curve("loss", 2)[1] for net in nets]
    assert torch.equal(torch.get_rng_state(), state)
    assert everything(nets[0]) == everything(nets[1])
    assert losses[0] == losses[1] != losses[2]


@pytest.mark.parametrize("name", ALL)
def test_a_deeper_net_begins_like_a_shallower_one(name: str) -> None:
    data = fgnn.load_graph("karate")
    shallow, deep = make(name, depth=1), make(name, depth=3)
    shallow.fit(data, epochs=5)
    deep.fit(data, epochs=5)
    for key, value in shallow.state_dict().items():
        assert torch.equal(value, deep.state_dict()[key])


@pytest.mark.parametrize("name", ALL)
def test_a_callback_stops_and_may_cluster(name: str) -> None:
    data, learner, seen = fgnn.load_graph("karate"), make(name), []

    def stop(record: fgnn.Record) -> bool:
        seen.append(learner.embed_layers(data))
        return len(seen) < 7

    history = learner.fit(data, epochs=5, on_epoch=stop)
    assert (len(history), history.stopped) == (7, "callback")
    assert [len(each) for each in seen] == [1] * 5 + [2] * 2
    assert torch.equal(learner.embed(data), seen[-1][-1])
    assert all(record.val_score is None for record in history)


def test_progress_is_shown_where_it_is_wanted(capsys) -> None:  # type: ignore[no-untyped-def]
    data = fgnn.load_graph("karate")
    make("cluster-sf").fit(data, epochs=3)
    assert capsys.readouterr().err == ""
    make("cluster-sf").fit(data, epochs=3, progress=True)
    assert "6/6" in capsys.readouterr().err


@pytest.mark.parametrize("name", ALL)
def test_ctrl_c_keeps_what_was_learned(name: str) -> None:
    data, learner = fgnn.load_graph("karate"), make(name)

    def press(record: fgnn.Record) -> None:
        if record.epoch == 2:
            raise KeyboardInterrupt

    history = learner.fit(data, epochs=5, on_epoch=press)
    assert (len(history), history.stopped, learner.trained_layers) == (3, "interrupted", 1)
    assert len(learner.embed_layers(data)) == 1
    with pytest.raises(ValueError, match=r"data.x must have 34 features"):
        learner.embed(Data(x=torch.rand(9, 5), edge_index=data.edge_index[:, :0]))


# --- what is refused, and what is empty -------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_fewer_nodes_than_clusters_are_refused(name: str) -> None:
    learner = make(name, count=5)
    with pytest.raises(ValueError, match=r"data must have at least as many nodes as .*, 5; got 4"):
        learner.fit(path_graph())
    assert not learner.layers
    make(name, count=4).fit(path_graph(), epochs=1)
    learner.fit(fgnn.load_graph("karate"), epochs=1)
    small = Data(x=torch.eye(34)[:4], edge_index=torch.zeros(2, 0, dtype=torch.long))
    with pytest.raises(ValueError, match=r"data must have at least as many nodes as .*, 5; got 4"):
        learner.predict(small)
    with pytest.raises(ValueError, match="clusters must be at most the 4 rows; got 5"):
        k_means(small.x, 5)


@pytest.mark.parametrize("name", ALL)
def test_equal_nodes_leave_clusters_empty(name: str) -> None:
    """An empty pseudo-class is a class node that no node sends to: one more wrong answer."""
    data = path_graph()
    data.x, data.edge_index = torch.ones(4, 2), data.edge_index[:, :0]
    learner = make(name)
    history = learner.fit(data, epochs=30, lr=0.05)
    assert all(math.isfinite(record.loss) for record in history)
    assert learner.predict(data).unique().numel() == 1


def test_an_empty_pseudo_class_is_a_wrong_answer() -> None:
    data = fgnn.load_graph("karate")
    data.x = torch.eye(34)[[0] * 34]
    learner = make("cluster-sf", depth=1)
    loss = learner.fit(data, epochs=1, lr=1e-12, weight_decay=0.0).records[0].loss
    y = k_means(propagated(data), 3, derive(0, 1))
    assert y.unique().tolist() == [0]
    own = unit(virtual_features(3, 34, 0))
    edges = torch.cat([data.edge_index, torch.stack([torch.arange(34), 34 + y])], dim=1)
    with torch.no_grad():
        z = learner.layers[0].conv(torch.cat([data.x, own]), edges).relu()
        wanted = functional.cross_entropy(z[:34] @ z[34:].t(), y)
    assert loss == pytest.approx(wanted.item(), abs=1e-5)


@pytest.mark.parametrize(
    ("name", "options", "error", "message"),
    [
        ("cluster-sf", {"count": 1}, ValueError, "clusters must be .* from 2 to 65536; got 1"),
        ("cluster-dgi", {"count": 2.5}, TypeError, r"clusters must be .*; got 2.5"),
        ("cluster-dg", {}, ValueError, "one of 'cluster-sf', .* Did you mean 'cluster-dgi'"),
        ("cluster-sf", {"theta": 1}, TypeError, "has no option 'theta'"),
        ("cluster-sf", {"virtual_edges": "both"}, TypeError, "has no option 'virtual_edges'"),
    ],
)
def test_settings_that_do_not_exist_are_refused(name, options, error, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=message):
        make(name, **options)


@pytest.mark.parametrize("name", ALL)
def test_what_cannot_be_trained_on_is_refused(name: str) -> None:
    data = weighted_graph()
    with pytest.raises(ValueError, match=r"'sage' cannot use data.edge_weight"):
        make(name, "sage").fit(data)
    for bad in ({"epochs": 0}, {"lr": 0.0}, {"weight_decay": -1.0}):
        with pytest.raises(ValueError, match=next(iter(bad))):
            make(name).fit(data, **bad)
    with pytest.raises(TypeError, match="restore_best"):
        make(name).fit(data, restore_best=True)
    with pytest.raises(ValueError, match="nothing yet: call fit"):
        make(name).predict(data)
    make(name).fit(data, epochs=1)
    data.x[0, 0] = float("nan")
    with pytest.raises(ValueError, match=r"data.x must be finite"):
        make(name).fit(data)


def test_every_backbone_can_be_taken() -> None:
    assert {kind for name in ALL for kind in make(name).backbones} == set(BACKBONES)


@pytest.mark.parametrize("name", ALL)
def test_the_digits_are_clustered(name: str) -> None:
    data = fgnn.load_graph("digits")
    learner = fgnn.make_cluster_learner(name, 10, depth=1, hidden=64)
    learner.fit(data, epochs=40, lr=0.01)
    assert nmi(learner.predict(data), data.y) > 0.6  # of clusters that are drawn: 0.01
