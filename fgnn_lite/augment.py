"""How labels enter a graph: pure functions from graph to graph."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.seeds import generator

__all__ = [
    "DIRECTIONS",
    "add_probes",
    "add_virtual_nodes",
    "append_labels",
    "label_features",
    "virtual_edges",
    "virtual_features",
    "with_edges",
    "wrong_labels",
]

DIRECTIONS = ("both", "to-virtual")
_VIRTUAL = 1_000_003  # the purpose of this generator; layers use their number
_NEGATIVES = 1_000_004


def virtual_features(
    num_classes: int, num_features: int, seed: int = 0, dtype: torch.dtype = torch.float32
) -> Tensor:
    """Random features of the virtual nodes, drawn once from N(0, 1) and never trained.

    Args:
        num_classes: C.
        num_features: F.
        seed: drawn from a generator of its own, derived from this seed.
        dtype: of the features of the real nodes.

    Returns:
        Features [C, F] on the CPU.

    Source: Park et al. (2024), sections 3.1 and 3.2. Chapters 6 and 7.
    """
    random = generator(seed, _VIRTUAL)
    size = (num_classes, num_features)
    return torch.randn(size, generator=random, dtype=torch.float32, device="cpu").to(dtype)


def virtual_edges(labels: Tensor, nodes: Tensor, num_nodes: int, direction: str = "both") -> Tensor:
    """The edges between nodes and the virtual node of their label.

    The virtual node of class c has the index N + c.

    Args:
        labels: label of each of `nodes` [T], in 0..C-1.
        nodes: the nodes to connect [T].
        num_nodes: N.
        direction: `"both"`, `"to-virtual"` where only the virtual node receives, or
            `"from-virtual"` where only the others do.

    Returns:
        Edges [2, 2T] or [2, T], from the first row to the second.

    Source: Park et al. (2024), sections 3.1 and 3.2. Chapters 6 and 7.
    """
    virtual = num_nodes + labels
    upwards = torch.stack([nodes, virtual])
    if direction == "both":
        return torch.cat([upwards, upwards.flip(0)], dim=1)
    return upwards.flip(0) if direction == "from-virtual" else upwards


def with_edges(data: Data, more: Tensor) -> tuple[Tensor, Tensor | None]:
    """The edges of a graph and others, which weigh 1.

    Args:
        data: a graph with edge_index [2, E], and weights as `checks.edge_weight` reads them.
        more: edges [2, E'].

    Returns:
        Edges [2, E + E'], and their weights [E + E'] or `None`.
    """
    edge_index, weight = torch.cat([data.edge_index, more], dim=1), checks.edge_weight(data)
    if weight is not None:
        weight = torch.cat([weight, weight.new_ones(more.shape[1])])
    return edge_index, weight


def wrong_labels(
    labels: Tensor, num_classes: int, negatives: int | None = None, seed: int = 0
) -> Tensor:
    """Labels for negatives: wrong classes in random order, drawn without replacement.

    Args:
        labels: the true classes [T], in 0..C-1.
        num_classes: C.
        negatives: K, from 1 to C - 1; `None` takes all C - 1 wrong classes.
        seed: drawn from a generator of its own, derived from this seed.

    Returns:
        Wrong classes [K, T]: no class twice in a column.

    Raises:
        TypeError: if labels is not an integer tensor, or a number is none.
        ValueError: if a label or a number is out of range.

    Source: Park et al. (2024), section 3.1. Chapters 5 and 6.
    """
    c = checks.integer("num_classes", num_classes, 2, checks.WIDEST)
    labels = checks.labels("labels", labels, len(labels), c)
    k = c - 1 if negatives is None else checks.integer("negatives", negatives, 1, c - 1)
    checks.integer("seed", seed, 0)
    random = generator(seed, _NEGATIVES)
    order = torch.rand(len(labels), c, generator=random, dtype=torch.float32, device="cpu")
    order = order.to(labels.device).scatter_(1, labels.unsqueeze(1), -1.0)  # true: never drawn
    return order.argsort(dim=1, descending=True)[:, :k].t()


def label_features(
    labels: Tensor,
    nodes: Tensor,
    num_nodes: int,
    num_classes: int,
    dtype: torch.dtype = torch.float32,
) -> Tensor:
    """The columns that label appending adds to X.

    Args:
        labels: label to write on each of `nodes` [P], in 0..C-1.
        nodes: the nodes that carry a label [P].
        num_nodes: N.
        num_classes: C.
        dtype: of the features.

    Returns:
        Y [N, C]: one-hot on `nodes`, 1/C in all entries of all others.

    Source: Park et al. (2024), section 3.1. Chapter 5.
    """
    out = torch.full((num_nodes, num_classes), 1.0 / num_classes, dtype=dtype, device=nodes.device)
    out[nodes] = functional.one_hot(labels, num_classes).to(dtype)
    return out


def add_probes(data: Data, nodes: Tensor) -> Data:
    """Give each of `nodes` a probe: a copy with the same in-edges and no out-edges.

    A hypothesis about a probe is about one node alone: no neighbour aggregates it.

    Args:
        data: a graph with x [N, F] and edge_index [2, E].
        nodes: the nodes to copy [P], each once.

    Returns:
        A new graph with x [N + P, F] and the edges with their weights, nothing else: probes come
        last, in order, a node's self-loop becomes a self-loop of its probe, and a copied edge
        keeps its weight.

    Raises:
        ValueError: if what the edges carry is no weight, see `checks.edge_weight`.

    Source: this library's own; `hypotheses="single"` of the forward-forward learners uses it.
    """
    weight = checks.edge_weight(data)
    n, (source, target) = len(data.x), data.edge_index
    probe = torch.full((n,), -1, dtype=torch.long, device=nodes.device)
    probe[nodes] = torch.arange(n, n + len(nodes), device=nodes.device)
    in_edges = (probe[target] >= 0).nonzero().squeeze(-1)
    source, target = source[in_edges], target[in_edges]
    copies = torch.stack([torch.where(source == target, probe[target], source), probe[target]])
    out = Data(
        x=torch.cat([data.x, data.x[nodes]]), edge_index=torch.cat([data.edge_index, copies], dim=1)
    )
    if weight is not None:
        out.edge_weight = torch.cat([weight, weight[in_edges]])
    return out


def append_labels(data: Data, labels: Tensor | None = None) -> Data:
    """Append the labels of the training nodes to the features.

    Args:
        data: a graph with x [N, F], y [N], edge_index [2, E] and train_mask [N].
        labels: what to write on the training nodes, in their order [T]; `None` writes their own.

    Returns:
        A new graph with x [N, F + C]: no label of a validation or test node is in it.

    Raises:
        ValueError: if data is not as described, or the labels are not T classes.

    Source: Park et al. (2024), section 3.1. Chapter 5.
    """
    checks.graph(data)
    c, train = checks.num_classes(data), data.train_mask.nonzero().squeeze(-1)
    labels = data.y[train] if labels is None else checks.labels("labels", labels, len(train), c)
    out = data.clone()
    part = label_features(labels, train, len(data.y), c, data.x.dtype)
    out.x = torch.cat([data.x, part], dim=1)
    return out


def add_virtual_nodes(data: Data, direction: str = "both", seed: int = 0) -> Data:
    """Give every class a node of its own, with virtual edges to the training nodes of that class.

    Only training labels enter: a validation or test node keeps exactly the edges it had.

    Args:
        data: a graph with x [N, F], y [N], edge_index [2, E] and train_mask [N].
        direction: `"both"` links each training node and its class node both ways, `"to-virtual"`
            leaves out the edges from class nodes.
        seed: of the class nodes' random features.

    Returns:
        A new graph of N + C nodes: the class nodes come last, are named by `virtual_mask` [N + C],
        carry their class in y, and are in no other mask. Where edges have weights, theirs are 1.

    Raises:
        ValueError: if data or direction is not as described.

    Source: Park et al. (2024), sections 3.1 and 3.2. Chapters 6 and 7.
    """
    checks.graph(data, optional=("val_mask", "test_mask"))
    checks.one_of("direction", direction, DIRECTIONS)
    checks.integer("seed", seed, 0)
    n, c = data.x.shape[0], checks.num_classes(data)
    train = data.train_mask.nonzero().squeeze(-1)
    virtual = virtual_features(c, data.x.shape[1], seed, data.x.dtype).to(data.x.device)
    edge_index, weight = with_edges(data, virtual_edges(data.y[train], train, n, direction))
    none = data.train_mask.new_zeros(c)
    out = Data(
        x=torch.cat([data.x, virtual]),
        y=torch.cat([data.y, torch.arange(c, device=data.y.device)]),
        edge_index=edge_index,
        virtual_mask=torch.cat([torch.zeros_like(data.train_mask), ~none]),
        num_classes=c,
    )
    if weight is not None:
        out.edge_weight = weight
    for mask in ("train_mask", "val_mask", "test_mask"):
        if mask in data:
            out[mask] = torch.cat([data[mask], none])
    return out
