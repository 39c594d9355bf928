"""One local layer: normalise, aggregate over the neighbours, keep what is positive.

    f(X, E) = ReLU(conv(norm(X), E)),      norm(x) = x / (||x||_2 + 1e-8)   row by row

The convolution is PyG's `GCNConv`, `SAGEConv` or `GATConv`; its parameters, their names and their
initial values are PyG's. What is written here is the same function for inputs that stay constant:
only the rows that are asked for, and for GCN and GraphSAGE the propagation M X computed once.

Shapes: S sources, R targets that are computed, E edges, F inputs, H outputs, W views.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch_geometric.nn import GATConv, GCNConv, SAGEConv
from torch_geometric.nn.conv.gcn_conv import gcn_norm
from torch_geometric.utils import add_self_loops, degree, remove_self_loops, scatter, softmax

from fgnn_lite.matrices import Edges, FeatureBatch, Features, Matrix

__all__ = [
    "BACKBONES",
    "EPSILON",
    "EVERY_BACKBONE",
    "GAT",
    "GCN",
    "HEADS",
    "MLP",
    "SAGE",
    "Backbone",
    "GraphInput",
    "GraphView",
    "Layer",
    "LayerInput",
    "PropagatedInput",
    "can_weigh",
    "direction_scale",
    "input_scale",
    "next_input",
    "normalise",
    "output",
    "overwrite",
]

EPSILON = 1e-8
HEADS = 4  # of GAT
_ROWS_AT_ONCE = 1 << 14  # that are propagated, or computed, together
_COLUMNS_AT_ONCE = 24  # of a matrix that is overwritten; fewer take less memory and more time


def normalise(x: Tensor) -> Tensor:
    """Scale every row to unit length.

        norm(x) = x / (||x||_2 + 1e-8)

    The length of a layer's output is its goodness; a next layer that saw it could copy it instead
    of learning something new. Rows of zeros stay zero.

    Args:
        x: activities [N, H].

    Returns:
        Rows of length 1 [N, H].

    Source: Hinton (2022), section 2; Park et al. (2024), section 3. Chapters 2 and 3.
    """
    return x / (torch.linalg.vector_norm(x, dim=-1, keepdim=True) + EPSILON)


def direction_scale(x: Tensor, scale: Tensor | None = None) -> Tensor:
    """The factor of each row that `normalise` would apply: no copy of x is made.

        1 / (||x||_2 + 1e-8),   or   scale / (scale ||x||_2 + 1e-8)

    Args:
        x: activities [S, H], or features.
        scale: factors that the rows are multiplied with first [S]; `None` for 1.

    Returns:
        Factors [S], the given ones included.
    """
    length = torch.linalg.vector_norm(x, dim=-1)
    if scale is None:
        return 1.0 / (length + EPSILON)
    return scale / (scale * length + EPSILON)


def input_scale(x: Tensor, features: str) -> Tensor | None:
    """The factor of each row [N] that scales the input of a net.

    Args:
        x: features [N, F].
        features: `"sum"` makes the absolute values of a row add up to 1 (PyG's
            `NormalizeFeatures` for counts and bags of words), `"l2"` makes its length 1,
            `"none"` leaves it. Rows of zeros stay zero.

    Returns:
        Factors [N], or `None` for `"none"`.
    """
    if features == "none":
        return None
    length = torch.linalg.vector_norm(x, ord={"sum": 1, "l2": 2}[features], dim=-1)
    return torch.where(length > 0, 1.0 / length, torch.zeros_like(length))


class GraphView(NamedTuple):
    """A graph as one layer gets it.

    Attributes:
        features: the layer's input X [S, F], normalised.
        edges: the adjacency M [S, S].
        label: columns that are appended to every layer's input [S, C], or `None`.
    """

    features: Features
    edges: Matrix
    label: Tensor | None = None


class LayerInput(ABC):
    """What a layer computes R rows from."""

    @abstractmethod
    def aggregate(self, weight: Tensor, bias: Tensor) -> Tensor:
        """M X W^T + b [R, H].

        Args:
            weight: W [H, F].
            bias: b [H].
        """

    @abstractmethod
    def root(self, weight: Tensor) -> Tensor:
        """X W^T of the targets themselves [R, H].

        Args:
            weight: W [H, F].
        """

    @abstractmethod
    def rows(self, index: Tensor) -> LayerInput:
        """The same for some of the rows, in that order.

        Args:
            index: their numbers [R'].
        """


@dataclass(frozen=True)
class GraphInput(LayerInput):
    """Features and edges: the product with W comes first, as H is mostly smaller than F.

    Attributes:
        features: X [S, F], or that of several views [W S, F].
        matrix: the adjacency M [R, S].
        targets: which source each target is itself [R]; `None` means all, in order.
    """

    features: Features | FeatureBatch
    matrix: Matrix
    targets: Tensor | None = None

    def aggregate(self, weight: Tensor, bias: Tensor) -> Tensor:
        """M (X W^T) + b [R, H]."""
        return self.matrix @ self.features.times(weight) + bias

    def root(self, weight: Tensor) -> Tensor:
        """X W^T of the targets themselves [R, H]."""
        return self.of_targets(self.features.times(weight))

    def rows(self, index: Tensor) -> GraphInput:
        """The same features with the edges into some of the rows."""
        targets = index if self.targets is None else self.targets.index_select(0, index)
        return GraphInput(self.features, self.matrix.rows(index), targets)

    def of_targets(self, h: Tensor) -> Tensor:
        """The targets' own rows [R, H].

        Args:
            h: of all sources [S, H].
        """
        return h if self.targets is None else h.index_select(0, self.targets)


@dataclass(frozen=True)
class PropagatedInput(LayerInput):
    """An input that was propagated once and for all, for a layer whose M is a constant.

    Attributes:
        aggregated: M X [R, F].
        roots: the targets' own rows of X [R, F], where the backbone reads them.
    """

    aggregated: Tensor
    roots: Tensor | None = None

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """All that it keeps."""
        return (self.aggregated,) if self.roots is None else (self.aggregated, self.roots)

    @staticmethod
    def stacked(parts: Sequence[PropagatedInput]) -> PropagatedInput:
        """Those of several views, one below the other.

        Args:
            parts: W inputs of R rows.
        """
        if len(parts) == 1:
            return parts[0]
        each = zip(*(part.tensors for part in parts), strict=True)
        return PropagatedInput(*map(torch.cat, each))

    def aggregate(self, weight: Tensor, bias: Tensor) -> Tensor:
        """(M X) W^T + b [R, H]."""
        return functional.linear(self.aggregated, weight, bias)

    def root(self, weight: Tensor) -> Tensor:
        """X W^T of the targets themselves [R, H]."""
        if self.roots is None:
            raise TypeError("this input was propagated for a backbone that reads no root rows")
        return functional.linear(self.roots, weight)

    def rows(self, index: Tensor) -> PropagatedInput:
        """Some of the rows."""
        return PropagatedInput(*(each.index_select(0, index) for each in self.tensors))


_Conv = TypeVar("_Conv", bound=nn.Module)  # PyG's layer
_Input = TypeVar("_Input", bound=LayerInput, contravariant=True)  # what a backbone can use


class Backbone(ABC, Generic[_Conv, _Input]):
    """How a node aggregates its neighbours: one of PyG's convolutions.

    Attributes:
        caches: the neighbours' weights do not depend on the layer's parameters, so that a constant
            input can be propagated once.
        weighs: it uses the weights of edges.
        kept: numbers that a propagated input keeps for each number of a row.
    """

    caches: ClassVar[bool] = False
    weighs: ClassVar[bool] = False
    kept: ClassVar[int] = 1

    @abstractmethod
    def make(self, in_channels: int, out_channels: int, last: bool) -> _Conv:
        """PyG's layer.

        Args:
            in_channels: F.
            out_channels: H.
            last: whether its output is the net's answer.
        """

    @abstractmethod
    def edges(
        self, edge_index: Tensor, num_nodes: int, dtype: torch.dtype, weight: Tensor | None = None
    ) -> Edges:
        """The adjacency [N, N] that the layer multiplies with.

        Args:
            edge_index: edges [2, E], from the first row to the second.
            num_nodes: N.
            dtype: of the weights.
            weight: of each edge [E], for a backbone that `weighs`; `None` for 1.
        """

    @abstractmethod
    def convolve(self, conv: _Conv, x: _Input) -> Tensor:
        """The layer's output [R, H], without its ReLU.

        Args:
            conv: PyG's layer.
            x: what it gets.
        """

    def propagate(self, features: Features, edges: Edges, rows: Tensor) -> PropagatedInput:
        """The part of the layer that does not depend on its parameters, if it `caches`: M X.

        Args:
            features: X [S, F].
            edges: M [R, S].
            rows: which source each target is itself [R].
        """
        return PropagatedInput(features.propagated(edges))

    def compressed(self, edges: Matrix) -> Matrix:
        """The adjacency in the form that needs least memory: messages are made if they must be.

        Args:
            edges: the adjacency [S, S].
        """
        return edges.sparse() if self.caches else edges


class GCN(Backbone[GCNConv, LayerInput]):
    """The convolution of a graph convolutional network.

        conv(X, E) = D^-1/2 (A + I) D^-1/2 X W^T + b,   D: the row sums of A + I

    A holds the weights of the edges, 1 where none are given. As in PyG, a node that has an edge to
    itself keeps that edge's weight in place of the 1 in I.

    Source: Kipf & Welling (2017), equation 2. Chapter 1.
    """

    caches = True
    weighs = True

    def make(self, in_channels: int, out_channels: int, last: bool) -> GCNConv:
        """PyG's `GCNConv`."""
        return GCNConv(in_channels, out_channels)

    def edges(
        self, edge_index: Tensor, num_nodes: int, dtype: torch.dtype, weight: Tensor | None = None
    ) -> Edges:
        """The symmetrically normalised adjacency with self-loops [N, N]."""
        given = None if weight is None else weight.to(dtype)
        (source, target), weight = gcn_norm(edge_index, given, num_nodes, dtype=dtype)
        return Edges(target, source, weight, (num_nodes, num_nodes))

    def convolve(self, conv: GCNConv, x: LayerInput) -> Tensor:
        """M X W^T + b."""
        return x.aggregate(conv.lin.weight, conv.bias)


class SAGE(Backbone[SAGEConv, LayerInput]):
    """GraphSAGE: the mean of the neighbours and the node itself, each with weights of its own.

        conv(X, E)_i = mean over neighbours j of x_j W_l^T + b + x_i W_r^T

    A node without in-neighbours has a mean of zero.

    Source: Hamilton et al. (2017), algorithm 1. Chapter 4.
    """

    caches = True
    kept = 2

    def make(self, in_channels: int, out_channels: int, last: bool) -> SAGEConv:
        """PyG's `SAGEConv` (mean)."""
        return SAGEConv(in_channels, out_channels)

    def edges(
        self, edge_index: Tensor, num_nodes: int, dtype: torch.dtype, weight: Tensor | None = None
    ) -> Edges:
        """The mean over incoming edges [N, N]; a doubled edge counts twice."""
        can_weigh("sage", "weight", weight)
        source, target = edge_index
        weight = 1.0 / degree(target, num_nodes, dtype)[target]
        return Edges(target, source, weight, (num_nodes, num_nodes))

    def convolve(self, conv: SAGEConv, x: LayerInput) -> Tensor:
        """M X W_l^T + b + X W_r^T."""
        return x.aggregate(conv.lin_l.weight, conv.lin_l.bias) + x.root(conv.lin_r.weight)

    def propagate(self, features: Features, edges: Edges, rows: Tensor) -> PropagatedInput:
        """M X and the targets' own rows."""
        return PropagatedInput(features.propagated(edges), features.select(rows))


class GAT(Backbone[GATConv, GraphInput]):
    """Attention: a layer learns how much each neighbour weighs.

        w_ij = softmax over neighbours j of LeakyReLU(a_s . W x_j + a_d . W x_i)
        conv(X, E)_i = sum_j w_ij W x_j + b

    Four heads of H/4 (for the last layer of a net of C outputs: four heads of C, averaged). The
    weights depend on W, so nothing can be propagated in advance.

    Source: Veličković et al. (2018). Chapter 4.
    """

    def make(self, in_channels: int, out_channels: int, last: bool) -> GATConv:
        """PyG's `GATConv`."""
        width = out_channels if last else out_channels // HEADS
        return GATConv(in_channels, width, heads=HEADS, concat=not last)

    def edges(
        self, edge_index: Tensor, num_nodes: int, dtype: torch.dtype, weight: Tensor | None = None
    ) -> Edges:
        """Every edge once per mention, and one self-loop a node; no weights yet [N, N]."""
        can_weigh("gat", "weight", weight)
        edge_index, _ = remove_self_loops(edge_index)
        source, target = add_self_loops(edge_index, num_nodes=num_nodes)[0]
        return Edges(target, source, None, (num_nodes, num_nodes))

    def convolve(self, conv: GATConv, x: GraphInput) -> Tensor:
        """Softmax-weighted sum of W x_j over the incoming edges, head by head, plus b."""
        edges = x.matrix.edges()
        h = x.features.times(conv.lin.weight)  # [S, heads * D]
        h = h.view(-1, conv.heads, conv.out_channels)  # [S, heads, D]
        alpha_src = (h * conv.att_src).sum(-1).index_select(0, edges.source)  # [E, heads]
        alpha_dst = x.of_targets((h * conv.att_dst).sum(-1)).index_select(0, edges.target)
        score = functional.leaky_relu(alpha_src + alpha_dst, conv.negative_slope)  # [E, heads]
        weight = softmax(score, edges.target, num_nodes=edges.size[0])  # [E, heads]
        messages = h.index_select(0, edges.source) * weight.unsqueeze(-1)  # [E, heads, D]
        out = scatter(messages, edges.target, dim=0, dim_size=edges.size[0], reduce="sum")
        out = out.flatten(1) if conv.concat else out.mean(dim=1)  # [R, H]
        return out + conv.bias


class MLP(Backbone[nn.Linear, LayerInput]):
    """A node that aggregates nothing but itself, as in Hinton's nets of images: M = I.

        conv(X) = X W^T + b

    Source: Hinton (2022). Chapter 2.
    """

    caches = True

    def make(self, in_channels: int, out_channels: int, last: bool) -> nn.Linear:
        """PyTorch's `Linear`."""
        return nn.Linear(in_channels, out_channels)

    def edges(
        self, edge_index: Tensor, num_nodes: int, dtype: torch.dtype, weight: Tensor | None = None
    ) -> Edges:
        """One self-loop a node, whatever the edges are [N, N]."""
        nodes = torch.arange(num_nodes, device=edge_index.device)
        one = torch.ones(num_nodes, dtype=dtype, device=edge_index.device)
        return Edges(nodes, nodes, one, (num_nodes, num_nodes))

    def convolve(self, conv: nn.Linear, x: LayerInput) -> Tensor:
        """X W^T + b."""
        return x.aggregate(conv.weight, conv.bias)


def can_weigh(backbone: str, argument: str, weight: Tensor | None) -> None:
    """Refuse weights of edges that a backbone cannot use.

    Args:
        backbone: what a layer can be.
        argument: where the weights stand, for the message.
        weight: the weights [E], or `None`.

    Raises:
        ValueError: if there are weights, and the backbone has no use for them.
    """
    if weight is not None and not EVERY_BACKBONE[backbone].weighs:
        raise ValueError(
            f"backbone {backbone!r} cannot use {argument}: only 'gcn' uses given edge weights "
            "(take backbone='gcn', or delete the weights)"
        )


BACKBONES: dict[str, Backbone[Any, Any]] = {"gcn": GCN(), "sage": SAGE(), "gat": GAT()}
EVERY_BACKBONE = {**BACKBONES, "mlp": MLP()}  # "mlp" is not for graphs


class Layer(nn.Module):
    """One convolution and its ReLU (none where it is the `last` of a net trained by backprop).

        f(X, E) = ReLU(conv(X, E))

    Its input is normalised and detached by whoever passes it on: see `next_input`.

    Args:
        backbone: `"gcn"`, `"sage"`, `"gat"`, or `"mlp"`, which has no neighbours.
        in_channels: F.
        out_channels: H.
        last: no ReLU, and GAT's heads are averaged.

    Attributes:
        head: what reads the output [R, H] where a learner asks for it; here it stays what it is.

    Source: Park et al. (2024), section 3. Chapter 1.
    """

    def __init__(
        self, backbone: str, in_channels: int, out_channels: int, last: bool = False
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.inputs = in_channels
        self.last = last
        self.conv = EVERY_BACKBONE[backbone].make(in_channels, out_channels, last)
        self.head: nn.Module = nn.Identity()

    def prepare(self, views: Sequence[GraphView], rows: Tensor, common: bool = False) -> LayerInput:
        """What the layer computes `rows` from, in the form that needs least memory.

        Several views, versions of one graph with other features or other edges, are computed in
        one go: first the rows of the first one, then those of the second one, and so on.

        GCN, GraphSAGE and MLP propagate a dense input once, some rows at a time. A sparse one stays
        sparse and is propagated after the product with W, as M X would be dense. GAT keeps the
        edges into `rows`.

        Args:
            views: W views of a graph.
            rows: the nodes to compute [R], the same in all views.
            common: the views have the same features, but for extra columns.

        Returns:
            What `forward` turns into an output [W R, H].
        """
        dense = not any(view.features.is_sparse for view in views)
        if dense and EVERY_BACKBONE[self.backbone].caches:
            return PropagatedInput.stacked([self._propagated(view, rows) for view in views])
        edges = [view.edges.rows(rows) for view in views]
        features = [view.features for view in views]
        shared = len(views) == 1 or (common and all(x.extra is None for x in features))
        step = 0 if shared else edges[0].size[1]
        targets = [rows + k * step for k in range(len(views))]
        matrix = Edges.stacked(edges, share_sources=shared)
        return GraphInput(
            features[0] if shared else FeatureBatch(features, common),
            EVERY_BACKBONE[self.backbone].compressed(matrix),
            rows if len(views) == 1 else torch.cat(targets),
        )

    def _propagated(self, view: GraphView, rows: Tensor) -> PropagatedInput:
        """M X of some rows [R, F], so many at a time that little else is held meanwhile."""
        propagate = EVERY_BACKBONE[self.backbone].propagate
        chunks = rows.split(_ROWS_AT_ONCE)
        parts = (propagate(view.features, view.edges.rows(some), some) for some in chunks)
        return PropagatedInput(*_filled((part.tensors for part in parts), len(rows)))

    def forward(self, x: LayerInput) -> Tensor:  # -> [R, H]
        """The layer's output for the rows that `x` was prepared for.

        Args:
            x: from `prepare`.

        Returns:
            Activities [R, H].
        """
        out: Tensor = EVERY_BACKBONE[self.backbone].convolve(self.conv, x)
        return out if self.last else out.relu_()


def output(layer: Layer, view: GraphView) -> Tensor:
    """What a finished layer computes in one view of a graph, some rows at a time.

    Args:
        layer: the layer.
        view: the graph as that layer gets it.

    Returns:
        Activities of all nodes [S, H].
    """
    nodes = view.edges.size[0]

    def part(start: int) -> Tensor:
        stop = min(start + _ROWS_AT_ONCE, nodes)
        x = layer.prepare([view], torch.arange(start, stop, device=view.edges.device))
        return layer(x)

    (whole,) = _filled(((part(start),) for start in range(0, nodes, _ROWS_AT_ONCE)), nodes)
    return whole


def overwrite(layer: Layer, view: GraphView) -> Tensor:
    """What a finished layer of H inputs computes, written over them: no second [S, H] is made.

    Args:
        layer: the layer, of a backbone that `caches` and keeps nothing but M X.
        view: the graph as that layer gets it, its features one dense block [S, H], which is lost.

    Returns:
        Activities of all nodes [S, H], in the memory of that block.
    """
    ((_, _, h, scale),) = view.features.dense_blocks()
    if scale is not None:
        h.mul_(scale.unsqueeze(-1))
    for some in h.split(_COLUMNS_AT_ONCE, dim=1):
        some.copy_(view.edges @ some)  # M X
    for some in h.split(_ROWS_AT_ONCE):
        some.copy_(layer(PropagatedInput(some)))
    return h


def _filled(parts: Iterable[tuple[Tensor, ...]], rows: int) -> list[Tensor]:
    """Tensors [rows, D] that are filled from the top with parts [., D], as these come."""
    whole: list[Tensor] = []
    start = 0
    for part in parts:
        if len(part[0]) == rows:
            return list(part)
        whole = whole or [each.new_empty(rows, each.shape[1]) for each in part]
        for to, each in zip(whole, part, strict=True):
            to[start : start + len(each)] = each
        start += len(part[0])
    return whole


def next_input(h: Tensor, view: GraphView) -> GraphView:
    """The next layer's view of the graph: this output, detached and normalised, and the same edges.

    Args:
        h: the output of a finished layer [S, H].
        view: what that layer got.

    Returns:
        What the layer above gets; a label is appended to its input as to the first one.

    Source: Park et al. (2024), section 3. Chapter 3.
    """
    h = h.detach()
    scale, extra = direction_scale(h), None
    if view.label is not None:  # norm([norm(h) | label])
        length = scale * torch.linalg.vector_norm(h, dim=-1)  # 1, or 0 where a row is silent
        shrink = 1.0 / torch.hypot(length, torch.linalg.vector_norm(view.label, dim=-1))
        scale, extra = scale * shrink, view.label * shrink.unsqueeze(-1)
    return view._replace(features=Features([h], [scale], extra))
