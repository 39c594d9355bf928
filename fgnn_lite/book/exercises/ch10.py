"""Checks of chapter 10."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from fgnn_lite.book.exercises.answers import (
    Checks,
    WrongShape,
    as_tensor,
    compare,
    gradient_of,
    hint_of,
    within,
)
from fgnn_lite.graphs import load_graph
from fgnn_lite.learners.link import roc_auc
from fgnn_lite.objectives import sum_squares
from fgnn_lite.seeds import generator


def _split(answer: Callable[[Tensor, int], Any]) -> str | None:
    """Splits of two graphs, of which every pair is looked up in the whole graph and in the rest."""
    small = load_graph("sbm", nodes=60, edges=150, classes=3, features=4)
    for data, hidden in ((load_graph("karate"), 15), (small, 40)):
        edges = data.edge_index
        parts = answer(edges.clone(), hidden)
        if not isinstance(parts, Sequence) or len(parts) != 3:
            return "three things are asked for: seen, positive and negative"
        names = ("seen", "positive", "negative")
        columns = [_columns(part, name) for part, name in zip(parts, names, strict=True)]
        if hint := _holes(_columns(edges, "edges"), hidden, *columns):
            return hint
    return None


_Pairs = list[tuple[int, int]]


def _columns(part: Any, name: str) -> _Pairs:
    mine = as_tensor(part)
    if mine is None or mine.dim() != 2 or len(mine) != 2:
        raise WrongShape(f"{name} must be columns of two nodes, (2, ...)")
    return [(int(a), int(b)) for a, b in mine.t().tolist()]


def _holes(
    edges: _Pairs, hidden: int, seen: _Pairs, positive: _Pairs, negative: _Pairs
) -> str | None:
    """What is wrong with a split: first what it says of the graph, then what it gives away."""

    def links(pairs: _Pairs) -> set[frozenset[int]]:
        return {frozenset(pair) for pair in pairs}

    real, known, held, others = (links(part) for part in (edges, seen, positive, negative))
    leaks, wrong = len(held & known), len(others & real)
    several = f"{hidden} different negatives are asked for; you have {len(others)}"
    slips = [
        (not held <= real, "a positive is no link of the graph"),
        (len(held) < len(positive), "a positive that is repeated, either way round, counts once"),
        (len(held) != hidden, f"{hidden} links were to be hidden; you hid {len(held)}"),
        (leaks > 0, f"{leaks} hidden links are in seen. In how many columns does a link stand?"),
        (not known <= real, "a message runs where the graph has no link"),
        (known != real - held, "all links but the hidden ones belong in seen; some are lost"),
        (set(seen) != {(b, a) for a, b in seen}, "messages run both ways along a link"),
        (wrong > 0, f"{wrong} of your negatives are links: of which part of the graph?"),
        (min(map(len, others), default=2) < 2, "a node and itself are no negative pair"),
        ((len(others), len(negative)) != (hidden, hidden), several),
    ]
    return hint_of(slips)


def _bound(answer: Callable[[int, int], float]) -> str | None:
    """Give links the largest products there can be, and other pairs the least; take the loss."""
    for links, others in ((1, 4), (3, 1), (1, 1)):
        z = torch.eye(2, dtype=torch.float64) * 1e3
        ends = [(0, 0)] * links + [(0, 1)] * others
        logits = torch.stack([(z[i] * z[j]).sum() for i, j in ends])
        target = torch.tensor([1.0] * links + [0.0] * others, dtype=torch.float64)
        wanted = float(functional.binary_cross_entropy_with_logits(logits, target))
        mine = float(answer(links, others))
        slips = [
            (math.log(2), "log 2 is the least for a negative pair; the links can cost less"),
            (wanted * (links + others), "the loss is a mean over all pairs"),
            (wanted / math.log(2), "almost: the loss is in nats"),
            (True, "how small can each kind of pair make its part, if no product is negative?"),
        ]
        if hint := compare(mine, wanted, slips, within(5e-4)):
            return f"not for {links} links and {others} negative pairs. {hint}"
    return None


def _auc(answer: Callable[[Tensor, Tensor], float]) -> str | None:
    """Compare with scikit-learn, without ties and with them."""
    random = generator(1, 11)
    for ties in (False, True):
        scores = torch.rand(14, generator=random, dtype=torch.float64)
        if ties:
            scores = (4 * scores).round() / 4
        labels = torch.tensor([1, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0])
        wanted = roc_auc(scores, labels)
        each = list(product(scores[labels > 0].tolist(), scores[labels == 0].tolist()))
        accuracy = ((scores > 0.5) == (labels > 0)).double().mean()
        slips = [
            (ties, "right without ties. A link and another pair with one score are half right"),
            (1 - wanted, "almost: you counted the pairs that are in the wrong order"),
            (accuracy, "that is the accuracy at one threshold. AUC has none: it compares scores"),
            (sum(a > b for a, b in each), "almost: which share of all comparisons is that?"),
            (True, "compare every link with every negative pair: how often has the link more?"),
        ]
        mine = float(answer(scores.clone(), labels.clone()))
        if hint := compare(mine, wanted, slips, within(1e-6)):
            return hint
    return None


def _pair_gradient(answer: Callable[..., Any]) -> str | None:
    """Compare with autograd, for a link and for a negative pair."""
    random = generator(1, 12)
    for linked, theta in ((1, 2.0), (0, 1.0)):
        z_i = torch.rand(5, generator=random, dtype=torch.float64).requires_grad_()
        z_j = torch.rand(5, generator=random, dtype=torch.float64)
        goodness = sum_squares(z_i * z_j)
        loss = functional.softplus(theta - goodness if linked else goodness - theta)
        (wanted,) = torch.autograd.grad(loss, z_i, retain_graph=True)
        (of_goodness,) = torch.autograd.grad(goodness, z_i)
        z_i = z_i.detach()
        twice = "the goodness is of the product. How often does z_j stand in it?"
        slips = [
            (-wanted, "almost: which way is downhill?"),
            (wanted / 2, "almost: what is the derivative of a square?"),
            (wanted / z_j.square(), twice),
            (wanted / z_j, twice),
            (of_goodness, "that is the gradient of the goodness. And the loss of the goodness?"),
            (True, "how wrong the layer is, times how the goodness follows z_i"),
        ]
        mine = gradient_of("z_i", z_i, answer(z_i.clone(), z_j.clone(), theta, linked))
        if hint := compare(mine, wanted, slips):
            return f"for a {'link' if linked else 'negative pair'}: {hint}"
    return None


CHECKS: Checks = {
    "10-split": _split,
    "10-bound": _bound,
    "10-auc": _auc,
    "10-gradient": _pair_gradient,
}
