"""What the review asked for: `hypotheses.py`, `attention.py` and `heads.py` in benchmarks/."""

from __future__ import annotations

import pytest
import torch
from scripts import benchmark
from torch.nn.functional import one_hot
from torch_geometric.nn import GATConv, GATv2Conv
from torch_geometric.utils import to_dense_adj

import fgnn_lite as fgnn
from fgnn_lite.book import judge
from fgnn_lite.seeds import default_generator


def only(name, **columns):
    """The one row of a results file with these values."""
    rows = fgnn.load_results(name)["rows"]
    (row,) = [row for row in rows if all(row[k] == value for k, value in columns.items())]
    return row


@pytest.fixture(scope="module")
def sbm():
    return fgnn.load_graph("sbm", nodes=60, edges=150, features=5)


@pytest.mark.parametrize("way", ["joint", "single", "single, given"])
def test_each_way_of_predicting_by_hand(sbm, way) -> None:
    """Which label stands where: node by node, with dense matrices."""
    script = benchmark("hypotheses")
    learner = script.FFLabelsGiven(depth=1, hidden=8, loss="symba")
    learner.fit(sbm, epochs=20, lr=0.01, device="cpu")
    scores = script.predicting(learner, way).class_scores(sbm)[-1]
    assert learner.hypotheses == "joint"

    conv, train = learner.layers[0].conv, sbm.train_mask
    A = to_dense_adj(sbm.edge_index, max_num_nodes=60)[0] + torch.eye(60)
    A /= (A.sum(0)[:, None] * A.sum(0)).sqrt()
    for node in (~train).nonzero().flatten()[:8].tolist():
        for c in range(4):
            Y = torch.full((60, 4), 0.25)
            if way == "joint":
                Y[:] = one_hot(torch.tensor(c), 4)
            if way != "single":
                Y[train] = one_hot(sbm.y[train], 4).float()
            Y[node] = one_hot(torch.tensor(c), 4)
            x = torch.cat([sbm.x, Y], dim=1)
            x = x / (x.norm(dim=1, keepdim=True) + 1e-8)
            h = (A[node] @ x @ conv.lin.weight.T + conv.bias).relu()
            assert scores[node, c].item() == pytest.approx(h.square().sum().item(), abs=1e-4)


@pytest.mark.parametrize("features", ["own", "one-hot"])
def test_in_gat_two_neighbours_cannot_both_attend_to_themselves(sbm, features) -> None:
    """However the attention is trained: who outweighs a neighbour is outweighed by none of it."""
    script = benchmark("attention")
    x = sbm.x if features == "own" else torch.eye(60)
    with default_generator(0, 1):
        conv = GATConv(x.shape[1], 4, heads=2)
    optimizer = torch.optim.Adam(conv.parameters(), 0.1)
    for _ in range(100):
        optimizer.zero_grad()
        (-script.own_weight(conv, x, sbm.edge_index).mean()).backward()
        optimizer.step()
    own = script.own_weight(conv, x, sbm.edge_index)
    assert (own > 0.5).any()
    source, target = sbm.edge_index
    assert not ((own[source] > 0.5) & (own[target] > 0.5)).any()


def test_in_gatv2_all_nodes_can_attend_to_themselves(sbm) -> None:
    """score(i, j) = -c |x_i - x_j|, by hand: LeakyReLU(d) + LeakyReLU(-d) = 0.8 |d|."""
    conv = GATv2Conv(5, 10, negative_slope=0.2)
    difference = 1000 * torch.cat([torch.eye(5), -torch.eye(5)])  # (H, F)
    with torch.no_grad():
        conv.lin_l.weight.copy_(difference)
        conv.lin_r.weight.copy_(-difference)
        conv.att.fill_(-1.0)
    own = benchmark("attention").own_weight(conv, sbm.x, sbm.edge_index)
    assert own.min() > 0.999


def test_own_weights_are_those_of_an_even_softmax_where_attention_is_nought(sbm) -> None:
    script = benchmark("attention")
    net = script.Net("gat", 5, 4)
    for conv in (net.lower, net.upper):
        torch.nn.init.zeros_(conv.att_src)
        torch.nn.init.zeros_(conv.att_dst)
    even = (1 / (1 + torch.bincount(sbm.edge_index[1], minlength=60))).mean().item()
    assert net.own_weights(sbm) == pytest.approx([even, even], abs=1e-5)


def test_heads_alone_leave_the_layers_as_they_were_drawn() -> None:
    script, data = benchmark("heads"), fgnn.load_graph("digits")
    drawn, alone, whole = (script.Heads(data, 0) for _ in range(3))
    alone.fit(2, whole=False)
    whole.fit(2, whole=True)
    for before, after, both in zip(drawn.nets, alone.nets, whole.nets, strict=True):
        assert torch.equal(before[0].weight, after[0].weight)
        assert not torch.equal(before[2].weight, after[2].weight)
        assert not torch.equal(before[0].weight, both[0].weight)
    assert alone.votes().sum(dim=1) == pytest.approx(script.DEPTH, abs=1e-4)


def test_rows_can_be_had_again() -> None:
    script, data = benchmark("heads"), fgnn.load_graph("digits")
    heads = script.Heads(data, 1)
    heads.fit(100, whole=False)
    found = only("heads", method="heads alone", budget=100, seed=1)
    assert fgnn.objectives.accuracy(
        heads.votes()[data.test_mask], data.y[data.test_mask]
    ) == pytest.approx(found["test"], abs=0.01)
    script = benchmark("attention")
    job = script.Job("trained", "sbm 0.1", "none", "own", 2)
    (again,), found = script.train(job), only("attention", **job._asdict())
    assert again["test"] == pytest.approx(found["test"], abs=0.02)
    assert again["even"] == found["even"]
    script = benchmark("hypotheses")
    job = script.Job("sbm 0.8", "gcn", "symba", "joint", 1)
    for again in script.train(job):
        found = only("hypotheses", **job._asdict(), predicts=again["predicts"])
        assert again["test"] == pytest.approx(found["test"], abs=0.02)


def test_hypotheses_are_judged_by_the_rule() -> None:
    """The verdicts of results/README.md, as chapter 11 gives them."""
    rows = [row | {"test": 100 * row["test"]} for row in fgnn.load_results("hypotheses")["rows"]]
    ratio = {"sbm": 0.0, "dig": 1097 / 200, "cit": 20 / 64, "cor": 20 / 64}

    def verdicts(first: tuple[str, str], second: tuple[str, str]) -> dict[tuple[str, str], str]:
        places = dict.fromkeys((row["graph"], row["backbone"]) for row in rows)
        found = {}
        for graph, backbone in places:
            sides = [
                judge.scores(rows, graph=graph, backbone=backbone, trains=trains, predicts=way)
                for trains, way in (first, second)
            ]
            found[graph, backbone] = judge.paired(*sides, ratio[graph[:3]]).verdict()
        return found

    places = (
        *(("sbm 0.1", "gcn"), ("sbm 0.1", "sage"), ("sbm 0.8", "gcn"), ("sbm 0.8", "sage")),
        *(("digits", "sage"), ("digits", "gcn"), ("citeseer-full", "gcn"), ("cora-ml", "gcn")),
    )

    def of(words: str) -> dict[tuple[str, str], str]:
        return dict(zip(places, words.split(), strict=True))

    joint, alone, given = ("joint", "joint"), ("joint", "single"), ("joint", "single, given")
    same = "open behind level behind open open open level"
    labels = "behind level ahead ahead level open ahead ahead"
    trained = "behind behind open behind open open ahead open"
    assert verdicts(joint, given) == of(same)
    assert verdicts(given, alone) == of(labels)
    assert verdicts(joint, ("single", "single")) == of(trained)


NETS = [  # graph, two nets, and the word for the first
    ("sbm 0.1", "gatv2", "gat", "open"),
    ("sbm 0.1", "gat + root", "gat", "ahead"),
    ("sbm 0.1", "gatv2 + root", "gatv2", "ahead"),
    ("sbm 0.1", "gat + root", "none", "behind"),
    ("sbm 0.1", "gatv2 + root", "none", "open"),
    ("sbm 0.1", "sage", "none", "ahead"),
    ("sbm 0.9", "gat + root", "gat", "behind"),
    ("sbm 0.9", "gatv2 + root", "gatv2", "behind"),
    *(
        (f"sbm {share}", "gcn", net, "ahead")
        for share in (0.1, 0.4, 0.6)
        for net in ("gat", "gatv2")
    ),
    *(("sbm 0.9", "gcn", net, "open") for net in ("gat", "gatv2")),
]


@pytest.mark.parametrize(("graph", "first", "second", "word"), NETS)
def test_attention_is_judged_by_the_rule(graph, first, second, word) -> None:
    """Each seed draws a graph of its own: repetitions are independent."""
    rows = [
        row | {"split": row["seed"], "test": 100 * row["test"]}
        for row in fgnn.load_results("attention")["rows"]
        if row["method"] == "trained"
    ]
    sides = [judge.scores(rows, graph=graph, backbone=net) for net in (first, second)]
    assert judge.paired(*sides).verdict() == word
