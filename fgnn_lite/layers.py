"""One local layer: take the length away, listen to the neighbours, keep what is positive.

    f(X, E) = ReLU(conv(norm(X), E)),      norm(x) = x / (||x||_2 + 1e-8)   row by row

The convolution is PyG's `GCNConv`, `SAGEConv` or `GATConv`; its parameters, their names and their
initial values are PyG's. What is written here is the same function for inputs that stay constant:
only the rows that are asked for, and for GCN and GraphSAGE the propagation M X computed once.

Shapes: S rows that are heard, R rows that are computed, E edges, F inputs, H outputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch_geometric.nn import GATConv, GCNConv, SAGEConv
from torch_geometric.nn.conv.gcn_conv import gcn_norm
from torch_geometric.utils import add_self_loops, degree, remove_self_loops, scatter, softmax

from fgnn_lite.matrices import Edges, Features, SparseMatrix, Stacked

__all__ = [
    "BACKBONES",
    "EPSILON",
    "GAT",
    "GCN",
    "HEADS",
    "MLP",
    "SAGE",
    "Backbone",
    "Heard",
    "Layer",
    "Propagated",
    "World",
    "can_weigh",
    "compressed",
    "direction_scale",
    "hand_on",
    "input_scale",
    "normalise",
    "output",
    "output_in_chunks",
    "prepare_in_chunks",
]

EPSILON = 1e-8
HEADS = 4  # of GAT
_ROWS_AT_ONCE = 1 << 14  # of a graph that is computed a few rows at a time


def normalise(x: Tensor) -> Tensor:
    """Take the length of every row away.

        norm(x) = x / (||x||_2 + 1e-8)

    The length of a layer's output is its goodness; a next layer that saw it could copy it instead
    of learning something new. Rows of zeros stay zero.

    Args:
        x: activities [N, H].

    Returns:
        Directions [N, H].

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


@dataclass(frozen=True)
class Heard:
    """What a layer hears: rows, who hears whom, and which rows are targets.

    Attributes:
        features: the rows X [S, F].
        matrix: the adjacency M [R, S]: edges, or a matrix that makes no messages.
        rows: which source each target is itself [R]; `None` means all, in order.
    """

    features: Features | Stacked
    matrix: Any  # Edges, or a SparseMatrix that makes no messages
    rows: Tensor | None = None

    def own(self, h: Tensor) -> Tensor:
        """The targets' own rows.

        Args:
            h: of all sources [S, H].

        Returns:
            Of the targets [R, H].
        """
        return h if self.rows is None else h.index_select(0, self.rows)


@dataclass(frozen=True)
class Propagated:
    """What a layer hears, already added up.

    Attributes:
        neighbours: M X [R, F].
        own: the targets' own rows [R, F], for GraphSAGE; `None` elsewhere.
    """

    neighbours: Tensor
    own: Tensor | None = None

    def rows(self, index: Tensor) -> Propagated:
        """Some of the rows, in that order.

        Args:
            index: their numbers [R'].
        """
        own = None if self.own is None else self.own.index_select(0, index)
        return Propagated(self.neighbours.index_select(0, index), own)


class World(NamedTuple):
    """A graph as a layer meets it: what stands at the nodes, and who hears whom.

    Attributes:
        features: X [S, F].
        edges: the adjacency [S, S]; compressed, it gives some of its rows sooner.
        label: columns that stand beside every layer's input [S, C], or `None`.
    """

    features: Features
    edges: Edges | SparseMatrix
    label: Tensor | None = None


class Backbone:
    """How a node listens: one way to weigh its neighbours.

    Attributes:
        caches: the neighbours' weights do not depend on the layer's parameters, so that a constant
            input can be propagated once.
        weighs: it can be told how much each edge weighs.
    """

    caches: ClassVar[bool] = False
    weighs: ClassVar[bool] = False

    @staticmethod
    def make(in_channels: int, out_channels: int, last: bool) -> nn.Module:
        """PyG's layer.

        Args:
            in_channels: F.
            out_channels: H.
            last: whether its output is the net's answer.
        """
        raise NotImplementedError

    @staticmethod
    def edges(
        edge_index: Tensor, num_nodes: int, dtype: torch.dtype, weight: Tensor | None = None
    ) -> Edges:
        """The adjacency [N, N] that the layer multiplies with.

        Args:
            edge_index: edges [2, E]; the first row sends, the second one hears.
            num_nodes: N.
            dtype: of the weights.
            weight: of each edge [E], for a backbone that `weighs`; `None` for 1.
        """
        raise NotImplementedError

    @staticmethod
    def convolve(conv: Any, heard: Heard) -> Tensor:
        """The layer's output [R, H], without its ReLU.

        Args:
            conv: PyG's layer.
            heard: rows and edges.
        """
        raise NotImplementedError

    @staticmethod
    def propagate(features: Features, edges: Edges, rows: Tensor) -> Propagated:
        """The part of the layer that does not depend on its parameters, if it `caches`.

        Args:
            features: X [S, F].
            edges: M [R, S].
            rows: which source each target is itself [R].
        """
        raise NotImplementedError

    @staticmethod
    def convolve_propagated(conv: Any, heard: Propagated) -> Tensor:
        """The layer's output [R, H], without its ReLU, from the part that was computed once.

        Args:
            conv: PyG's layer.
            heard: that part.
        """
        raise NotImplementedError


class GCN(Backbone):
    """The convolution of a graph convolutional network.

        conv(X, E) = D^-1/2 (A + I) D^-1/2 X W^T + b,   D: the row sums of A + I

    A holds the weights of the edges, 1 where none are given. As in PyG, a node that has an edge to
    itself keeps that edge's weight in place of the 1 in I.

    Source: Kipf & Welling (2017), equation 2. Chapter 1.
    """

    caches = True
    weighs = True

    @staticmethod
    def make(in_channels: int, out_channels: int, last: bool) -> nn.Module:
        """PyG's `GCNConv`."""
        return GCNConv(in_channels, out_channels)

    @staticmethod
    def edges(
        edge_index: Tensor, num_nodes: int, dtype: torch.dtype, weight: Tensor | None = None
    ) -> Edges:
        """The symmetrically normalised adjacency with self-loops [N, N]."""
        given = None if weight is None else weight.to(dtype)
        (source, target), weight = gcn_norm(edge_index, given, num_nodes, dtype=dtype)
        return Edges(target, source, weight, (num_nodes, num_nodes))

    @staticmethod
    def convolve(conv: Any, heard: Heard) -> Tensor:
        """M (X W^T) + b."""
        return heard.matrix @ heard.features.times(conv.lin.weight) + conv.bias

    @staticmethod
    def propagate(features: Features, edges: Edges, rows: Tensor) -> Propagated:
        """M X."""
        return Propagated(features.propagated(edges))

    @staticmethod
    def convolve_propagated(conv: Any, heard: Propagated) -> Tensor:
        """(M X) W^T + b."""
        return functional.linear(heard.neighbours, conv.lin.weight, conv.bias)


class SAGE(Backbone):
    """GraphSAGE: the mean of the neighbours and the node itself, each with weights of its own.

        conv(X, E)_i = mean over neighbours j of x_j W_l^T + b + x_i W_r^T

    A node that hears nobody has a mean of zero.

    Source: Hamilton et al. (2017), algorithm 1. Chapter 4.
    """

    caches = True

    @staticmethod
    def make(in_channels: int, out_channels: int, last: bool) -> nn.Module:
        """PyG's `SAGEConv` (mean)."""
        return SAGEConv(in_channels, out_channels)

    @staticmethod
    def edges(
        edge_index: Tensor, num_nodes: int, dtype: torch.dtype, weight: Tensor | None = None
    ) -> Edges:
        """The mean over incoming edges [N, N]; a doubled edge counts twice."""
        can_weigh("sage", "weight", weight)
        source, target = edge_index
        weight = 1.0 / degree(target, num_nodes, dtype)[target]
        return Edges(target, source, weight, (num_nodes, num_nodes))

    @staticmethod
    def convolve(conv: Any, heard: Heard) -> Tensor:
        """M (X W_l^T) + b + X W_r^T: first the product, as H is mostly smaller than F."""
        neighbours = heard.matrix @ heard.features.times(conv.lin_l.weight)
        return neighbours + conv.lin_l.bias + heard.own(heard.features.times(conv.lin_r.weight))

    @staticmethod
    def propagate(features: Features, edges: Edges, rows: Tensor) -> Propagated:
        """M X and the own rows."""
        return Propagated(features.propagated(edges), features.select(rows))

    @staticmethod
    def convolve_propagated(conv: Any, heard: Propagated) -> Tensor:
        """(M X) W_l^T + b + X W_r^T."""
        assert heard.own is not None
        neighbours = functional.linear(heard.neighbours, conv.lin_l.weight, conv.lin_l.bias)
        return neighbours + functional.linear(heard.own, conv.lin_r.weight)


class GAT(Backbone):
    """Attention: a layer learns how much each neighbour weighs.

        w_ij = softmax over neighbours j of LeakyReLU(a_s . W x_j + a_d . W x_i)
        conv(X, E)_i = sum_j w_ij W x_j + b

    Four heads of H/4 (for the last layer of a net of C outputs: four heads of C, averaged). The
    weights depend on W, so nothing can be propagated in advance.

    Source: Veličković et al. (2018). Chapter 4.
    """

    @staticmethod
    def make(in_channels: int, out_channels: int, last: bool) -> nn.Module:
        """PyG's `GATConv`."""
        width = out_channels if last else out_channels // HEADS
        return GATConv(in_channels, width, heads=HEADS, concat=not last)

    @staticmethod
    def edges(
        edge_index: Tensor, num_nodes: int, dtype: torch.dtype, weight: Tensor | None = None
    ) -> Edges:
        """Every edge once per mention, and one self-loop a node; no weights yet [N, N]."""
        can_weigh("gat", "weight", weight)
        edge_index, _ = remove_self_loops(edge_index)
        source, target = add_self_loops(edge_index, num_nodes=num_nodes)[0]
        return Edges(target, source, None, (num_nodes, num_nodes))

    @staticmethod
    def convolve(conv: Any, heard: Heard) -> Tensor:
        """Softmax-weighted sum of W x_j over the incoming edges, head by head, plus b."""
        edges = heard.matrix
        assert isinstance(edges, Edges)
        h = heard.features.times(conv.lin.weight)  # [S, heads * D]
        h = h.view(-1, conv.heads, conv.out_channels)  # [S, heads, D]
        sent = (h * conv.att_src).sum(-1).index_select(0, edges.source)  # [E, heads]
        asked = heard.own((h * conv.att_dst).sum(-1)).index_select(0, edges.target)
        score = functional.leaky_relu(sent + asked, conv.negative_slope)
        weight = softmax(score, edges.target, num_nodes=edges.size[0])  # [E, heads]
        messages = h.index_select(0, edges.source) * weight.unsqueeze(-1)
        out = scatter(messages, edges.target, dim=0, dim_size=edges.size[0], reduce="sum")
        out = out.flatten(1) if conv.concat else out.mean(dim=1)
        return out + conv.bias


class MLP(Backbone):
    """A node that hears only itself, as in Hinton's nets of images: no edge is looked at.

        conv(X) = X W^T + b

    Source: Hinton (2022). Chapter 2.
    """

    caches = True

    @staticmethod
    def make(in_channels: int, out_channels: int, last: bool) -> nn.Module:
        """PyTorch's `Linear`."""
        return nn.Linear(in_channels, out_channels)

    @staticmethod
    def edges(
        edge_index: Tensor, num_nodes: int, dtype: torch.dtype, weight: Tensor | None = None
    ) -> Edges:
        """No edge at all [N, N]."""
        none = edge_index[0, :0].long()
        return Edges(none, none, none.to(dtype), (num_nodes, num_nodes))

    @staticmethod
    def convolve(conv: Any, heard: Heard) -> Tensor:
        """X W^T + b."""
        return heard.own(heard.features.times(conv.weight)) + conv.bias

    @staticmethod
    def propagate(features: Features, edges: Edges, rows: Tensor) -> Propagated:
        """The own rows of X."""
        return Propagated(features.select(rows))

    @staticmethod
    def convolve_propagated(conv: Any, heard: Propagated) -> Tensor:
        """X W^T + b."""
        return functional.linear(heard.neighbours, conv.weight, conv.bias)


def can_weigh(backbone: str, argument: str, weight: Tensor | None) -> None:
    """Refuse weights of edges that a backbone cannot use.

    Args:
        backbone: what a layer can be.
        argument: where the weights stand, for the message.
        weight: the weights [E], or `None`.

    Raises:
        ValueError: if there are weights, and the backbone has no use for them.
    """
    if weight is not None and not _ALL[backbone].weighs:
        raise ValueError(
            f"backbone {backbone!r} cannot use {argument}: only 'gcn' weighs edges as it is told "
            "(take backbone='gcn', or delete the weights)"
        )


BACKBONES: dict[str, type[Backbone]] = {"gcn": GCN, "sage": SAGE, "gat": GAT}
_ALL: dict[str, type[Backbone]] = {
    **BACKBONES,
    "mlp": MLP,
}  # what a layer can be; "mlp" is not for graphs


class Layer(nn.Module):
    """One convolution and its ReLU (none where it is the `last` of a net trained by backprop).

        f(X, E) = ReLU(conv(X, E))

    Taking the length away, and detaching, is done by who hands the input on: see `hand_on`.

    Args:
        backbone: `"gcn"`, `"sage"`, `"gat"`, or `"mlp"`, which hears no neighbour.
        in_channels: F.
        out_channels: H.
        last: no ReLU, and GAT's heads are averaged.

    Source: Park et al. (2024), section 3. Chapter 1.
    """

    def __init__(
        self, backbone: str, in_channels: int, out_channels: int, last: bool = False
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.inputs = in_channels
        self.last = last
        self.conv = _ALL[backbone].make(in_channels, out_channels, last)

    def prepare(self, worlds: Sequence[World], rows: Tensor) -> Heard | Propagated:
        """What the layer hears in order to compute `rows`, in the form that needs least memory.

        Several worlds, versions of one graph with other features or other edges, are computed in
        one go: first the rows of the first one, then those of the second one, and so on.

        GCN and GraphSAGE propagate a dense input once. A sparse one stays sparse and is propagated
        after the product with W, as M X would be dense. GAT keeps the edges into `rows`. Of an MLP
        the input's own rows are all there is.

        Args:
            worlds: W pairs of an input X [S, F] and an adjacency [S, S].
            rows: the nodes to compute [R], the same in all worlds.

        Returns:
            What `forward` turns into an output [W R, H].
        """
        backbone = _ALL[self.backbone]
        inputs = [world.features for world in worlds]
        near = [world.edges.rows(rows) for world in worlds]
        if backbone.caches and not any(features.is_sparse for features in inputs):
            pairs = zip(inputs, near, strict=True)
            return _together([backbone.propagate(x, edges, rows) for x, edges in pairs])
        shared = all(features is inputs[0] for features in inputs)
        edges = Edges.stacked(near, share_sources=shared)
        step = 0 if shared else near[0].size[1]
        own = rows if len(worlds) == 1 else torch.cat([rows + k * step for k in range(len(near))])
        heard = inputs[0] if shared else Stacked(inputs)
        return Heard(heard, edges.sparse() if backbone.caches else edges, own)

    def forward(self, heard: Heard | Propagated) -> Tensor:  # -> [R, H]
        """The layer's output for the rows that `heard` was prepared for.

        Args:
            heard: from `prepare`.

        Returns:
            Activities [R, H].
        """
        backbone = _ALL[self.backbone]
        if isinstance(heard, Propagated):
            out = backbone.convolve_propagated(self.conv, heard)
        else:
            out = backbone.convolve(self.conv, heard)
        return out if self.last else out.relu_()


def _together(parts: Sequence[Propagated]) -> Propagated:
    """The propagated inputs of several worlds, one below the other."""
    if len(parts) == 1:
        return parts[0]
    own = [part.own for part in parts if part.own is not None]
    return Propagated(
        torch.cat([part.neighbours for part in parts]), torch.cat(own) if own else None
    )


def output(layer: Layer, world: World) -> Tensor:
    """What a finished layer computes in one world.

    Args:
        layer: the layer.
        world: the graph as that layer meets it.

    Returns:
        Activities of all nodes [S, H].
    """
    return layer(layer.prepare([world], _everyone(world)))


def compressed(backbone: str, edges: Edges | SparseMatrix) -> Edges | SparseMatrix:
    """The whole adjacency in the form that needs least memory: GAT alone makes messages.

    Args:
        backbone: what a layer can be.
        edges: the adjacency [S, S].
    """
    if isinstance(edges, SparseMatrix) or not _ALL[backbone].caches:
        return edges
    return edges.sparse()


def prepare_in_chunks(layer: Layer, world: World, rows: Tensor) -> Heard | Propagated:
    """What `Layer.prepare` gives; where it is propagated, a few rows at a time: less in between.

    Args:
        layer: the layer.
        world: the graph as that layer meets it.
        rows: the nodes to compute [R].
    """
    whole: Propagated | None = None
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        part = layer.prepare([world], rows[start : start + _ROWS_AT_ONCE])
        if isinstance(part, Heard):  # nothing is propagated: there is nothing in between
            return layer.prepare([world], rows)
        if whole is None:
            own = None if part.own is None else part.own.new_empty(len(rows), part.own.shape[1])
            size = (len(rows), part.neighbours.shape[1])
            whole = Propagated(part.neighbours.new_empty(size), own)
        stop = start + len(part.neighbours)
        whole.neighbours[start:stop] = part.neighbours
        if whole.own is not None and part.own is not None:
            whole.own[start:stop] = part.own
    return layer.prepare([world], rows) if whole is None else whole


def output_in_chunks(layer: Layer, world: World) -> Tensor:
    """What `output` gives [S, H], made a few rows at a time.

    Args:
        layer: the layer.
        world: the graph as that layer meets it.
    """
    out: Tensor | None = None
    start = 0
    for rows in _everyone(world).split(_ROWS_AT_ONCE):
        part = layer(layer.prepare([world], rows))
        out = part.new_empty(world.edges.size[0], part.shape[1]) if out is None else out
        out[start : start + len(rows)] = part
        start += len(rows)
    assert out is not None
    return out


def _everyone(world: World) -> Tensor:
    """All nodes [S]."""
    return torch.arange(world.edges.size[0], device=world.edges.device)


def hand_on(h: Tensor, world: World) -> World:
    """The next layer's world: this output, detached and without its length, and the same edges.

    Args:
        h: the output of a finished layer [S, H].
        world: what that layer met.

    Returns:
        What the layer above meets; a label stands beside its input as beside the first one.

    Source: Park et al. (2024), section 3. Chapter 3.
    """
    h = h.detach()
    scale, beside = direction_scale(h), None
    if world.label is not None:  # norm([norm(h) | label])
        shrink = 1.0 / torch.hypot(
            scale.new_ones(()), torch.linalg.vector_norm(world.label, dim=-1)
        )
        scale, beside = scale * shrink, world.label * shrink.unsqueeze(-1)
    return world._replace(features=Features([h], [scale], beside))
