"""Whole graphs: naive twins, learners of nodes on graphs of one node, locality, memory, errors."""

import copy
import random
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch_geometric.data import Batch, Data
from torch_geometric.nn import GATConv, GCNConv, SAGEConv
from toys import everything, watch_locality

import fgnn_lite as fgnn
from fgnn_lite.layers import Layer
from fgnn_lite.learners.net import KINDS
from fgnn_lite.learners.run import Run
from fgnn_lite.seeds import default_generator

ALL = fgnn.GRAPH_LEARNERS
IN_TURN = [name for name in ALL if name != "graph-bp"]
EACH = [(name, backbone) for name in ALL for backbone in KINDS[name].backbones]
VOTES = {name: [{}, {"leave_one_out": True}] for name in ("graph-sf", "graph-prototypes")}
CONVS = {"gcn": GCNConv, "sage": SAGEConv, "gat": lambda f, h: GATConv(f, h // 4, heads=4)}


def some_graphs(count: int = 12, seed: int = 0, dtype: torch.dtype = torch.float64) -> list[Data]:
    """Three to eight nodes of four features; loops, doubled edges, nodes alone, one without edges.

    Three classes, whose mean features differ.
    """
    draw = torch.Generator().manual_seed(seed)
    graphs = []
    for k in range(count):
        n = 3 + k % 6
        edges = torch.randint(0, n, (2, 0 if k == 5 else 2 * n), generator=draw)
        x = torch.rand(n, 4, generator=draw, dtype=dtype)
        x[:, k % 3] += 1.0
        x[0] *= k % 2
        graphs.append(Data(x=x, edge_index=edges, y=torch.tensor([k % 3])))
    return graphs


def fitted(name: str, backbone: str = "gcn", graphs: Any = None, **options: Any) -> Any:
    settings = {"depth": 2, "hidden": 8, **options}
    learner = fgnn.make_graph_learner(name, backbone, **settings)
    graphs = some_graphs() if graphs is None else graphs
    learner.fit(graphs, epochs=4, lr=0.05, device="cpu", restore_best=False)
    return learner


def unit(x: Tensor) -> Tensor:
    return x / (x.norm(dim=1, keepdim=True) + 1e-8)


# --- graphs of one node are nodes without edges --------------------------------------------------


def one_node_each() -> tuple[list[Data], Data]:
    """Thirty graphs of one node, and one graph of thirty nodes and no edge."""
    draw = torch.Generator().manual_seed(3)
    y = torch.arange(30) % 3
    x = torch.rand(30, 4, generator=draw, dtype=torch.float64)
    x[torch.arange(30), y] += 0.5
    none = torch.zeros(2, 0, dtype=torch.long)
    graphs = [Data(x=x[k : k + 1], edge_index=none, y=y[k : k + 1]) for k in range(30)]
    everyone = torch.ones(30, dtype=torch.bool)
    return graphs, Data(x=x, y=y, edge_index=none, train_mask=everyone)


@pytest.mark.parametrize(
    ("name", "twin", "options"),
    [
        ("graph-bp", "bp", {"head": "linear"}),
        ("graph-local-heads", "local-heads", {}),
        ("graph-ff", "ff-la", {"given": "none"}),
    ],
)
@pytest.mark.parametrize("backbone", fgnn.BACKBONES)
def test_graphs_of_one_node_are_learned_as_nodes_are(name, twin, options, backbone) -> None:
    graphs, data = one_node_each()
    shared = {"depth": 2, "hidden": 8, "temperature": 0.7, "seed": 4}
    of_graphs = fgnn.make_graph_learner(name, backbone, **shared)
    of_nodes = fgnn.make_learner(twin, backbone, **shared, **options)
    fit = {"epochs": 12, "lr": 0.05, "restore_best": False, "device": "cpu"}
    one, two = of_graphs.fit(graphs, **fit), of_nodes.fit(data, **fit)
    assert one.records[-1].loss < one.records[0].loss
    for a, b in zip(one, two, strict=True):
        assert (a.layer, a.epoch) == (b.layer, b.epoch)
        assert a.loss == pytest.approx(b.loss, abs=1e-10)
        assert a.margin == pytest.approx(b.margin, abs=1e-10)
        assert (a.goodness_pos is None) == (name != "graph-ff")
        if name == "graph-ff":
            assert a.goodness_pos == pytest.approx(b.goodness_pos, abs=1e-10)
            assert a.goodness_neg == pytest.approx(b.goodness_neg, abs=1e-10)
    for a, b in zip(of_graphs.class_scores(graphs), of_nodes.class_scores(data), strict=True):
        torch.testing.assert_close(a, b, atol=1e-8, rtol=0)


# --- single-forward, graph by graph, with PyG's layers -------------------------------------------


def pre_activation(conv: nn.Module, p: tuple[Tensor, ...]) -> Tensor:
    """What a layer makes of summed inputs [C, F]: its bias comes once."""
    if isinstance(conv, GCNConv):
        return p[0] @ conv.lin.weight.t() + conv.bias
    return p[0] @ conv.lin_l.weight.t() + conv.lin_l.bias + p[1] @ conv.lin_r.weight.t()


def propagated(conv: nn.Module, x: Tensor, edges: Tensor) -> tuple[Tensor, ...]:
    """M X (and X), read out of PyG's layer by giving it the identity for weights."""
    probe = type(conv)(x.shape[1], x.shape[1]).double()
    with torch.no_grad():
        for parameter in probe.parameters():
            parameter.zero_()
        (probe.lin if isinstance(probe, GCNConv) else probe.lin_l).weight.copy_(
            torch.eye(x.shape[1])
        )
        aggregated = probe(x, edges)
    return (aggregated,) if isinstance(conv, GCNConv) else (aggregated, x)


@pytest.mark.parametrize(
    ("name", "backbone"),
    [("graph-sf", each) for each in ("gcn", "sage")]
    + [("graph-prototypes", each) for each in fgnn.BACKBONES],
)
@pytest.mark.parametrize("leave", [False, True])
def test_class_nodes_are_what_their_equations_say(name: str, backbone: str, leave: bool) -> None:
    """Graph by graph, no batch, one class node at a time: same losses, same votes."""
    graphs, new, tau = some_graphs(), some_graphs(5, seed=9), 0.4
    options = {"depth": 2, "hidden": 8, "temperature": tau, "leave_one_out": leave}
    learner = fgnn.make_graph_learner(name, backbone, **options)
    history = learner.fit(graphs, epochs=8, lr=0.05, restore_best=False, device="cpu")
    y = [int(each.y) for each in graphs]
    inputs = [unit(each.x) for each in graphs]
    unseen = [unit(each.x) for each in new]
    votes = torch.zeros(len(new), 3, dtype=torch.float64)
    sizes = 4
    for number in (1, 2):
        with default_generator(0, number):
            conv = CONVS[backbone](sizes, 8).double()
        means = []  # p
        if name == "graph-sf":
            means = [
                tuple(each.mean(0) for each in propagated(conv, x, g.edge_index))
                for x, g in zip(inputs, graphs, strict=True)
            ]

        def class_node(
            c: int, without: int | None, means=means, conv=conv, inputs=inputs
        ) -> Tensor:
            members = [k for k in range(len(y)) if y[k] == c and k != without]
            size = len(members) + (without is not None)
            if name == "graph-prototypes":
                outputs = [conv(inputs[k], graphs[k].edge_index).relu().mean(0) for k in members]
                return sum(outputs) / len(members) * size**0.5
            parts = len(means[0])
            total = [
                sum(means[k][i] for k in members) / len(members) * size**0.5 for i in range(parts)
            ]
            return pre_activation(conv, tuple(each.unsqueeze(0) for each in total)).relu()[0]

        optimizer = torch.optim.Adam(conv.parameters(), lr=0.05, weight_decay=5e-4)
        losses = []
        for _ in range(8):
            loss = torch.zeros((), dtype=torch.float64)
            for k, (x, g) in enumerate(zip(inputs, graphs, strict=True)):
                r = conv(x, g.edge_index).relu().mean(0)
                nodes = [class_node(c, k if leave and c == y[k] else None) for c in range(3)]
                logits = torch.stack([r @ z for z in nodes]) / tau
                loss = loss + functional.cross_entropy(logits, g.y[0]) / len(graphs)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        assert history.curve("loss", number)[1] == pytest.approx(losses, abs=1e-9)
        with torch.no_grad():
            nodes = torch.stack([class_node(c, None) for c in range(3)])
            for k, (x, g) in enumerate(zip(unseen, new, strict=True)):
                r = conv(x, g.edge_index).relu().mean(0)
                votes[k] += (nodes @ r / tau).softmax(0)
            inputs, unseen = (
                [unit(conv(x, g.edge_index).relu()) for x, g in zip(rows, whole, strict=True)]
                for rows, whole in ((inputs, graphs), (unseen, new))
            )
        sizes = 8
    torch.testing.assert_close(learner.class_scores(new)[-1], votes, atol=1e-8, rtol=0)


def test_a_graph_votes_for_its_own_class_node_unless_it_is_left_out() -> None:
    """On labels that mean nothing its own vote puts the true class ahead; the option takes it away.

    Six graphs of a class, so that one of them is a sixth of its class node.
    """
    draw = torch.Generator().manual_seed(1)
    none = torch.zeros(2, 0, dtype=torch.long)
    lead = {False: [], True: []}
    for seed in range(8):
        graphs = [
            Data(x=torch.randn(1, 40, generator=draw), edge_index=none, y=torch.tensor([k % 3]))
            for k in range(18)
        ]
        for leave, found in lead.items():
            learner = fgnn.make_graph_learner(
                "graph-sf", depth=1, hidden=64, seed=seed, leave_one_out=leave
            )
            history = learner.fit(graphs, epochs=1, restore_best=False, device="cpu")
            found.append(history.records[0].margin)
    assert np.mean(lead[False]) > np.mean(lead[True]) + 0.05
    assert all(a > b for a, b in zip(lead[False], lead[True], strict=True))


@pytest.mark.parametrize("backbone", ["gcn", "sage"])
@pytest.mark.parametrize("leave", [False, True])
def test_what_a_graph_is_compared_with_holds_its_own_input_only_where_it_votes(
    backbone: str, leave: bool, monkeypatch
) -> None:
    """Logits of graph 0, taken apart: with its readout held, does its own input move them?"""
    graphs = some_graphs()
    learner = fgnn.make_graph_learner("graph-sf", backbone, depth=1, hidden=8, leave_one_out=leave)
    learner._build(4, 3, torch.float64)
    learner.scaling = "none"
    layer = learner.layers[0]
    seen = []

    def watched(logits: Tensor, y: Tensor, real=functional.cross_entropy) -> Tensor:
        seen.append(logits.detach())
        return real(logits, y)

    monkeypatch.setattr(functional, "cross_entropy", watched)
    ones = torch.ones(8, dtype=torch.float64)

    def first_logits(scale: float) -> Tensor:
        changed = [each.clone() for each in graphs]
        changed[0].x = changed[0].x * torch.linspace(1, scale, 4, dtype=torch.float64)
        parts = learner._to_learn(learner._batches(changed, torch.device("cpu")))
        (update,) = learner._updates_of(layer, parts)
        held = parts[0]._replace()
        pooled = type(held).pooled
        monkeypatch.setattr(
            type(held),
            "pooled",
            lambda self, h: pooled(self, h).index_fill(0, torch.tensor([0]), 0) + one_row(self),
        )
        update()
        monkeypatch.setattr(type(held), "pooled", pooled)
        return seen[-1][0]

    def one_row(part: Any) -> Tensor:
        row = torch.zeros(len(part.y), 8, dtype=torch.float64)
        row[0] = ones
        return row

    before, after = first_logits(1.0), first_logits(5.0)
    assert torch.equal(before[1:], after[1:])  # the other classes' nodes never hold it
    assert torch.allclose(before[0], after[0], atol=1e-12, rtol=0) == leave


@pytest.mark.parametrize("leave", [False, True])
@pytest.mark.parametrize("interrupted", [False, True])
def test_centres_are_those_of_the_weights_when_a_state_is_read(
    leave: bool, interrupted: bool, tmp_path
) -> None:
    """From `on_epoch`, after the best state came back, and after Ctrl-C in the midst of a layer."""
    graphs = some_graphs()

    def computed(learner) -> list[Tensor]:  # of every layer that has learned [C, H]
        y = torch.cat([each.y for each in graphs])
        parts = learner._to_learn(learner._batches(graphs, torch.device("cpu")))
        found = []
        with torch.no_grad():
            for layer in learner.layers[: learner.trained_layers]:
                r = torch.cat([each.pooled(layer(each.prepare(layer))) for each in parts])
                found.append(
                    torch.stack([r[y == c].sum(0) / (y == c).sum().sqrt() for c in range(3)])
                )
                parts = [each.above(layer) for each in parts]
        return found

    def hold(learner) -> None:
        for layer, wanted in zip(learner.layers, computed(learner), strict=False):
            torch.testing.assert_close(layer.centres, wanted, atol=1e-12, rtol=0)

    scores = []

    def saved(record) -> None:
        learner.save(tmp_path / "now.pt")
        again = fgnn.load_learner(tmp_path / "now.pt")
        hold(again)
        scores.append((again.score(graphs), learner.score(graphs)))
        if record.layer == 2 and record.epoch == 3 and interrupted:
            raise KeyboardInterrupt

    for val in (None, some_graphs(6, seed=7)):
        options = {"depth": 2, "hidden": 8, "batch_size": 5, "leave_one_out": leave}
        learner = fgnn.make_graph_learner("graph-prototypes", **options)
        fit = {"epochs": 5, "lr": 0.05, "on_epoch": saved, "device": "cpu", "val_every": 2}
        learner.fit(graphs, val, restore_best=val is not None, **fit)
        hold(learner)
        assert all(layer.compute is None for layer in learner.layers)
        assert len(learner.class_scores(graphs)) == 2
    assert all(one == two for one, two in scores)


@pytest.mark.parametrize("leave", [False, True])
def test_classes_that_look_alike_are_level_with_or_without_an_own_vote(leave: bool) -> None:
    """All graphs the same: no class leads, so nothing pushes a class node to zero."""
    graphs = [some_graphs()[1].clone() for _ in range(12)]
    for k, each in enumerate(graphs):
        each.y = torch.tensor([k % 3])
    learner = fgnn.make_graph_learner("graph-sf", depth=1, hidden=8, leave_one_out=leave)
    history = learner.fit(graphs, epochs=3, restore_best=False, device="cpu")
    assert history.curve("margin", 1)[1] == pytest.approx([0.0] * 3, abs=1e-12)
    assert history.curve("loss", 1)[1] == pytest.approx([np.log(3)] * 3, abs=1e-12)


def test_the_only_graph_of_a_class_is_compared_with_the_bias_alone() -> None:
    graphs = [each for each in some_graphs() if int(each.y)][:3] + some_graphs()[:1]
    learner = fitted("graph-sf", graphs=graphs, leave_one_out=True)
    assert all(bool(p.isfinite().all()) for p in learner.parameters())
    assert learner.predict(graphs).shape == (4,)


# --- a graph is what it is, however it is written ------------------------------------------------


@pytest.mark.parametrize(("name", "backbone"), EACH)
def test_neither_the_order_of_nodes_nor_company_in_a_batch_matters(name, backbone) -> None:
    learner, graphs = fitted(name, backbone), some_graphs(7, seed=5)
    draw = torch.Generator().manual_seed(0)
    other = []
    for each in graphs:
        order = torch.randperm(each.num_nodes, generator=draw)
        place = order.argsort()
        other.append(Data(x=each.x[order], edge_index=place[each.edge_index]))
    alone = [learner.class_scores([each]) for each in other]
    for k, together in enumerate(learner.class_scores(graphs)):
        joined = torch.cat([each[k] for each in alone])
        torch.testing.assert_close(joined, together, atol=1e-10, rtol=0)


@pytest.mark.parametrize("name", ALL)
def test_batches_of_prediction_change_nothing(name: str) -> None:
    graphs = some_graphs(7, seed=5)
    learner = fitted(name, batch_size=5)
    scores = learner.class_scores(graphs)
    learner.batch_size = 2
    for a, b in zip(scores, learner.class_scores(graphs), strict=True):
        torch.testing.assert_close(a, b, atol=1e-10, rtol=0)


@pytest.mark.parametrize("name", ALL)
def test_batches_are_updates_and_an_epoch_is_a_pass(name: str, monkeypatch) -> None:
    steps = []
    real = Run.step
    monkeypatch.setattr(Run, "step", lambda *given: (steps.append(1), real(*given))[1])
    learner = fgnn.make_graph_learner(name, depth=2, hidden=8, batch_size=5)
    history = learner.fit(some_graphs(), epochs=3, restore_best=False, device="cpu")
    layers = 1 if name == "graph-bp" else 2
    assert len(history) == 3 * layers
    assert len(steps) == 3 * layers * 3  # 5, 5 and 2 of the twelve graphs
    whole = fgnn.make_graph_learner(name, depth=2, hidden=8, batch_size=12)
    plain = fgnn.make_graph_learner(name, depth=2, hidden=8)
    for each in (whole, plain):
        each.fit(some_graphs(), epochs=3, restore_best=False, device="cpu")
    assert whole.class_scores(some_graphs())[-1].equal(plain.class_scores(some_graphs())[-1])


@pytest.mark.parametrize("name", ALL)
def test_a_batch_of_one_graph_learns(name: str) -> None:
    graphs = some_graphs()
    learner = fitted(name, batch_size=1)
    assert learner.predict(graphs[:1]).shape == (1,)
    assert all(bool(p.isfinite().all()) for p in learner.parameters())


def test_the_loss_of_an_epoch_is_the_mean_over_graphs() -> None:
    """With a step of next to nothing the batches of 5, 5 and 2 add up to the one of twelve."""
    losses = []
    for size in (None, 5):
        learner = fgnn.make_graph_learner("graph-local-heads", depth=1, hidden=8, batch_size=size)
        history = learner.fit(
            some_graphs(), epochs=1, lr=1e-12, weight_decay=0.0, restore_best=False, device="cpu"
        )
        losses.append((history.records[0].loss, history.records[0].margin))
    assert losses[0] == pytest.approx(losses[1], abs=1e-8)


def test_edges_weigh_for_gcn_and_are_refused_elsewhere() -> None:
    graphs = some_graphs()
    for each in graphs[::2]:  # the others' edges weigh 1
        each.edge_weight = torch.full((each.num_edges,), 0.3, dtype=torch.float64)
    ones = [copy.copy(each) for each in graphs]
    for each in ones[1::2]:
        each.edge_weight = torch.ones(each.num_edges, dtype=torch.float64)
    one, two = (fitted("graph-local-heads", graphs=each) for each in (graphs, ones))
    assert torch.equal(one.class_scores(graphs)[-1], two.class_scores(graphs)[-1])
    other = fitted("graph-local-heads")
    assert not torch.allclose(one.class_scores(graphs)[-1], other.class_scores(graphs)[-1])
    with pytest.raises(ValueError, match=r"'sage' cannot use train\[0\].edge_weight"):
        fitted("graph-local-heads", "sage", graphs=graphs)


# --- locality ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "backbone"), [each for each in EACH if each[0] in IN_TURN])
@pytest.mark.parametrize("size", [None, 5])
def test_a_loss_reaches_its_own_layer_and_no_other(name, backbone, size, monkeypatch) -> None:
    for options in VOTES.get(name, [{}]):
        learner = fgnn.make_graph_learner(
            name, backbone, depth=3, hidden=8, batch_size=size, **options
        )
        clips = watch_locality(monkeypatch, learner)
        learner.fit(some_graphs(), epochs=2, restore_best=False, device="cpu")
        assert len(clips) == 3 * 2 * (3 if size else 1)
        assert all(parameter.grad is None for parameter in learner.parameters())
        monkeypatch.undo()


@pytest.mark.parametrize("name", IN_TURN)
def test_other_layers_stay_as_they_are(name: str) -> None:
    """While layer 2 learns, layers 1 and 3 keep every bit, and no gradient."""
    learner = fgnn.make_graph_learner(name, depth=3, hidden=8)
    kept: dict[int, list[Tensor]] = {}

    def note(record) -> None:
        if record.layer == 2:
            now = [p.detach().clone() for k in (0, 2) for p in learner.layers[k].parameters()]
            assert all(p.grad is None for k in (0, 2) for p in learner.layers[k].parameters())
            first = kept.setdefault(0, now)
            assert all(a.equal(b) for a, b in zip(first, now, strict=True))
            kept[1] = [p.detach().clone() for p in learner.layers[1].parameters()]

    before = fgnn.make_graph_learner(name, depth=3, hidden=8)
    before._build(4, 3, torch.float64)
    learner.fit(some_graphs(), epochs=3, restore_best=False, device="cpu", on_epoch=note)
    assert any(not a.equal(b) for a, b in zip(kept[1], before.layers[1].parameters(), strict=True))


@pytest.mark.parametrize("name", IN_TURN)
def test_a_deeper_net_begins_like_a_shallower_one(name: str) -> None:
    one, two = (fitted(name, depth=depth) for depth in (1, 3))
    for a, b in zip(one.layers[0].parameters(), two.layers[0].parameters(), strict=True):
        assert torch.equal(a, b)
    graphs = some_graphs(5, seed=2)
    assert torch.equal(one.class_scores(graphs)[0], two.class_scores(graphs)[0])


# --- one interface -----------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "backbone"), EACH)
def test_all_learn_score_save_and_load(name: str, backbone: str, tmp_path) -> None:
    train, val = some_graphs(18, dtype=torch.float32), some_graphs(6, 7, dtype=torch.float32)
    for options in VOTES.get(name, [{}]):
        learner = fgnn.make_graph_learner(
            name, backbone, hidden=16, temperature=0.2, batch_size=4, **options
        )
        history = learner.fit(train, val, epochs=60, lr=0.02, device="cpu")
        scores = learner.layer_scores(val)
        assert len(scores) == (1 if name == "graph-bp" else 2)
        assert scores[-1] == learner.score(val) > 0.5
        assert history.best[-1].val_accuracy == pytest.approx(scores[-1])
        assert learner.score(val) == float(
            (learner.predict(val) == torch.cat([each.y for each in val])).double().mean()
        )
        learner.save(tmp_path / "graph.pt")
        again = fgnn.load_learner(tmp_path / "graph.pt")
        assert type(again) is type(learner)
        assert everything(again) == everything(learner)
        for a, b in zip(learner.class_scores(val), again.class_scores(val), strict=True):
            assert torch.equal(a, b)


def _numpys() -> list[int]:
    return np.random.get_state()[1].tolist()  # noqa: NPY002 (that of the caller)


@pytest.mark.parametrize("name", ALL)
def test_it_repeats_and_touches_nothing(name: str) -> None:
    graphs = some_graphs()
    before = [copy.deepcopy(each.to_dict()) for each in graphs]
    states = torch.get_rng_state(), random.getstate(), _numpys()
    one, two = (fitted(name, graphs=graphs, batch_size=5) for _ in range(2))
    other = fitted(name, graphs=graphs, batch_size=5, seed=1)
    assert everything(one) == everything(two)
    assert everything(one)[0] != everything(other)[0]
    assert torch.equal(torch.get_rng_state(), states[0])
    assert (random.getstate(), _numpys()) == states[1:]
    for each, was in zip(graphs, before, strict=True):
        assert each.to_dict().keys() == was.keys()
        assert all(torch.equal(each[key], value) for key, value in was.items())


@pytest.mark.parametrize("name", ALL)
def test_labels_of_what_is_predicted_are_not_read(name: str) -> None:
    learner, graphs = fitted(name), some_graphs(5, seed=2)
    without = [Data(x=each.x, edge_index=each.edge_index) for each in graphs]
    other = [Data(x=g.x, edge_index=g.edge_index, y=torch.tensor([7])) for g in graphs]
    assert torch.equal(learner.predict(graphs), learner.predict(without))
    assert torch.equal(learner.predict(graphs), learner.predict(other))


@pytest.mark.parametrize("name", ALL)
def test_a_callback_stops_and_may_score(name: str) -> None:
    graphs, seen = some_graphs(), []
    learner = fgnn.make_graph_learner(name, hidden=8)

    def stop(record) -> bool:
        seen.append(learner.score(graphs))
        return len(seen) < 2

    history = learner.fit(graphs, restore_best=False, on_epoch=stop, device="cpu")
    assert (len(history), history.stopped) == (2, "callback")
    assert learner.trained_layers == (1 if name != "graph-bp" else 3)
    assert learner.score(graphs) == seen[-1]


@pytest.mark.parametrize("name", ALL)
def test_early_stopping_keeps_the_first_best(name: str) -> None:
    train, val = some_graphs(), some_graphs(6, seed=8)
    learner = fgnn.make_graph_learner(name, hidden=8)
    history = learner.fit(train, val, epochs=40, patience=3, val_every=1, lr=0.05, device="cpu")
    for best in history.best:
        epochs, found = history.curve("val_accuracy", best.layer)
        assert best.val_accuracy == max(found)
        assert best.epoch == epochs[found.index(max(found))]
        assert len(found) == min(40, best.epoch + 1 + 3)


def test_inference_mode_and_gradients_of_the_caller_do_not_matter() -> None:
    graphs = some_graphs()
    wanted = fitted("graph-sf", graphs=graphs).class_scores(graphs)[-1]
    with torch.inference_mode():
        made = [Data(x=g.x.clone(), edge_index=g.edge_index.clone(), y=g.y) for g in graphs]
        assert torch.equal(fitted("graph-sf", graphs=made).class_scores(made)[-1], wanted)
    for each in made:
        each.x = each.x.clone().requires_grad_()
    assert torch.equal(fitted("graph-sf", graphs=made).class_scores(made)[-1], wanted)
    assert all(each.x.grad is None for each in made)


# --- memory ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALL)
def test_memory_is_flat_in_depth_but_for_backpropagation(name: str) -> None:
    graphs = some_graphs(60, dtype=torch.float32)

    def saved(depth: int) -> int:
        learner = fgnn.make_graph_learner(name, depth=depth, hidden=16)
        return fgnn.probe_memory(learner, graphs, device="cpu").saved_bytes

    shallow, deep = saved(3), saved(6)
    nodes = sum(each.num_nodes for each in graphs)
    if name == "graph-bp":
        assert deep - shallow >= 3 * nodes * 16 * 4
    else:
        assert deep == shallow


@pytest.mark.parametrize("name", ALL)
def test_probe_and_tape_count_the_same_every_time(name: str) -> None:
    graphs = some_graphs(dtype=torch.float32)
    learner = fgnn.make_graph_learner(name, hidden=8)
    one, two = (fgnn.probe_memory(learner, graphs, device="cpu") for _ in range(2))
    assert one == two
    assert sum(one.peak_split.values()) == one.peak_bytes
    tape = fgnn.record_tape(learner, graphs, device="cpu")
    assert {"forward", "back", "step"} == set(tape.phases)
    assert tape.bytes == fgnn.record_tape(learner, graphs, device="cpu").bytes
    assert learner.trained_layers == 0


# --- what is refused ---------------------------------------------------------------------------


def changed(place: int, **fields: Any) -> list[Data]:
    graphs = some_graphs()
    for field, value in fields.items():
        graphs[place][field] = value
    return graphs


NONE = torch.zeros(2, 0, dtype=torch.long)
BAD = [
    ([], ValueError, r"train must hold at least one graph; it is empty"),
    (some_graphs()[0], TypeError, r"train must be a list of graphs, a Data each; got Data"),
    (Batch.from_data_list(some_graphs()), TypeError, r"train must be a list of graphs"),
    ([*some_graphs(), 3], TypeError, r"train\[12\] must be a torch_geometric.data.Data; got 3"),
    (None, TypeError, r"train must be a list of graphs, a Data each; got None"),
    (
        changed(2, x=torch.zeros(0, 4, dtype=torch.float64), edge_index=NONE),
        ValueError,
        r"train\[2\].x must have shape \[N, F\], N and F at least 1; got \[0, 4\]",
    ),
    (
        changed(3, x=torch.rand(6, 5, dtype=torch.float64)),
        ValueError,
        r"train\[3\].x must have 4 features of torch.float64, .* got 5 of torch.float64",
    ),
    (
        changed(3, x=torch.rand(6, 4)),
        ValueError,
        r"train\[3\].x must have 4 features of torch.float64, .* got 4 of torch.float32",
    ),
    ([g for g in some_graphs() if g.y != 1], ValueError, r"train must .* every class; .* class 1 "),
    ([g for g in some_graphs() if g.y == 0], ValueError, r"train must .* at least 2 classes"),
    (changed(1, y=torch.tensor([0, 1])), ValueError, r"train\[1\].y must be one integer"),
    (changed(1, y=torch.tensor([0.5])), ValueError, r"train\[1\].y must be one integer"),
    (changed(1, y=torch.tensor([-1])), ValueError, r"train\[1\].y must be .* from 0 .*; got -1"),
    (changed(1, y=None), ValueError, r"train\[1\] has no 'y'"),
    (changed(4, edge_index=torch.tensor([[0], [9]])), ValueError, r"train\[4\].edge_index: .* 9"),
    (
        changed(0, edge_attr=torch.rand(6, 2)),
        ValueError,
        r"train\[0\].edge_attr must be one floating weight",
    ),
]


@pytest.mark.parametrize(("train", "error", "message"), BAD)
@pytest.mark.parametrize("name", ["graph-bp", "graph-sf"])
def test_graphs_that_cannot_be_learned_from_are_refused(name, train, error, message) -> None:
    learner = fgnn.make_graph_learner(name, hidden=8)
    with pytest.raises(error, match=message):
        learner.fit(train, restore_best=False, device="cpu")
    assert learner.trained_layers == 0


def test_graphs_to_validate_on_and_to_predict_fit_the_net() -> None:
    train, learner = some_graphs(), fgnn.make_graph_learner("graph-sf", hidden=8)
    with pytest.raises(ValueError, match="val must be given to restore the best"):
        learner.fit(train)
    with pytest.raises(ValueError, match="val must hold at least one graph"):
        learner.fit(train, [])
    with pytest.raises(ValueError, match="train and val must share no graph; 2 are in both"):
        learner.fit(train, train[:2])
    other = changed(0, y=torch.tensor([3]))[:1]
    with pytest.raises(ValueError, match=r"val must .* the 3 classes .* got one of class 3"):
        learner.fit(train, other)
    with pytest.raises(ValueError, match="nothing yet: call fit"):
        learner.predict(train)
    learner.fit(train, epochs=1, restore_best=False, device="cpu")
    with pytest.raises(ValueError, match="graphs must hold at least one graph"):
        learner.predict([])
    with pytest.raises(ValueError, match=r"graphs\[0\].x must have 4 features .* got 5 of"):
        learner.predict([Data(x=torch.rand(2, 5, dtype=torch.float64), edge_index=NONE)])
    with pytest.raises(ValueError, match="graphs must hold graphs of the 3 classes"):
        learner.score(other)
    with pytest.raises(ValueError, match=r"graphs\[0\] has no 'y'"):
        learner.score([Data(x=train[0].x, edge_index=NONE)])


def test_a_generator_of_graphs_is_a_list_too() -> None:
    graphs = some_graphs()
    one = fitted("graph-bp", graphs=(each for each in graphs))
    assert torch.equal(one.predict(iter(graphs)), fitted("graph-bp", graphs=graphs).predict(graphs))


@pytest.mark.parametrize(
    ("name", "options", "error", "message"),
    [
        ("graph-sf", {"backbone": "gat"}, ValueError, r"backbone must be one of 'gcn', 'sage'"),
        ("sf", {}, ValueError, r"name must be one of 'graph-bp'.* Did you mean 'graph-sf'"),
        ("graph-bp", {"batch_size": 0}, ValueError, r"batch_size must be .* at least 1; got 0"),
        ("graph-bp", {"theta": 1}, TypeError, r"has no option 'theta'"),
        ("graph-sf", {"leave_one_out": 1}, TypeError, r"leave_one_out must be True or False"),
        ("graph-ff", {"negatives": 0}, ValueError, r"negatives must be .* at least 1; got 0"),
    ],
)
def test_settings_that_do_not_exist_are_refused(name, options, error, message) -> None:
    with pytest.raises(error, match=message):
        fgnn.make_graph_learner(name, **options)


def test_more_negatives_than_wrong_classes_are_refused() -> None:
    learner = fgnn.make_graph_learner("graph-ff", hidden=8, negatives=3)
    with pytest.raises(ValueError, match="negatives must be an integer from 1 to 2; got 3"):
        learner.fit(some_graphs(), restore_best=False, device="cpu")
    assert not learner.layers


# --- the sets --------------------------------------------------------------------------------


def test_the_motifs_are_learned_by_layers_that_learn_alone() -> None:
    train, val, test = fgnn.load_graphs("motifs")
    learner = fgnn.make_graph_learner(
        "graph-local-heads", hidden=32, batch_size=32, temperature=0.1
    )
    learner.fit(train, val, epochs=150, patience=30, lr=0.01, weight_decay=0.0, device="cpu")
    assert learner.score(test) > 0.6  # a guess is right in a third
    assert learner.layers[0].conv.lin.weight.shape == (32, 11)
    assert isinstance(learner.layers[1], Layer)
