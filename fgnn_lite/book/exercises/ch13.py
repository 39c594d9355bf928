"""Checks of chapter 13."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from itertools import product
from typing import Any

import networkx as nx
import torch
from torch import Tensor

from fgnn_lite.book.exercises.answers import (
    Checks,
    compare,
    hint_of,
    normals,
    shaped,
    within,
)
from fgnn_lite.graph_sets import MOTIFS


def _pool(answer: Callable[[Tensor, Tensor, int], Any]) -> str | None:
    """Compare with a loop, nodes in order and shuffled, graphs of different sizes."""
    for shuffle in (False, True):
        graph = torch.tensor([0, 0, 0, 1, 2, 2, 2, 2, 3, 3])
        if shuffle:
            graph = graph[[3, 9, 0, 4, 7, 1, 8, 5, 2, 6]]
        rows = normals(13, 1)(len(graph), 3)
        parts = [rows[graph == g] for g in range(4)]
        wanted = torch.stack([part.mean(0) for part in parts])
        mine = shaped(answer(rows.clone(), graph.clone(), 4), (4, 3), "one row for each graph")
        slips = [
            (torch.stack([part.sum(0) for part in parts]), "a sum grows with the graph"),
            (torch.stack([part.sum(0) for part in parts]) / len(rows), "how many nodes has *it*?"),
            (rows.mean(0).expand(4, 3), "that is the mean over the nodes of all graphs"),
            (torch.stack([part.amax(0) for part in parts]), "the mean is asked for"),
            (shuffle, "right where graphs stand in order. Which graph is each node of?"),
            (True, "add up the rows of each graph, and divide by its number of nodes"),
        ]
        if hint := compare(mine, wanted, slips):
            return hint
    return None


def _twin(answer: Any) -> str | None:
    """Compare with the ladder: as a graph, and by what rounds of message passing see."""
    given = answer() if callable(answer) else answer
    pairs = [tuple(map(int, pair)) for pair in given]
    if any(len(pair) != 2 for pair in pairs):
        return "an edge is a pair of nodes"
    whole = nx.Graph(pairs)
    ladder = nx.Graph(MOTIFS["ladder"])
    degrees = Counter(degree for _, degree in whole.degree)
    slips = [
        (any(a == b for a, b in pairs), "no node is joined to itself"),
        (len({frozenset(pair) for pair in pairs}) < len(pairs), "an edge stands there twice"),
        (not set(whole) <= set(range(6)), "the nodes are 0 to 5"),
        ((len(whole), len(pairs)) != (6, 7), "six nodes and seven edges are asked for"),
        (degrees != Counter({2: 4, 3: 2}), "two nodes have three neighbours, four have two"),
        (nx.is_isomorphic(whole, ladder), "that is the ladder, with other names for its nodes"),
        (
            _colours(whole, 1) != _colours(ladder, 1),
            "one layer sees a difference: which degrees has a node among its neighbours?",
        ),
        (_colours(whole, 6) != _colours(ladder, 6), "a few layers see a difference"),
    ]
    return hint_of(slips)


def _colours(whole: nx.Graph, rounds: int) -> Counter[Any]:
    """How many nodes have each colour after some rounds of Weisfeiler and Lehman."""
    colour: dict[Any, Any] = dict(whole.degree)
    for _ in range(rounds):
        colour = {i: (colour[i], tuple(sorted(colour[j] for j in whole[i]))) for i in whole}
    return Counter(colour.values())


def _blind(answer: Callable[[int, int], float]) -> str | None:
    """Least cross-entropy where so many classes have one class node: try softmaxes."""
    for same, classes in ((3, 10), (2, 3), (4, 4), (1, 5)):
        wanted = same / classes * math.log(same)
        mine = float(answer(same, classes))
        slips = [
            (math.log(same), "right for a graph of these classes. And the other graphs?"),
            (math.log(classes), "that is guessing among all classes"),
            (same / classes, "almost: what is the loss of one such graph?"),
            (same / classes * math.log2(max(same, 1)), "almost: the loss is in nats"),
            (True, "which probability can the true class get at best, and for how many graphs?"),
        ]
        if hint := compare(mine, wanted, slips, within(5e-4)):
            return f"not for {same} of {classes} classes. {hint}"
    return None


def _others(answer: Callable[[Tensor, Tensor], Any]) -> str | None:
    """Compare with a loop over graphs."""
    y = torch.tensor([0, 1, 1, 0, 2, 2, 0, 1, 2, 2])
    r = normals(13, 2)(len(y), 3)
    wanted, own, rest = torch.empty(10, 3), torch.empty(10, 3), torch.empty(10, 3)
    wanted, own, rest = (each.double() for each in (wanted, own, rest))
    for g, c in product(range(len(y)), range(3)):
        if y[g] == c:
            members = [k for k in range(len(y)) if y[k] == c]
            others = [k for k in members if k != g]
            wanted[g], own[g] = r[others].mean(0), r[members].mean(0)
            rest[g] = r[[k for k in range(len(y)) if k != g]].mean(0)
    counts = torch.bincount(y)[y].unsqueeze(1)
    mine = shaped(answer(r.clone(), y.clone()), (10, 3), "one row for each graph")
    slips = [
        (own, "each graph is in its own mean"),
        (wanted * (counts - 1), "a mean is asked for, not a sum"),
        (wanted * (counts - 1) / counts, "how many graphs are left in the mean?"),
        (rest, "only graphs of the same class count"),
        (True, "the sum of its class, less its own row, over how many are left"),
    ]
    return compare(mine, wanted, slips)


CHECKS: Checks = {
    "13-pool": _pool,
    "13-twin": _twin,
    "13-blind": _blind,
    "13-others": _others,
}
