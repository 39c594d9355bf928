"""Direct feedback alignment: where it is backpropagation, where it is not, and its errors."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data
from toys import odd_graph

import fgnn_lite as fgnn
from fgnn_lite.learners.base import nodes_in
from fgnn_lite.learners.errors import error_paths, spread_errors


def double(data: Data) -> Data:
    out = data.clone()
    out.x = out.x.double()
    return out


def twin_nets(
    backbone: str, depth: int, linear: bool = False, temperature: float = 0.5
) -> tuple[Any, Any, Data]:
    """DFA and BP with the same weights, built on an odd graph."""
    data = double(odd_graph())
    nets = []
    for name in ("dfa", "bp"):
        net = fgnn.make_learner(name, backbone, depth=depth, hidden=8, temperature=temperature)
        net._build(6, 3, torch.float64)
        net.scaling = "none"
        for layer in net.layers[:-1] if linear else ():
            layer.last = True  # no ReLU
        nets.append(net)
    return nets[0], nets[1], data


def gradients(net: Any, data: Data) -> list[list[Tensor]]:
    """Of each layer's parameters, as one update would use them."""
    train = nodes_in(data, "train_mask")
    for parameter in net.parameters():
        parameter.grad = None
    if net.name == "dfa":
        view, paths = net._view(data)
        _, top, _ = net._feed_back(view, paths, data.y[train], train)
        top.backward()
    else:
        logits = net._logits(net._view(data))[train] / net.temperature
        functional.cross_entropy(logits, data.y[train]).backward()
    return [[p.grad.clone() for p in layer.parameters()] for layer in net.layers]


def gaps(one: list[list[Tensor]], two: list[list[Tensor]]) -> list[float]:
    """How far two nets' gradients differ in each layer, by the largest entry of the first."""
    return [
        max(float((a - b).abs().max() / a.abs().max()) for a, b in zip(x, y, strict=True))
        for x, y in zip(one, two, strict=True)
    ]


@pytest.mark.parametrize("temperature", [1.0, 0.25])
def test_two_layers_with_the_upper_ones_weights_are_backprop(temperature: float) -> None:
    dfa, bp, data = twin_nets("gcn", 2, temperature=temperature)
    assert max(gaps(gradients(bp, data), gradients(dfa, data))) > 1e-2  # as it was drawn
    dfa.feedback[0] = dfa.layers[1].conv.lin.weight.detach()  # [C, H]
    assert max(gaps(gradients(bp, data), gradients(dfa, data))) < 1e-10


def test_two_layers_of_graphsage_are_backprop() -> None:
    """Where both of its matrices are the same one, an error goes half to the node itself."""
    dfa, bp, data = twin_nets("sage", 2)
    for net in (dfa, bp):
        with torch.no_grad():
            net.layers[1].conv.lin_r.weight.copy_(net.layers[1].conv.lin_l.weight)
    dfa.feedback[0] = 2 * dfa.layers[1].conv.lin_l.weight.detach()
    assert max(gaps(gradients(bp, data), gradients(dfa, data))) < 1e-10


@pytest.mark.parametrize("depth", [3, 5])
def test_linear_layers_with_all_weights_above_are_backprop(depth: int) -> None:
    dfa, bp, data = twin_nets("gcn", depth, linear=True)
    above = torch.eye(3, dtype=torch.float64)
    for number in range(depth - 1, 0, -1):
        above = above @ dfa.layers[number].conv.lin.weight.detach()  # [C, H]
        dfa.feedback[number - 1] = above
    assert max(gaps(gradients(bp, data), gradients(dfa, data))) < 1e-10


def test_three_layers_with_relu_are_not() -> None:
    """Which units were silent above is lost on the straight way; the two upper layers are exact."""
    dfa, bp, data = twin_nets("gcn", 3)
    top = dfa.layers[2].conv.lin.weight.detach()
    dfa.feedback[1] = top
    dfa.feedback[0] = top @ dfa.layers[1].conv.lin.weight.detach()
    first, second, third = gaps(gradients(bp, data), gradients(dfa, data))
    assert first > 1e-2
    assert max(second, third) < 1e-10


@pytest.mark.parametrize("backbone", fgnn.BACKBONES)
def test_the_top_layer_is_exact_and_no_layer_hears_another(backbone: str) -> None:
    dfa, bp, data = twin_nets(backbone, 3)
    one, two = gradients(bp, data), gradients(dfa, data)
    assert gaps(one, two)[-1] < 1e-10
    assert gaps(one, two)[0] > 1e-2
    outputs = dfa._outputs(dfa._view(data)[0])
    for number, out in enumerate(outputs):
        hit = torch.autograd.grad(
            out.sum(), list(dfa.parameters()), retain_graph=True, allow_unused=True
        )
        own = {id(p) for p in dfa.layers[number].parameters()}
        for parameter, gradient in zip(dfa.parameters(), hit, strict=True):
            assert (gradient is not None) == (id(parameter) in own)


@pytest.mark.parametrize("backbone", fgnn.BACKBONES)
def test_an_update_by_hand(backbone: str) -> None:
    """Plain Adam on (S^T)^(L-l) E B_l, with dense matrices and autograd inside a layer."""
    data = double(odd_graph())
    learner = fgnn.make_learner("dfa", backbone, depth=3, hidden=8)
    learner._build(6, 3, torch.float64)
    feedback = learner.feedback.clone()
    twin = fgnn.make_learner("bp", backbone, depth=3, hidden=8)
    twin._build(6, 3, torch.float64)
    convs = [layer.conv for layer in twin.layers]
    optimizer = torch.optim.Adam(twin.parameters(), lr=1e-2, weight_decay=5e-4)
    s, train, losses = dense_paths(backbone, data), data.train_mask, []
    for _ in range(10):
        h, outs = data.x, []
        for conv in convs:
            z = conv(h.detach(), data.edge_index)
            h = z if conv is convs[-1] else z.relu()
            outs.append(h)
        loss = functional.cross_entropy(h[train], data.y[train])
        true = functional.one_hot(data.y, 3)
        error = (h.detach().softmax(-1) - true) * train[:, None] / train.sum()
        optimizer.zero_grad()
        for number, out in enumerate(outs):
            lower = torch.linalg.matrix_power(s.t(), 2 - number) @ error
            out.backward(lower if number == 2 else lower @ feedback[number])
        optimizer.step()
        losses.append(loss.item())
    settings = {"lr": 1e-2, "restore_best": False, "device": "cpu"}
    history = learner.fit(data, epochs=10, **settings)
    assert torch.equal(learner.feedback, feedback)  # it never learns
    assert history.curve("loss")[1] == pytest.approx(losses, abs=1e-9)
    for one, two in zip(learner.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(one, two, atol=1e-8, rtol=0)


def dense_paths(backbone: str, data: Data) -> Tensor:
    """S [N, N], entry by entry, for edges that weigh 1."""
    count = len(data.x)
    adjacency = torch.zeros(count, count, dtype=torch.float64)
    for source, target in data.edge_index.t().tolist():
        if backbone == "sage" or source != target:
            adjacency[target, source] += 1
    if backbone == "sage":
        degree = adjacency.sum(1, keepdim=True).clamp(min=1)
        return (adjacency / degree + torch.eye(count)) / 2
    loops = torch.ones(count, dtype=torch.float64)
    adjacency += torch.diag(loops)
    degree = adjacency.sum(1)
    if backbone == "gat":
        return adjacency / degree[:, None]
    return adjacency / (degree[:, None] * degree[None, :]).sqrt()


@pytest.mark.parametrize("backbone", fgnn.BACKBONES)
def test_the_paths_of_an_error(backbone: str) -> None:
    data = double(odd_graph())
    learner = fgnn.make_learner("dfa", backbone, hidden=8)
    paths = error_paths(backbone, learner._adjacency(data), torch.float64)
    torch.testing.assert_close(paths.csr.to_dense(), dense_paths(backbone, data))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_errors_spread_as_the_series_says(share: float) -> None:
    """Q = (1 - a) (E + a S E + ...), 50 hops; the rows of nodes without a label are scaled."""
    data = double(odd_graph())
    learner = fgnn.make_learner("dfa", hidden=8)
    paths = error_paths("gcn", learner._adjacency(data), torch.float64)
    train = nodes_in(data, "train_mask")
    error = torch.zeros(40, 3, dtype=torch.float64)
    error[train] = torch.randn(15, 3, generator=torch.Generator().manual_seed(0)).double()
    given = error.clone()
    found = spread_errors(error, train, share, paths)
    assert torch.equal(error, given)
    assert torch.equal(found[train], error[train])
    others = ~data.train_mask
    if share == 0:
        assert not found[others].any()
        return
    dense = dense_paths("gcn", data)
    eye = torch.eye(40, dtype=torch.float64)
    far = torch.linalg.matrix_power(share * dense, 50) @ error
    wanted = (1 - share) * torch.linalg.solve(eye - share * dense, error - far) + far
    size = error[train].abs().sum(1).mean()
    reached = others & (wanted.abs().sum(1) > 0)
    wanted = size * wanted / wanted.abs().sum(1, keepdim=True)
    torch.testing.assert_close(found[reached], wanted[reached], atol=1e-12, rtol=0)
    alone = others & ~reached  # isolated nodes without a label
    assert alone.any()
    assert not found[alone].any()


def test_pseudo_errors_of_both_are_the_same_at_the_top() -> None:
    """BP with them is its fair rival: with the weights above in B, two layers learn alike."""
    data = double(odd_graph())
    made = {}
    for name in ("dfa", "bp"):
        for share in (0.0, 0.6):
            net = fgnn.make_learner(name, depth=1, hidden=8, pseudo_errors=share, temperature=0.5)
            net.fit(data, epochs=20, lr=0.01, restore_best=False, device="cpu")
            made[name, share] = net.class_scores(data)[-1]
    for share in (0.0, 0.6):
        torch.testing.assert_close(made["dfa", share], made["bp", share], atol=1e-9, rtol=0)
    assert (made["bp", 0.0] - made["bp", 0.6]).abs().max() > 1e-3


def test_the_feedback_is_drawn_once_layer_by_layer_and_saved(tmp_path) -> None:  # type: ignore[no-untyped-def]
    data = odd_graph()
    shallow, deep, other = (
        fgnn.make_learner("dfa", depth=depth, hidden=8, seed=seed)
        for depth, seed in ((3, 0), (5, 0), (5, 1))
    )
    for learner in (shallow, deep, other):
        learner.fit(data, epochs=3)
    assert shallow.feedback.shape == (2, 3, 8)
    assert torch.equal(shallow.feedback, deep.feedback[:2])
    assert not torch.equal(deep.feedback, other.feedback)
    bound = np.sqrt(6 / 11)
    assert 0.9 * bound < deep.feedback.abs().max() <= bound
    deep.save(tmp_path / "net.pt")
    again = fgnn.load_learner(tmp_path / "net.pt")
    assert torch.equal(again.feedback, deep.feedback)
    assert torch.equal(again.class_scores(data)[-1], deep.class_scores(data)[-1])


@pytest.mark.parametrize("backbone", fgnn.BACKBONES)
def test_every_layers_output_is_kept(backbone: str) -> None:
    """Not flat in depth: it saves an activity a layer, as backpropagation does."""
    data = fgnn.load_graph("sbm", nodes=500, edges=2000)
    low, high = (
        fgnn.probe_memory(
            fgnn.make_learner("dfa", backbone, depth=depth, hidden=16), data, 2, "cpu"
        ).saved_bytes
        for depth in (4, 12)
    )
    assert high - low >= 8 * 500 * 16 * 4


@pytest.mark.parametrize("backbone", fgnn.BACKBONES)
@pytest.mark.parametrize("share", [0.0, 0.5])
def test_it_learns_the_digits(backbone: str, share: float) -> None:
    data = fgnn.load_graph("digits")
    learner = fgnn.make_learner("dfa", backbone, depth=3, hidden=32, pseudo_errors=share)
    learner.fit(data, epochs=100, lr=0.01)
    assert learner.score(data) > 0.9


@pytest.mark.parametrize("name", ["dfa", "bp"])
@pytest.mark.parametrize("value", [-0.1, 1.0, 2, float("nan"), "half", True, None])
def test_a_share_that_is_none(name: str, value: object) -> None:
    with pytest.raises((ValueError, TypeError), match="pseudo_errors must be"):
        fgnn.make_learner(name, pseudo_errors=value)
