"""A layer, against PyG's own and against a pencil."""

import pytest
import torch
from torch_geometric.nn import GAT, GCN, GraphSAGE
from toys import odd_graph, path_graph, weighted_graph

import fgnn_lite as fgnn
from fgnn_lite.layers import (
    BACKBONES,
    EVERY_BACKBONE,
    GraphInput,
    GraphView,
    Layer,
    PropagatedInput,
    direction_scale,
    input_scale,
    next_input,
    normalise,
    output,
    overwrite,
)
from fgnn_lite.matrices import Edges, Features, SparseMatrix
from fgnn_lite.probes import MemoryMeter
from fgnn_lite.seeds import default_generator

PYG = {"gcn": GCN, "sage": GraphSAGE, "gat": GAT}


def test_normalise_takes_the_length_and_keeps_the_direction() -> None:
    x = torch.tensor([[3.0, 4.0], [0.0, 0.0], [-2.0, 0.0]])
    expected = torch.tensor([[0.6, 0.8], [0.0, 0.0], [-1.0, 0.0]])
    torch.testing.assert_close(normalise(x), expected)


def test_direction_scale_is_normalise_without_the_copy() -> None:
    x = torch.rand(10, 4)
    x[3] = 0.0
    torch.testing.assert_close(direction_scale(x).unsqueeze(-1) * x, normalise(x))
    how = input_scale(x, "sum")
    torch.testing.assert_close(
        direction_scale(x, how).unsqueeze(-1) * x, normalise(x * how.unsqueeze(-1))
    )


def test_a_row_of_next_to_nothing_is_shortened_by_epsilon() -> None:
    x = torch.tensor([[3e-8, 4e-8]])  # 5e-8 / (5e-8 + 1e-8)
    torch.testing.assert_close(normalise(x), torch.tensor([[0.5, 2 / 3]]))
    torch.testing.assert_close(direction_scale(x).unsqueeze(-1) * x, torch.tensor([[0.5, 2 / 3]]))


def test_input_scale_by_hand() -> None:
    x = torch.tensor([[1.0, 3.0], [0.0, 0.0], [3.0, 4.0]])
    torch.testing.assert_close(input_scale(x, "sum"), torch.tensor([0.25, 0.0, 1 / 7]))
    torch.testing.assert_close(input_scale(x, "l2"), torch.tensor([10**-0.5, 0.0, 0.2]))
    assert input_scale(x, "none") is None


def test_gcn_step_by_hand() -> None:
    """Node 1 of the path 0-1-2-3: degrees with self-loops are 2, 3, 3, 2."""
    data = path_graph()
    layer = Layer("gcn", 2, 1)
    with torch.no_grad():
        layer.conv.lin.weight.fill_(1.0)  # the sum of both features
        layer.conv.bias.fill_(0.0)
    edges = BACKBONES["gcn"].edges(data.edge_index, 4, torch.float32)
    out = layer(GraphInput(Features([data.x]), edges))
    # x sums: 1, 2, 1, 2.  node 1: 1/sqrt(2*3) + 2/3 + 1/3 = 1.408248
    assert out[1].item() == pytest.approx(1 / 6**0.5 + 1.0, abs=1e-6)
    # node 0: 1/2 + 2/sqrt(6)
    assert out[0].item() == pytest.approx(0.5 + 2 / 6**0.5, abs=1e-6)


@pytest.mark.parametrize("backbone", list(BACKBONES))
@pytest.mark.parametrize("graph", [path_graph, odd_graph])
def test_a_layer_is_pygs_layer(backbone: str, graph) -> None:  # type: ignore[no-untyped-def]
    data = graph()
    n, f = data.x.shape
    layer = Layer(backbone, f, 8)
    with torch.no_grad():
        for name, value in layer.conv.named_parameters():
            if "bias" in name:
                value.uniform_(-1, 1)  # PyG starts at zero, which would hide a lost bias
        expected = layer.conv(data.x, data.edge_index).relu()
        edges = BACKBONES[backbone].edges(data.edge_index, n, torch.float32)
        for matrix in (edges, edges.sparse()) if backbone != "gat" else (edges,):
            out = layer(GraphInput(Features([data.x]), matrix))
            torch.testing.assert_close(out, expected, atol=1e-6, rtol=1e-5)


def test_a_weighted_layer_is_pygs_layer() -> None:
    """Loops keep their weight, also 0; what stands twice adds up; isolated nodes have loops."""
    data = weighted_graph()
    layer = Layer("gcn", 6, 8)
    edges = BACKBONES["gcn"].edges(data.edge_index, 40, torch.float32, data.edge_weight)
    rows = torch.tensor([39, 3, 0, 11, 12])
    with torch.no_grad():
        expected = layer.conv(data.x, data.edge_index, data.edge_weight).relu()
        plain = layer.conv(data.x, data.edge_index).relu()
        for matrix in (edges, edges.sparse()):
            out = layer(GraphInput(Features([data.x]), matrix))
            torch.testing.assert_close(out, expected, atol=1e-6, rtol=1e-5)
        some = layer(layer.prepare([GraphView(Features([data.x]), edges)], rows))
        torch.testing.assert_close(some, expected[rows], atol=1e-6, rtol=1e-5)
    assert not torch.allclose(plain, expected, atol=1e-2)


@pytest.mark.parametrize("backbone", ["sage", "gat"])
def test_other_layers_refuse_weights(backbone: str) -> None:
    data = weighted_graph()
    with pytest.raises(ValueError, match=f"backbone '{backbone}' cannot use weight: only 'gcn'"):
        BACKBONES[backbone].edges(data.edge_index, 40, torch.float32, data.edge_weight)


@pytest.mark.parametrize("sparse", [True, False])
def test_an_mlp_is_prepared_as_the_others_are(sparse: bool) -> None:
    """It aggregates no neighbour: whatever the edges are, the output is of a node's own row."""
    data = odd_graph()
    layer = Layer("mlp", 6, 8)
    features = Features.smallest(data.x, direction_scale(data.x), 10**5 if sparse else 0)
    rows = torch.tensor([39, 3, 0, 11, 12])
    with torch.no_grad():
        expected = layer.conv(normalise(data.x)).relu()
        for edge_index in (data.edge_index, data.edge_index[:, :0]):
            view = GraphView(features, EVERY_BACKBONE["mlp"].edges(edge_index, 40, torch.float32))
            torch.testing.assert_close(layer(layer.prepare([view], rows)), expected[rows])
            twice = layer(layer.prepare([view, view], rows))
            torch.testing.assert_close(twice, expected[rows].repeat(2, 1))
            torch.testing.assert_close(output(layer, view), expected)
            whole = layer(GraphInput(features, EVERY_BACKBONE["mlp"].compressed(view.edges)))
            torch.testing.assert_close(whole, expected)


@pytest.mark.parametrize("backbone", list(EVERY_BACKBONE))
@pytest.mark.parametrize("sparse", [True, False])
def test_in_chunks_it_is_the_same(backbone: str, sparse: bool, monkeypatch) -> None:
    data = odd_graph()
    layer = Layer(backbone, 6, 8)
    features = Features.smallest(data.x, direction_scale(data.x), 10**5 if sparse else 0)
    view = GraphView(features, EVERY_BACKBONE[backbone].edges(data.edge_index, 40, torch.float32))
    rows = torch.randperm(40, generator=torch.Generator().manual_seed(0))[:25]
    with torch.no_grad():
        whole, some = output(layer, view), layer(layer.prepare([view], rows))
        monkeypatch.setattr("fgnn_lite.layers._ROWS_AT_ONCE", 7)
        torch.testing.assert_close(output(layer, view), whole)
        torch.testing.assert_close(layer(layer.prepare([view], rows)), some)
        torch.testing.assert_close(some, whole[rows])
        twice = layer(layer.prepare([view, view], rows))
        torch.testing.assert_close(twice, some.repeat(2, 1))
        assert layer(layer.prepare([view], rows[:0])).shape == (0, 8)


@pytest.mark.parametrize("backbone", list(BACKBONES))
@pytest.mark.parametrize("sparse", [True, False])
def test_prepared_rows_are_the_rows_of_the_whole(backbone: str, sparse: bool) -> None:
    data = odd_graph()
    n, f = data.x.shape
    layer = Layer(backbone, f, 8)
    edges = BACKBONES[backbone].edges(data.edge_index, n, torch.float32)
    features = Features.smallest(data.x, direction_scale(data.x), 10**5 if sparse else 0)
    rows = torch.tensor([39, 3, 0, 11, 12])  # isolated, zero rows, any order
    with torch.no_grad():
        expected = layer.conv(normalise(data.x), data.edge_index).relu()[rows]
        out = layer(layer.prepare([GraphView(features, edges)], rows))
    torch.testing.assert_close(out, expected, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("labelled", [False, True])
def test_the_next_input_carries_no_gradient(labelled: bool) -> None:
    """A layer above learns alone even where its input was computed with gradients on."""
    data = path_graph()
    label = torch.eye(2)[data.y] if labelled else None
    edges = BACKBONES["gcn"].edges(data.edge_index, 4, torch.float32)
    view = GraphView(Features([data.x]), edges, label)
    with default_generator(0, 1):
        lower, upper = Layer("gcn", 2, 8), Layer("gcn", 8 + 2 * labelled, 8)
    h = output(lower, view) * torch.tensor([[1.0], [1], [0], [1]])  # one row is silent
    assert h.requires_grad
    above = next_input(h, view)
    given = [*above.features.blocks, *above.features.scales, above.features.extra]
    assert not any(part.requires_grad for part in given if part is not None)
    output(upper, above).sum().backward()
    assert all(p.grad is None for p in lower.parameters())
    assert all(p.grad is not None for p in upper.parameters())
    expected = normalise(h.detach())
    if labelled:
        expected = normalise(torch.cat([expected, label], dim=1))
    rows = torch.arange(4)
    torch.testing.assert_close(above.features.select(rows), expected)


@pytest.mark.parametrize("backbone", list(BACKBONES))
def test_the_last_layer_answers_like_pygs_model(backbone: str) -> None:
    data = odd_graph()
    extra = {"heads": 4} if backbone == "gat" else {}
    model = PYG[backbone](6, 8, num_layers=2, out_channels=3, **extra)
    layers = [Layer(backbone, 6, 8), Layer(backbone, 8, 3, last=True)]
    for layer, conv in zip(layers, model.convs, strict=True):
        layer.conv.load_state_dict(conv.state_dict())
    edges = BACKBONES[backbone].edges(data.edge_index, len(data.x), torch.float32)
    with torch.no_grad():
        h = layers[0](GraphInput(Features([data.x]), edges))
        out = layers[1](GraphInput(Features([h]), edges))
        torch.testing.assert_close(out, model(data.x, data.edge_index), atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("backbone", list(EVERY_BACKBONE))
@pytest.mark.parametrize("sparse", [True, False])
def test_rows_of_an_input_are_rows_of_the_output(backbone: str, sparse: bool) -> None:
    """Propagated or not; of some rows or of all; twice in a row."""
    data = odd_graph()
    layer = Layer(backbone, 6, 8)
    features = Features.smallest(data.x, direction_scale(data.x), 10**5 if sparse else 0)
    view = GraphView(features, EVERY_BACKBONE[backbone].edges(data.edge_index, 40, torch.float32))
    x = layer.prepare([view], torch.tensor([39, 3, 0, 11, 12]))
    assert isinstance(x, GraphInput if sparse or backbone == "gat" else PropagatedInput)
    everyone = GraphInput(features, EVERY_BACKBONE[backbone].compressed(view.edges))
    wanted = Edges if backbone == "gat" else SparseMatrix  # only GAT must make messages
    for each in (x, everyone):
        assert isinstance(each, PropagatedInput) or isinstance(each.matrix, wanted)
    with torch.no_grad():
        whole = output(layer, view)
        some = layer(x.rows(torch.tensor([4, 0, 2])).rows(torch.tensor([2, 0])))
        torch.testing.assert_close(some, whole[[0, 12]])
        torch.testing.assert_close(layer(everyone.rows(torch.tensor([5, 1]))), whole[[5, 1]])


@pytest.mark.parametrize("scaled", [True, False])
def test_an_output_may_be_written_over_the_input(scaled: bool) -> None:
    """Columns, 24 at a time, and rows, 2^14 at a time, are whole ones."""
    data = fgnn.load_graph("sbm", nodes=17_000, edges=30_000)
    h = torch.randn(17_000, 40, generator=torch.Generator().manual_seed(0))
    layer = Layer("gcn", 40, 40)
    edges = BACKBONES["gcn"].edges(data.edge_index, 17_000, torch.float32).sparse()
    view = GraphView(Features([h], [direction_scale(h) if scaled else None]), edges)
    with torch.no_grad():
        expected = output(layer, view)
        found = overwrite(layer, view)
    torch.testing.assert_close(found, expected)
    assert found.data_ptr() == h.data_ptr()


def test_an_input_without_root_rows_says_so() -> None:
    with pytest.raises(TypeError, match="no root rows"):
        PropagatedInput(torch.ones(2, 3)).root(torch.ones(4, 3))


def test_a_layer_makes_its_output_and_nothing_else() -> None:
    """The ReLU is written over what the product gave."""
    layer, x = Layer("gcn", 6, 8), PropagatedInput(torch.rand(50, 6))
    with torch.no_grad(), MemoryMeter() as meter:
        out = layer(x)
    assert out.min() == 0.0
    assert meter.peak_bytes == out.numel() * out.element_size()
