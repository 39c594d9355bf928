"""Checks of chapter 4."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch_geometric.nn import GCNConv, SAGEConv
from torch_geometric.utils import to_undirected

from fgnn_lite.book.exercises.answers import Checks, compare, numbers, shaped, within
from fgnn_lite.seeds import generator


def _gcn_step(answer: Any) -> str | None:
    """Compare with PyG on the path 0 - 1 - 2 - 3."""
    x = torch.tensor([[2.0], [3.0], [0.0], [0.0]])
    path = to_undirected(torch.tensor([[0, 1, 2], [1, 2, 3]]))
    conv = GCNConv(1, 1, bias=False)
    torch.nn.init.ones_(conv.lin.weight)
    with torch.no_grad():
        wanted = conv(x, path).flatten().double()
    answer = answer() if callable(answer) else answer
    mine = numbers(answer, 4, "four numbers are asked for, one for each node")
    a = torch.zeros(4, 4, dtype=torch.float64)
    a[path[1], path[0]] = 1.0
    loops, values = a + torch.eye(4), x.flatten().double()
    d, d_loops = a.sum(1), a.sum(1) + 1
    wrong = int(((mine - wanted).abs() >= 0.01).byte().argmax())
    slips = [
        (loops @ values, "that is a plain sum. What is each edge divided by?"),
        (loops @ values / d_loops, "that is a mean. A GCN uses the degrees of both ends"),
        (a / d.outer(d).sqrt() @ values, "a node has an edge to itself, too"),
        (loops / d.outer(d).sqrt() @ values, "almost: does a node count itself in its degree?"),
        (loops / d_loops.outer(d_loops) @ values, "almost: by the root of what?"),
        (True, f"look again at node {wrong}: what are its neighbours, and their degrees?"),
    ]
    return compare(mine, wanted, slips, within(0.01))


def _disagreement(answer: Any) -> str | None:
    """Run a SAGE layer of two units with these weights on a random graph."""
    answer = answer() if callable(answer) else answer
    parts = list(answer) if isinstance(answer, list | tuple | Tensor | np.ndarray) else []
    if len(parts) != 2:
        return "two matrices are asked for: W_near and W_own, each (1, 2)"
    expected = "one number comes in and two come out: both matrices are (1, 2)"
    near, own = (shaped(part, (1, 2), expected) for part in parts)
    random = generator(1, 9)
    x = torch.randn(12, 1, generator=random, dtype=torch.float64)
    edges = to_undirected(torch.randint(12, (2, 20), generator=random))
    conv = SAGEConv(1, 2, bias=False).double()
    with torch.no_grad():
        conv.lin_l.weight.copy_(near.t())
        conv.lin_r.weight.copy_(own.t())
        mine = conv(x, edges).relu().sum(1)
        conv.lin_l.weight.fill_(1.0)
        conv.lin_r.weight.fill_(0.0)
        mean = conv(x, edges)[:, 0]
    x = x.flatten()
    wanted = (x - mean).abs()
    up, down = (x - mean).relu(), (mean - x).relu()
    one_sign = "almost: both units see the same sign of the difference; ReLU drops the other"
    factor = float(mine.sum() / wanted.sum())
    slips = [
        *((side, one_sign) for side in (up, 2 * up, down, 2 * down)),
        ((x + mean).abs(), "almost: that is a sum of node and neighbours, not the difference"),
        (factor * wanted if factor else False, f"almost: right but for a factor, {factor:g}"),
        (True, "which unit is open when a node lies above its neighbours, and which when below?"),
    ]
    return compare(mine, wanted, slips, lambda a, b: torch.allclose(a, b, atol=1e-5))


def _reach(answer: Callable[[Tensor, int, int], Any]) -> str | None:
    """Count, with powers of the adjacency, on directed graphs."""
    for size, depth, seed in ((9, 0, 10), (9, 1, 10), (12, 2, 11), (12, 3, 11), (7, 9, 12)):
        edges = torch.randint(size, (2, size + 4), generator=generator(1, seed))
        step = torch.eye(size, dtype=torch.float64)
        step[edges[1], edges[0]] = 1.0  # row i: the in-neighbours of i
        reached = torch.linalg.matrix_power(step, depth) > 0
        for node in range(size):
            wanted, mine = int(reached[node].sum()), float(answer(edges.clone(), node, depth))
            slips = [
                (wanted - 1, f"almost: one too few with depth {depth}. Who has its own features?"),
                (reached[:, node].sum(), "column (j, i): j sends to i. You went the other way"),
                (
                    True,
                    f"not for node {node} of a graph of {size}, depth {depth}: yours is {mine:g}. "
                    "Every layer adds the in-neighbours of those that you have; count each once",
                ),
            ]
            if hint := compare(mine, wanted, slips, torch.equal):
                return hint
    return None


CHECKS: Checks = {
    "04-gcn": _gcn_step,
    "04-disagree": _disagreement,
    "04-reach": _reach,
}
