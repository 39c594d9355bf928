"""Checks of chapter 15."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from fgnn_lite.book.exercises.answers import Checks, compare, gradient_of, normals, numbers

# Nodes in each cluster, a row, and of each class, a column. The largest entry of the first is in
# no best matching; the second has an empty cluster, entries of 0 and classes of unequal sizes.
TABLES = (
    torch.tensor([[0, 5, 4], [1, 4, 0], [3, 4, 1]]),
    torch.tensor([[8, 0, 1, 2], [0, 0, 0, 0], [7, 3, 0, 0], [0, 1, 6, 0]]),
)


def _matched(answer: Callable[[Tensor], Any]) -> str | None:
    """Compare with the best of all one-to-one matchings."""
    for table in TABLES:
        size = len(table)
        sums = {
            order: int(table[torch.arange(size), torch.tensor(order)].sum())
            for order in permutations(range(size))
        }
        best, total = max(sums.values()), int(table.sum())
        slips = [
            (best, "how many nodes are right. And which share of all?"),
            (table.max(dim=1).values.sum() / total, "two clusters share a class there: one-to-one"),
            (table.max(dim=0).values.sum() / total, "two classes share a cluster: one-to-one"),
            (_greedy(table) / total, "the largest entry first is not always best: try all orders"),
            (table.trace() / total, "cluster 0 need not be class 0: try all orders"),
            (best / total / size, "divide by the number of nodes, and by nothing else"),
            (True, "add up the nodes that are right in each one-to-one matching; take the largest"),
        ]
        mine = numbers(answer(table.clone()), 1, "one number is asked for, a share of nodes")
        if hint := compare(mine, torch.tensor([best / total]), slips):
            return hint
    return None


def _greedy(table: Tensor) -> float:
    """The largest entry, then the largest in other rows and columns, and so on."""
    left, found = table.clone().double(), 0.0
    for _ in range(len(table)):
        row, column = divmod(int(left.argmax()), len(table))
        found += float(left[row, column])
        left[row], left[:, column] = -1, -1
    return found


def _nmi(answer: Callable[[Tensor], Any]) -> str | None:
    """Compare with entropies of rows, columns and all entries."""
    for table in TABLES[::-1]:
        of_clusters, of_classes, of_both = (
            _entropy(counts) for counts in (table.sum(1), table.sum(0), table.flatten())
        )
        shared = of_clusters + of_classes - of_both
        wanted = 2 * shared / (of_clusters + of_classes)
        mine = numbers(answer(table.clone()), 1, "one number is asked for, from 0 to 1")
        slips = [
            (bool(mine.isnan().any()), "0 log 0 counts as 0: leave out what is empty"),
            (wanted / 2, "almost: the mean of the two entropies, not their sum"),
            (shared, "that is the mutual information, in nats: normalise it"),
            (shared / torch.tensor(2.0).log(), "that is the mutual information: normalise it"),
            (shared / max(of_clusters, of_classes), "divide by the mean of the entropies"),
            (shared / (of_clusters * of_classes) ** 0.5, "take the arithmetic mean of entropies"),
            (shared / of_classes, "the entropy of the clusters counts, too"),
            (shared / of_clusters, "the entropy of the classes counts, too"),
            (True, "mutual information: entropy of clusters, plus classes, less that of pairs"),
        ]
        if hint := compare(mine, torch.tensor([wanted]), slips):
            return hint
    return None


def _entropy(counts: Tensor) -> float:
    p = counts[counts > 0].double() / counts.sum()
    return float(-(p * p.log()).sum())


def _gradient(answer: Callable[[Tensor, Tensor, Tensor, Tensor], Any]) -> str | None:
    """Compare with autograd, for graphs with unequal rows."""
    draw = normals(15, 3)
    h, other, matrix, s = draw(6, 4), draw(6, 4), 0.5 * draw(4, 4), draw(4).sigmoid()
    leaf = matrix.clone().requires_grad_()
    softplus = functional.softplus
    loss = softplus(-(h @ leaf @ s)).mean() + softplus(other @ leaf @ s).mean()
    (wanted,) = torch.autograd.grad(loss, leaf)
    g, g_other = h @ matrix @ s, other @ matrix @ s

    def outer(pull: Tensor, push: Tensor) -> Tensor:
        return torch.outer((push @ other - pull @ h) / len(h), s)

    pull, push = (-g).sigmoid(), g_other.sigmoid()
    slips = [
        (-wanted, "that raises the loss: which sign has a gradient?"),
        (wanted * len(h), "the loss has means over the nodes, not sums"),
        (wanted.T, "almost: rows of J belong to units of h, columns to units of s"),
        (outer(pull, 0 * push), "and the rows of the shuffle?"),
        (outer(0 * pull, push), "and the rows of the graph?"),
        (outer(g.sigmoid(), push), "the derivative of softplus(-g) is -sigma(-g)"),
        (outer(pull, 1 - push), "the derivative of softplus(g) is sigma(g)"),
        (outer(pull.round() * 0 + 1, push * 0 + 1), "how far is each row from its answer?"),
        (True, "how the loss follows each g; then g = h J s is a sum over pairs of units"),
    ]
    given = (each.clone() for each in (h, other, matrix, s))
    return compare(gradient_of("J", matrix, answer(*given)), wanted, slips)


CHECKS: Checks = {"15-matched": _matched, "15-nmi": _nmi, "15-gradient": _gradient}
