"""Checks of chapter 4."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch_geometric.nn import GCNConv, SAGEConv
from torch_geometric.utils import to_undirected

from fgnn_lite.book.exercises.answers import as_tensor
from fgnn_lite.seeds import generator


def _gcn_step(answer: Any) -> str | None:
    """Compare with PyG on the path 0 - 1 - 2 - 3."""
    x = torch.tensor([[2.0], [3.0], [0.0], [0.0]])
    path = to_undirected(torch.tensor([[0, 1, 2], [1, 2, 3]]))
    conv = GCNConv(1, 1, bias=False)
    torch.nn.init.ones_(conv.lin.weight)
    with torch.no_grad():
        wanted = conv(x, path).flatten().double()
    mine = as_tensor(answer() if callable(answer) else answer)
    if mine is None or mine.numel() != 4:
        return "four numbers are asked for, one for each node"
    mine = mine.flatten()

    def near(slip: Tensor) -> bool:
        return bool((mine - slip.flatten()).abs().max() < 0.01)

    if near(wanted):
        return None
    a = torch.zeros(4, 4, dtype=torch.float64)
    a[path[1], path[0]] = 1.0
    loops = a + torch.eye(4)
    values, d, d_loops = x.double(), a.sum(1), loops.sum(1)
    slips = [
        (loops @ values, "that is a plain sum. What is each edge divided by?"),
        (loops @ values / d_loops.unsqueeze(1), "that is a mean. A GCN asks both ends of an edge"),
        (a / (d[:, None] * d).sqrt() @ values, "a node hears itself, too"),
        (
            (loops / (d[:, None] * d).sqrt()) @ values,
            "so near: does a node count itself among those it hears?",
        ),
        (loops / (d_loops[:, None] * d_loops) @ values, "so near: by the root of what?"),
    ]
    for slip, hint in slips:
        if near(slip):
            return hint
    wrong = [i for i in range(4) if abs(float(mine[i] - wanted[i])) >= 0.01]
    return f"look again at node {wrong[0]}: whom does it hear, and how many does each of them hear?"


def _disagreement(answer: Any) -> str | None:
    """Run a SAGE layer of two units with these weights on a random graph."""
    answer = answer() if callable(answer) else answer
    parts = list(answer) if isinstance(answer, list | tuple | Tensor | np.ndarray) else []
    if len(parts) != 2:
        return "two matrices are asked for: W_near and W_own, each (1, 2)"
    near, own = (as_tensor(part) for part in parts)
    if near is None or own is None or near.shape != (1, 2) or own.shape != (1, 2):
        return "one number comes in and two units listen: both matrices are (1, 2)"
    random = generator(1, 9)
    x = torch.randn(12, 1, generator=random, dtype=torch.float64)
    edges = to_undirected(torch.randint(12, (2, 20), generator=random))
    conv = SAGEConv(1, 2, bias=False).double()
    with torch.no_grad():
        conv.lin_l.weight.copy_(near.t())
        conv.lin_r.weight.copy_(own.t())
        mine = conv(x, edges).relu().sum(1)
        for weight, value in ((conv.lin_l.weight, 1.0), (conv.lin_r.weight, 0.0)):
            weight.fill_(value)
        difference = (x - conv(x, edges)[:, :1]).flatten()
    if torch.allclose(mine, difference.abs(), atol=1e-5):
        return None
    one = difference.relu()
    if any(torch.allclose(mine, k * side, atol=1e-5) for side in (one, (-difference).relu())
           for k in (1.0, 2.0)):  # fmt: skip
        return "so near: both units see the same sign of the difference, and ReLU drops the other"
    if torch.allclose(mine, (2 * x - difference[:, None]).flatten().abs(), atol=1e-5):
        return "so near: you add what the node is and what it hears. Asked is the difference"
    factor = float(mine.sum() / difference.abs().sum())
    if factor > 0 and torch.allclose(mine, factor * difference.abs(), atol=1e-5):
        return f"so near: right but for a factor, {factor:g}"
    return "which unit is open when a node lies above its neighbours, and which when below?"


def _reach(answer: Callable[[Tensor, int, int], Any]) -> str | None:
    """Count, with powers of the adjacency, on graphs where hearing is not always mutual."""
    for size, depth, seed in ((9, 0, 10), (9, 1, 10), (12, 2, 11), (12, 3, 11), (7, 9, 12)):
        edges = torch.randint(size, (2, size + 4), generator=generator(1, seed))
        step = torch.eye(size, dtype=torch.float64)
        step[edges[1], edges[0]] = 1.0  # row i: whom i hears
        for node in range(size):
            row = torch.linalg.matrix_power(step, depth)[node] > 0
            wanted = int(row.sum())
            mine = float(answer(edges.clone(), node, depth))
            if mine == wanted:
                continue
            spoken = int((torch.linalg.matrix_power(step.t(), depth)[node] > 0).sum())
            if mine == wanted - 1:
                return f"so near: one too few with depth {depth}. Who knows a node's own features?"
            if mine == spoken:
                return "a column (j, i) means that i hears j. You followed the edges the other way"
            return (
                f"not for node {node} of a graph of {size}, depth {depth}: yours is {mine:g}. "
                "Every layer adds those whom the ones that you have already hear; count each once"
            )
    return None


CHECKS: dict[str, Callable[[Any], str | None]] = {
    "04-gcn": _gcn_step,
    "04-disagree": _disagreement,
    "04-reach": _reach,
}
