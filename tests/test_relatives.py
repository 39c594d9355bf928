"""Many hops, a label net, heads with layers in them, PEPITA: where they are something known."""

import copy
import itertools

import numpy as np
import pytest
import scripts
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn
from torch.nn import functional
from torch_geometric.data import Data
from toys import edges_of, odd_graph, watch_locality

import fgnn_lite as fgnn
from fgnn_lite.layers import BACKBONES
from fgnn_lite.learners import LocalHeads, ccl
from fgnn_lite.learners.ccl import LabelledLayer
from fgnn_lite.learners.dgmlp import stationary
from fgnn_lite.learners.local_heads import HeadedLayer
from fgnn_lite.matrices import SparseMatrix
from fgnn_lite.objectives import sf_logits
from fgnn_lite.seeds import default_generator

relatives = scripts.benchmark("relatives")
ONCE = {"epochs": 15, "lr": 0.01, "restore_best": False, "device": "cpu"}


def double(data: Data) -> Data:
    return data.apply(lambda t: t.double() if t.is_floating_point() else t)


def both_ways(data: Data) -> Data:
    """Each edge in both directions, so that S is symmetric."""
    out = double(data.clone())
    out.edge_index = torch.cat([data.edge_index, data.edge_index.flip(0)], dim=1)
    if "edge_weight" in data:
        out.edge_weight = data.edge_weight.double().repeat(2)
    return out


def dense(data: Data) -> Tensor:
    """S [N, N]."""
    weight = data.edge_weight if "edge_weight" in data else None
    edges = BACKBONES["gcn"].edges(data.edge_index, data.num_nodes, torch.float64, weight)
    return edges.sparse() @ torch.eye(data.num_nodes, dtype=torch.float64)


def unit(x: Tensor) -> Tensor:
    return x / (x.norm(dim=1, keepdim=True) + 1e-8)


# --- hops -----------------------------------------------------------------------------------------


def test_the_stationary_rows_are_where_hops_end() -> None:
    """Components, isolated nodes, doubled edges; and the limit of D^-1 (A + I) is another one."""
    data = both_ways(odd_graph())
    far = torch.linalg.matrix_power(dense(data), 4096) @ data.x
    found = stationary(data, data.x)
    torch.testing.assert_close(found, far, atol=1e-9, rtol=0)
    other = torch.linalg.matrix_power(rows_of_one(data), 4096) @ data.x
    assert 1 - functional.cosine_similarity(found[1], other[1], dim=0) > 1e-4


def rows_of_one(data: Data) -> Tensor:
    """D^-1 (A + I)."""
    matrix = torch.eye(data.num_nodes, dtype=torch.float64)
    loops = data.edge_index[0] == data.edge_index[1]
    matrix.index_put_(tuple(data.edge_index[:, ~loops]), torch.tensor(1.0).double(), True)
    return matrix / matrix.sum(1, keepdim=True)


def test_stationary_rows_weigh_edges() -> None:
    data = both_ways(fgnn.load_graph("karate"))
    random = torch.Generator().manual_seed(0)
    data.edge_weight = 0.1 + torch.rand(data.num_edges // 2, generator=random).double().repeat(2)
    data.x = torch.rand(34, 5, generator=random).double()
    far = torch.linalg.matrix_power(dense(data), 4096) @ data.x
    torch.testing.assert_close(stationary(data, data.x), far, atol=1e-9, rtol=0)


def test_dgmlps_rows_are_a_mean_of_hops_that_each_node_weighs() -> None:
    data = both_ways(odd_graph())
    learner = fgnn.make_learner("dgmlp", depth=4)
    learner._build(6, 3, torch.float64)
    learner.scaling = "none"
    matrix, hops = dense(data), [data.x]
    for _ in range(4):
        hops.append(matrix @ hops[-1])
    limit = stationary(data, data.x)
    nodes = torch.tensor([3, 11, 7, 0])
    for node, row in zip(nodes, learner._rows(data, nodes), strict=True):
        cosine = torch.nn.CosineSimilarity(dim=0)
        like = [cosine(data.x[node], h[node]) * (1 - cosine(limit[node], h[node])) for h in hops]
        weights = torch.stack(like).softmax(0)
        mean = sum(w * h[node] for w, h in zip(weights, hops, strict=True))
        torch.testing.assert_close(row, mean, atol=1e-12, rtol=0)


@pytest.mark.parametrize("hops", [0, 3])
def test_dgmlp_is_logistic_regression_on_its_rows(hops: int) -> None:
    """With no hop at all that is logistic regression on the features."""
    data = both_ways(odd_graph())
    learner = fgnn.make_learner("dgmlp", depth=3)
    learner.depth = hops
    budget = {"epochs": 200, "patience": 200, "weight_decay": 1e-2, "restore_best": False}
    learner.fit(data, device="cpu", **budget)
    rows = data.x if hops == 0 else learner._rows(data, torch.arange(40))
    x, train = torch.cat([rows, torch.ones(40, 1)], dim=1), data.train_mask
    oracle = LogisticRegression(
        C=1 / (int(train.sum()) * 1e-2), fit_intercept=False, tol=1e-12, max_iter=10_000
    )
    oracle.fit(x[train], data.y[train])
    found = learner.class_scores(data)[-1].softmax(-1).numpy()
    assert np.abs(found - oracle.predict_proba(x)).max() < 1e-6


def dagnn_logits(learner: fgnn.Learner, data: Data) -> Tensor:
    """With dense matrices, hop by hop."""
    first, last = learner.layers
    h = functional.linear(data.x, first.conv.weight, first.conv.bias).relu()
    z, out = functional.linear(h, last.conv.weight, last.conv.bias), 0.0
    for k in range(learner.depth + 1):
        hop = torch.linalg.matrix_power(dense(data), k) @ z
        out = out + (hop @ last.head.weight.t() + last.head.bias).sigmoid() * hop
    return out


@pytest.mark.parametrize("hops", [0, 1, 4])
def test_dagnn_is_a_gated_sum_of_hops_trained_as_a_whole(hops: int) -> None:
    """Without hops it is an MLP whose scores pass one gate."""
    data = double(odd_graph())
    learner, twin = (
        fgnn.make_learner("dagnn", depth=4, hidden=8, temperature=0.5) for _ in range(2)
    )
    learner.depth = twin.depth = hops
    losses = learner.fit(data, **ONCE).curve("loss")[1]
    twin._build(6, 3, torch.float64)
    optimizer = torch.optim.Adam(twin.parameters(), lr=0.01, weight_decay=5e-4)
    train = data.train_mask
    for wanted in losses:
        said = dagnn_logits(twin, data)[train] / 0.5
        loss = functional.cross_entropy(said, data.y[train])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        assert loss.item() == pytest.approx(wanted, abs=1e-9)
    assert losses[0] - losses[-1] > 1e-3
    torch.testing.assert_close(
        learner.class_scores(data)[-1], dagnn_logits(twin, data).detach(), atol=1e-8, rtol=0
    )


def test_an_undecided_gate_gives_half_the_sum_of_the_hops() -> None:
    data = double(odd_graph())
    learner = fgnn.make_learner("dagnn", depth=3, hidden=8)
    learner.fit(data, **ONCE)
    first, last = learner.layers
    with torch.no_grad():
        for parameter in last.head.parameters():
            parameter.zero_()
        z = last.conv(first.conv(data.x).relu())
    total = sum(torch.linalg.matrix_power(dense(data), k) @ z for k in range(4))
    torch.testing.assert_close(learner.class_scores(data)[-1], total / 2, atol=1e-9, rtol=0)


def test_memory_by_hops() -> None:
    """DGMLP's does not grow; DAGNN keeps scores of each hop: of all nodes, and of training rows."""
    data = fgnn.load_graph("sbm", nodes=2000, edges=8000, features=32)
    peak = {
        (name, hops): fgnn.probe_memory(
            fgnn.make_learner(name, depth=hops, hidden=16), data, steps=2, device="cpu"
        )
        for name in ("dgmlp", "dagnn")
        for hops in (2, 16)
    }
    assert peak["dgmlp", 2].peak_bytes == peak["dgmlp", 16].peak_bytes
    assert peak["dgmlp", 16].saved_bytes == peak["dgmlp", 2].saved_bytes
    more = peak["dagnn", 16].saved_bytes - peak["dagnn", 2].saved_bytes
    train, classes = int(data.train_mask.sum()), 4
    assert 0 < more <= 14 * 4 * (3 * train * classes + 2000 * classes)


# --- a label net ----------------------------------------------------------------------------------


def layers_of(backbone: str, depth: int, hidden: int = 16) -> list[LabelledLayer]:
    """As a learner of seed 0 draws them for six features and three classes."""
    found = []
    for number in range(1, depth + 1):
        with default_generator(0, number):
            sizes = (6 if number == 1 else hidden, hidden, 3 if number == depth else hidden)
            found.append(LabelledLayer(backbone, *sizes).double())
    return found


@pytest.mark.parametrize("backbone", fgnn.BACKBONES)
@pytest.mark.parametrize("label_net", ["trained", "fixed"])
def test_two_nets_meet_in_every_layer(backbone: str, label_net: str) -> None:
    """PyG's layers, all rows computed, one optimiser a layer: same losses, same votes."""
    data = double(odd_graph())
    learner = fgnn.make_learner(
        "ccl", backbone, depth=3, hidden=16, temperature=0.5, label_net=label_net
    )
    history = learner.fit(data, **ONCE)
    layers = layers_of(backbone, 3)
    own = [
        [*each.conv.parameters(), *(each.head.parameters() if label_net == "trained" else ())]
        for each in layers
    ]
    steps = [torch.optim.Adam(each, lr=0.01, weight_decay=5e-4) for each in own]
    losses: list[list[float]] = [[], [], []]
    for _ in range(15):
        signals = down(layers)
        h = data.x
        for k, (layer, optimizer) in enumerate(zip(layers, steps, strict=True)):
            z = layer.conv(unit(h).detach(), *edges_of(data)).relu()
            said = z[data.train_mask] @ signals[k].t() / 0.5
            loss = functional.cross_entropy(said, data.y[data.train_mask])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses[k].append(loss.item())
            h = z
    for number, wanted in enumerate(losses, start=1):
        assert history.curve("loss", number)[1] == pytest.approx(wanted, abs=1e-9)
    with torch.no_grad():
        h, votes = data.x, torch.zeros(40, 3, dtype=torch.float64)
        for layer, signal in zip(layers, down(layers), strict=True):
            h = layer.conv(unit(h), *edges_of(data)).relu()
            votes += sf_logits(h, signal, 0.5).softmax(-1)
    torch.testing.assert_close(learner.class_scores(data)[-1], votes, atol=1e-8, rtol=0)


def down(layers: list[LabelledLayer]) -> list[Tensor]:
    """The signals that the layers meet, from the bottom up; what comes from above is cut off."""
    above, found = torch.eye(3, dtype=torch.float64), []
    for layer in reversed(layers):
        found.append(functional.elu(above @ layer.head.weight.t()))
        above = found[-1].detach()
    return found[::-1]


def headed(monkeypatch, weight: Tensor, learns: bool) -> None:  # type: ignore[no-untyped-def]
    """Local heads whose one readout begins with this weight, and may learn or not."""
    real = LocalHeads._layer

    def layer(self, number: int, inputs: int, outputs: int) -> HeadedLayer:  # type: ignore[no-untyped-def]
        made = real(self, number, inputs, outputs).double()
        with torch.no_grad():
            made.head.weight.copy_(weight)
        made.head.requires_grad_(learns)
        return made

    monkeypatch.setattr(LocalHeads, "_layer", layer)


@pytest.mark.parametrize("trained", [True, False])
def test_one_layer_is_a_local_head(trained: bool, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """With V fixed its head is fixed at U; without the ELU its U is a free readout."""
    data = double(odd_graph())
    if trained:
        monkeypatch.setattr(ccl.functional, "elu", lambda x: x)
    (start,) = layers_of("gcn", 1)
    weight = start.signal(torch.eye(3, dtype=torch.float64)).detach()
    label_net = "trained" if trained else "fixed"
    learner = fgnn.make_learner("ccl", depth=1, hidden=16, label_net=label_net)
    losses = learner.fit(data, **ONCE).curve("loss", 1)[1]
    headed(monkeypatch, weight, trained)
    other = fgnn.make_learner("local-heads", depth=1, hidden=16)
    assert other.fit(data, **ONCE).curve("loss", 1)[1] == pytest.approx(losses, abs=1e-9)
    torch.testing.assert_close(
        other.class_scores(data)[-1], learner.class_scores(data)[-1], atol=1e-8, rtol=0
    )


@pytest.mark.parametrize("backbone", fgnn.BACKBONES)
def test_a_loss_reaches_its_layer_and_its_part_of_the_label_net(backbone, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    learner = fgnn.make_learner("ccl", backbone, depth=3, hidden=16)
    steps = watch_locality(monkeypatch, learner)
    learner.fit(fgnn.load_graph("karate"), epochs=2)
    assert len(steps) == 6


def test_a_fixed_label_net_stays_as_it_was_drawn() -> None:
    data = double(odd_graph())
    for label_net in ("trained", "fixed"):
        learner = fgnn.make_learner("ccl", depth=3, hidden=16, label_net=label_net)
        learner.fit(data, **ONCE)
        for layer, drawn in zip(learner.layers, layers_of("gcn", 3), strict=True):
            assert not torch.equal(layer.conv.lin.weight, drawn.conv.lin.weight)
            same = torch.equal(layer.head.weight, drawn.head.weight)
            assert same == (label_net == "fixed")
    with pytest.raises(ValueError, match="label_net must be one of"):
        fgnn.make_learner("ccl", label_net="free")


@pytest.mark.parametrize("backbone", fgnn.BACKBONES)
def test_what_a_label_net_keeps_for_the_way_back_is_one_layers(backbone: str) -> None:
    data = fgnn.load_graph("digits")
    low, high = (
        fgnn.probe_memory(fgnn.make_learner("ccl", backbone, depth=d, hidden=32), data, 1, "cpu")
        for d in (4, 16)
    )
    assert low.saved_bytes == high.saved_bytes
    more = high.working_bytes - low.working_bytes  # optimisers, and the signals of the classes
    assert 0 < more <= 3 * (high.parameter_bytes - low.parameter_bytes) + 12 * 4 * 10 * 32


# --- heads with layers in them --------------------------------------------------------------------


def small_net(method: str, depth: int, extra: int) -> tuple[list, object, object, Data]:
    data = double(odd_graph())
    return relatives.modules(data, method, depth, extra, 0), *relatives.constants(data), data


def loss_of(module, x, matrix, data: Data) -> Tensor:  # type: ignore[no-untyped-def]
    said = module.logits(module.output(x, matrix), matrix)[data.train_mask]
    return functional.cross_entropy(said, data.y[data.train_mask])


def test_a_head_that_is_the_rest_of_the_net_gives_backpropagations_gradient() -> None:
    (whole,), x, matrix, data = small_net("auglocal", 4, 3)  # one module: backpropagation
    first, *rest = copy.deepcopy(list(whole.members))
    part = relatives.Module([first], rest, copy.deepcopy(whole.head))
    for module in (whole, part):
        loss_of(module, x, matrix, data).backward()
    for one, two in zip(whole.members[0].parameters(), first.parameters(), strict=True):
        assert one.grad.abs().max() > 0
        torch.testing.assert_close(one.grad, two.grad, atol=1e-14, rtol=0)


def test_a_head_without_layers_is_a_local_head() -> None:
    """The first layer, whose input does not move, is that of the library to the end."""
    net, x, matrix, data = small_net("heads-together", 3, 0)
    steps = [torch.optim.Adam(m.parameters(), 0.01, weight_decay=5e-4) for m in net]
    for _ in range(15):
        relatives.update(net, steps, x, matrix, data)
    learner = fgnn.make_learner("local-heads", depth=3, hidden=relatives.HIDDEN, features="l2")
    learner.fit(data, **ONCE)
    first = learner.layers[0]
    assert [len(m.ahead) for m in net] == [0, 0, 0]
    torch.testing.assert_close(
        net[0].members[0].conv.lin.weight, first.conv.lin.weight, atol=1e-8, rtol=0
    )
    torch.testing.assert_close(net[0].head.weight, first.head.weight, atol=1e-8, rtol=0)


@pytest.mark.parametrize("method", ["heads-together", "auglocal", "auglocal-mlp", "man"])
def test_no_gradient_leaves_a_module(method: str) -> None:
    net, x, matrix, data = small_net(method, 4, 1 if "aug" in method else 0)
    steps = [torch.optim.Adam(m.parameters(), 0.01) for m in net]
    for k, module in enumerate(net):
        before = [p.detach().clone() for m in net for p in m.parameters()]
        others = [torch.optim.SGD(m.parameters(), 0.0) for m in net]
        others[k] = steps[k]
        relatives.update(net, others, x, matrix, data)
        after = [p for m in net for p in m.parameters()]
        own = {id(p) for p in module.parameters() if p.requires_grad}
        followers = {id(p) for m in net if method == "man" for p in average_of(m)}
        for old, new in zip(before, after, strict=True):
            if id(new) not in followers:
                assert torch.equal(old, new) == (id(new) not in own)


def average_of(module) -> list[Tensor]:  # type: ignore[no-untyped-def]
    return list(module.average.parameters()) if hasattr(module, "average") else []


@pytest.mark.parametrize(
    ("depth", "extra", "wanted"),
    [
        (3, 0, [0, 0, 0]),
        (3, 1, [1, 0]),  # two modules: nothing to divide by
        (4, 3, [0]),  # one: backpropagation
        (16, 1, [1] * 14 + [0]),
        (16, 4, [4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 2, 0]),  # 2.5 is rounded to the even side
    ],
)
def test_how_many_layers_heads_have(depth: int, extra: int, wanted: list[int]) -> None:
    assert relatives.lengths(depth, extra) == wanted
    net, *_ = small_net("auglocal", depth, extra)
    assert [len(m.ahead) for m in net] == wanted
    assert sum(len(m.members) for m in net) == depth
    assert len(net[-1].members) == extra + 1


def test_an_average_that_keeps_nothing_is_the_layer_above_one_step_late() -> None:
    net, x, matrix, data = small_net("man", 3, 0)
    steps = [torch.optim.Adam([p for p in m.parameters() if p.requires_grad], 0.01) for m in net]
    for module in net[:-1]:
        module.keeps = 0.0
        nn.init.zeros_(module.twin.conv.lin.weight)
    relatives.update(net, steps, x, matrix, data)
    for below, above in itertools.pairwise(net):
        for mean, now in zip(
            below.average.parameters(), above.members[0].parameters(), strict=True
        ):
            assert torch.equal(mean, now)
    below, above = net[:2]  # AugLocal with one layer, and that layer shared
    for parameter in below.twin.parameters():
        nn.init.zeros_(parameter)
    shared = relatives.Module(list(below.members), list(above.members), below.head)
    losses = [loss_of(each, x, matrix, data) for each in (below, shared)]
    assert losses[0].item() == losses[1].item()
    weight = below.members[0].conv.lin.weight
    ways = [torch.autograd.grad(loss, weight)[0] for loss in losses]
    assert torch.equal(*ways)


def test_an_average_that_keeps_all_stays() -> None:
    net, x, matrix, data = small_net("man", 3, 0)
    before = [p.clone() for p in net[0].average.parameters()]
    steps = [torch.optim.Adam([p for p in m.parameters() if p.requires_grad], 0.01) for m in net]
    for module in net[:-1]:
        module.keeps = 1.0
    relatives.update(net, steps, x, matrix, data)
    for old, new in zip(before, net[0].average.parameters(), strict=True):
        assert torch.equal(old, new)


# --- PEPITA ---------------------------------------------------------------------------------------


def pepita(scale: float) -> tuple[list[Tensor], list[Tensor], Tensor, Data, Tensor]:
    """The weights of three layers, the updates, F, the graph and S."""
    data, random = double(odd_graph()), torch.Generator().manual_seed(0)
    sizes = [(6, 5), (5, 5), (5, 3)]
    weights = [torch.randn(*size, generator=random, dtype=torch.float64) for size in sizes]
    feedback = scale * torch.randn(3, 6, generator=random, dtype=torch.float64)
    x, matrix = SparseMatrix.from_dense(data.x), relatives.constants(data)[1]
    found = relatives.pepita_updates(weights, x, matrix, feedback, data)
    return weights, found, feedback, data, dense(data)


def states(weights: list[Tensor], x: Tensor, matrix: Tensor) -> list[Tensor]:
    found = [x]
    for k, weight in enumerate(weights):
        z = matrix @ found[-1] @ weight
        found.append(z.relu() if k < len(weights) - 1 else z)
    return found


def test_two_passes_by_hand() -> None:
    """With X' written out; rows outside training neither err nor teach."""
    weights, found, feedback, data, matrix = pepita(0.1)
    train = data.train_mask.double().unsqueeze(-1)
    one_hot = functional.one_hot(data.y, 3)
    first = states(weights, data.x, matrix)
    error = (first[-1].softmax(-1) - one_hot) * train
    second = states(weights, data.x + error @ feedback, matrix)
    gaps = [(a - b) * train for a, b in zip(first[1:-1], second[1:-1], strict=True)]
    gaps.append((second[-1].softmax(-1) - one_hot) * train)
    for k, (gap, update) in enumerate(zip(gaps, found, strict=True)):
        wanted = (matrix @ second[k]).t() @ gap / 15
        torch.testing.assert_close(update, wanted, atol=1e-12, rtol=0)


def test_without_feedback_hidden_layers_rest_and_the_top_follows_its_gradient() -> None:
    weights, found, _, data, _ = pepita(0.0)
    assert [bool(update.any()) for update in found] == [False, False, True]
    x, matrix = SparseMatrix.from_dense(data.x), relatives.constants(data)[1]
    exact = relatives.gradients(weights, x, matrix, data)
    torch.testing.assert_close(found[-1], exact[-1], atol=1e-14, rtol=0)


def test_a_small_difference_of_two_passes_is_a_derivative() -> None:
    """(H - H') / s is minus the Jacobian of H by X, times e F, for s -> 0."""
    weights, _, feedback, data, matrix = pepita(1.0)
    train = data.train_mask.double().unsqueeze(-1)
    first = states(weights, data.x, matrix)
    push = ((first[-1].softmax(-1) - functional.one_hot(data.y, 3)) * train) @ feedback

    def second_layer(x: Tensor) -> Tensor:
        return states(weights, x, matrix)[2]

    _, along = torch.func.jvp(second_layer, (data.x,), (push,))
    s = 1e-7
    gap = (first[2] - second_layer(data.x + s * push)) / s
    torch.testing.assert_close(gap, -along, atol=1e-5, rtol=0)
    assert along.abs().max() > 0.1
