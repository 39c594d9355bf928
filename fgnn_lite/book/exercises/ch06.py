"""Checks of chapter 6."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data
from torch_geometric.nn.conv.gcn_conv import gcn_norm

from fgnn_lite.augment import add_virtual_nodes
from fgnn_lite.graphs import load_graph

Augmenter = Callable[[Data], Data]


def _honest(data: Data) -> Data:
    return add_virtual_nodes(data)


def _honest_means(data: Data) -> Data:
    """Class nodes get the mean features of their training members: no other label is used."""
    out = add_virtual_nodes(data)
    out.x[len(data.x) :] = _means(data, data.train_mask)
    return out


def _ties_all(data: Data) -> Data:
    everyone = data.clone()
    everyone.train_mask = torch.ones_like(data.train_mask)
    return _with_masks_of(data, add_virtual_nodes(everyone))


def _ties_validation(data: Data) -> Data:
    more = data.clone()
    more.train_mask = data.train_mask | data.val_mask
    return _with_masks_of(data, add_virtual_nodes(more))


def _means_of_all(data: Data) -> Data:
    out = add_virtual_nodes(data)
    out.x[len(data.x) :] = _means(data, torch.ones_like(data.train_mask))
    return out


def _counts(data: Data) -> Data:
    """Class nodes are as long as their class is large."""
    out = add_virtual_nodes(data)
    out.x[len(data.x) :] *= data.y.bincount(minlength=data.num_classes).unsqueeze(1)
    return out


def _tests_agree(data: Data) -> Data:
    """Drops the friendships of test nodes with those who have another label."""
    out = add_virtual_nodes(data)
    a, b = out.edge_index
    asked = torch.cat([data.test_mask, data.test_mask.new_zeros(data.num_classes)])
    out.edge_index = out.edge_index[:, ~asked[a] | ~asked[b] | (out.y[a] == out.y[b])]
    return out


def _means(data: Data, mask: Tensor) -> Tensor:
    own = functional.one_hot(data.y[mask], data.num_classes).to(data.x.dtype)
    return own.t() @ data.x[mask] / own.sum(0).clamp(min=1).unsqueeze(1)


def _with_masks_of(data: Data, out: Data) -> Data:
    out.train_mask = torch.cat([data.train_mask, data.train_mask.new_zeros(data.num_classes)])
    return out


_AUGMENTERS: list[tuple[Augmenter, str, str]] = [  # what it does, where it leaks, and a hint
    (_honest, "nothing", "one of them is the library's own, and it is honest"),
    (_ties_all, "edge_index", "one of them ties nodes that have no training label"),
    (_means_of_all, "x", "one of them puts labels into the features of class nodes"),
    (_ties_validation, "edge_index", "validation labels must not get in either: change them, too"),
    (_counts, "x", "one leak depends on how many labels of a kind there are: swaps do not show it"),
    (_honest_means, "nothing", "one of them uses training labels only, and that is allowed"),
    (
        _tests_agree,
        "edge_index",
        "one leak depends on who agrees with whom: compare graphs in which that differs",
    ),
]


def _leak(answer: Callable[[Augmenter, Data], str]) -> str | None:
    """Hand over augmenters, honest and leaky in different ways."""
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


def _tie(answer: Callable[[int, int], float]) -> str | None:
    """Read the weight off the normalised edges of a graph made for the purpose."""
    for d, members in ((3, 6), (5, 20), (0, 1)):
        # node 0 hears d friends, who have no class; its class node is the last of all
        friends = torch.arange(1, 1 + d)
        others = torch.arange(1 + d, d + members)
        virtual = d + members
        there = torch.cat([torch.zeros(1, dtype=torch.long), others])
        pairs = [(friends, torch.zeros_like(friends)), (there, torch.full_like(there, virtual))]
        edges = torch.cat([torch.stack(pair) for pair in pairs], dim=1)
        edges = torch.cat([edges, edges.flip(0)], dim=1)
        (source, target), weight = gcn_norm(edges, num_nodes=virtual + 1, dtype=torch.float64)
        wanted = float(weight[(source == virtual) & (target == 0)])
        mine = float(answer(d, members))
        if math.isclose(mine, wanted, rel_tol=1e-5):
            continue
        where = f"with {d} friends and {members} members: "
        if math.isclose(mine, ((1 + d) * (1 + members)) ** -0.5, rel_tol=1e-5):
            return where + "the tie is an edge of the node, too"
        if math.isclose(mine, ((1 + d) * max(members, 1)) ** -0.5, rel_tol=1e-5):
            return where + "each end also hears itself"
        if math.isclose(mine, ((2 + d) * members) ** -0.5, rel_tol=1e-5):
            return where + "the class node hears itself, too"
        if math.isclose(mine, wanted**2, rel_tol=1e-5):
            return where + "a GCN takes a root of each degree"
        if math.isclose(mine, 1 / (2 + d), rel_tol=1e-5):
            return where + "that is the weight in a mean. A GCN asks about the degree of both ends"
        return where + "a GCN asks about both ends of an edge. Whom does each of them hear?"
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
        mine = float(answer(steps, direction))
        if mine == wanted:
            continue
        where = f"{steps} steps away, ties {direction!r}: "
        if direction == "to-virtual":
            return where + "in which direction does a message travel on a tie?"
        if mine == steps:
            return where + "the message starts at the class node, not at its member"
        return where + "a layer carries a message along one edge. Count the edges"
    return None


CHECKS: dict[str, Callable[[Any], str | None]] = {
    "06-leak": _leak,
    "06-tie": _tie,
    "06-far": _far,
}
