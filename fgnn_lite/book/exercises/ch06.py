"""Checks of chapter 6."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data
from torch_geometric.nn.conv.gcn_conv import gcn_norm

from fgnn_lite.augment import add_virtual_nodes
from fgnn_lite.book.exercises.answers import Checks, compare, within
from fgnn_lite.graphs import load_graph

Augmenter = Callable[[Data], Data]


def _plain(data: Data) -> Data:
    return add_virtual_nodes(data)


def _means_of_training(data: Data) -> Data:
    """Class nodes get the mean features of their training members: no other label is used."""
    out = add_virtual_nodes(data)
    out.x[len(data.x) :] = _means(data, data.train_mask)
    return out


def _edges_of(data: Data, mask: Tensor) -> Data:
    """The nodes of this mask get virtual edges; the masks that come out are the graph's own."""
    more = data.clone()
    more.train_mask = mask
    out = add_virtual_nodes(more)
    out.train_mask = add_virtual_nodes(data).train_mask
    return out


def _edges_of_all(data: Data) -> Data:
    return _edges_of(data, torch.ones_like(data.train_mask))


def _edges_of_val(data: Data) -> Data:
    return _edges_of(data, data.train_mask | data.val_mask)


def _means_of_all(data: Data) -> Data:
    out = add_virtual_nodes(data)
    out.x[len(data.x) :] = _means(data, torch.ones_like(data.train_mask))
    return out


def _counts(data: Data) -> Data:
    """Class nodes are scaled by the size of their class."""
    out = add_virtual_nodes(data)
    out.x[len(data.x) :] *= data.y.bincount(minlength=data.num_classes).unsqueeze(1)
    return out


def _tests_agree(data: Data) -> Data:
    """Drops edges between test nodes of different labels."""
    out = add_virtual_nodes(data)
    a, b = out.edge_index
    test = torch.cat([data.test_mask, data.test_mask.new_zeros(data.num_classes)])
    out.edge_index = out.edge_index[:, ~test[a] | ~test[b] | (out.y[a] == out.y[b])]
    return out


def _means(data: Data, mask: Tensor) -> Tensor:
    own = functional.one_hot(data.y[mask], data.num_classes).to(data.x.dtype)
    return own.t() @ data.x[mask] / own.sum(0).clamp(min=1).unsqueeze(1)


_AUGMENTERS: list[tuple[Augmenter, str, str]] = [  # what it does, where it leaks, and a hint
    (_plain, "nothing", "one of them is the library's own, and it does not leak"),
    (_edges_of_all, "edge_index", "one of them links nodes without a training label"),
    (_means_of_all, "x", "one of them puts labels into the features of class nodes"),
    (_edges_of_val, "edge_index", "validation labels must not leak: change them, too"),
    (_counts, "x", "one leak depends on how many labels of a kind there are: swaps do not show it"),
    (_means_of_training, "nothing", "one of them uses training labels only, and that is allowed"),
    (_tests_agree, "edge_index", "one leak depends on which neighbours agree: change that, too"),
]


def _leak(answer: Callable[[Augmenter, Data], str]) -> str | None:
    """Hand over augmenters, some of which leak, in different ways."""
    data = load_graph("karate")
    kept = data.clone()
    calls: list[int] = []

    def watched(augmenter: Augmenter) -> Augmenter:
        def call(graph: Data) -> Data:
            calls.append(1)
            return augmenter(graph)

        return call

    for augmenter, where, hint in _AUGMENTERS:
        calls.clear()
        mine = answer(watched(augmenter), data)
        if not torch.equal(data.y, kept.y) or not torch.equal(data.train_mask, kept.train_mask):
            return "the graph that you were given has changed: work on a clone"
        if mine not in ("edge_index", "x", "nothing"):
            return f"the answer is 'edge_index', 'x' or 'nothing'; yours: {mine!r:.40}"
        if len(calls) < 2:
            return "one graph shows no difference: call the augmenter on two that differ"
        if mine == where:
            continue
        if where == "nothing":
            return f"a false alarm: {hint}. What may change when labels change?"
        return f"a leak was missed, or looked for in the wrong place: {hint}"
    return None


def _edge_weight(answer: Callable[[int, int], float]) -> str | None:
    """Read the weight off the normalised edges of a graph made for the purpose."""
    for d, members in ((3, 6), (5, 20), (0, 1)):
        # node 0 has d neighbours, who have no class; its class node is the last of all
        near = torch.arange(1, 1 + d)
        others = torch.arange(1 + d, d + members)
        virtual = d + members
        there = torch.cat([torch.zeros(1, dtype=torch.long), others])
        pairs = [(near, torch.zeros_like(near)), (there, torch.full_like(there, virtual))]
        edges = torch.cat([torch.stack(pair) for pair in pairs], dim=1)
        edges = torch.cat([edges, edges.flip(0)], dim=1)
        (source, target), weight = gcn_norm(edges, num_nodes=virtual + 1, dtype=torch.float64)
        wanted = float(weight[(source == virtual) & (target == 0)])
        slips = [
            (((1 + d) * (1 + members)) ** -0.5, "the virtual edge is an edge of the node, too"),
            (((1 + d) * max(members, 1)) ** -0.5, "each end has an edge to itself, too"),
            (((2 + d) * members) ** -0.5, "the class node has an edge to itself, too"),
            (wanted**2, "a GCN takes a root of each degree"),
            (1 / (2 + d), "that is the weight in a mean. A GCN uses the degrees of both ends"),
            (True, "a GCN uses the degrees of both ends of an edge. How many edges has each?"),
        ]
        if hint := compare(float(answer(d, members)), wanted, slips, within(1e-6)):
            return f"with {d} neighbours and {members} members: {hint}"
    return None


def _far(answer: Callable[[int, str], float]) -> str | None:
    """Send a message from a class node along a path, layer by layer."""
    for direction, steps in (("both", 2), ("both", 1), ("both", 4), ("to-virtual", 2)):
        chain = torch.arange(6)
        there = torch.stack([chain[:-1], chain[1:]])
        ends = chain == 0
        path = Data(
            x=torch.eye(6),
            y=torch.where(ends, 0, 1),
            edge_index=torch.cat([there, there.flip(0)], dim=1),
            train_mask=ends | (chain == 5),
            num_classes=2,
        )
        graph = add_virtual_nodes(path, direction)
        (source, target), weight = gcn_norm(graph.edge_index, num_nodes=8)
        a_hat = torch.zeros(8, 8).index_put((target, source), weight, accumulate=True)
        wanted, carried = math.inf, torch.eye(8)
        for layer in range(1, 20):
            carried = a_hat @ carried
            if carried[steps, 6] > 0:
                wanted = layer
                break
        slips = [
            (direction == "to-virtual", "in which direction does a virtual edge send a message?"),
            (steps, "the message starts at the class node, not at its member"),
            (True, "a layer carries a message along one edge. Count the edges"),
        ]
        if hint := compare(float(answer(steps, direction)), wanted, slips, torch.equal):
            return f"{steps} steps away, virtual edges {direction!r}: {hint}"
    return None


CHECKS: Checks = {
    "06-leak": _leak,
    "06-weight": _edge_weight,
    "06-far": _far,
}
