"""Checks of chapter 10."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from fgnn_lite.book.exercises.answers import as_tensor, close
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
        tensors = [as_tensor(part) for part in parts]
        for part, tensor in zip(("seen", "positive", "negative"), tensors, strict=True):
            if tensor is None or tensor.dim() != 2 or len(tensor) != 2:
                return f"{part} must be columns of two nodes, (2, ...)"
        complaint = _holes(edges, hidden, *(_columns(t) for t in tensors if t is not None))
        if complaint:
            return complaint
    return None


_Pairs = list[tuple[int, int]]


def _columns(part: Tensor) -> _Pairs:
    return [(int(a), int(b)) for a, b in part.t().tolist()]


def _holes(
    edges: Tensor, hidden: int, seen: _Pairs, positive: _Pairs, negative: _Pairs
) -> str | None:
    """What is wrong with a split: first what it says of the graph, then what it gives away."""

    def links(pairs: _Pairs) -> set[frozenset[int]]:
        return {frozenset(pair) for pair in pairs}

    real = links(_columns(edges))
    asked, heard, strangers = links(positive), links(seen), links(negative)
    if not asked <= real:
        return "a positive is no link of the graph"
    if len(asked) < len(positive):
        return "a link that is asked about twice, or in both directions, is one question"
    if len(asked) != hidden:
        return f"{hidden} links were to be hidden; you hid {len(asked)}"
    if leaks := len(asked & heard):
        return f"{leaks} hidden links can be heard. In how many columns does a link stand?"
    if not heard <= real:
        return "a message runs where the graph has no link"
    if heard != real - asked:
        return "what nobody asks about should be heard; some of it is lost"
    if set(seen) != {(b, a) for a, b in seen}:
        return "messages run both ways along a link"
    if leaks := len(strangers & real):
        return f"{leaks} pairs that you call strangers are links: of which part of the graph?"
    if min(map(len, strangers), default=2) < 2:
        return "a node is no stranger to itself"
    if len(strangers) != hidden or len(negative) != hidden:
        return f"{hidden} different strangers are asked for; you have {len(strangers)}"
    return None


def _bound(answer: Callable[[int, int], float]) -> str | None:
    """Give links all the agreement there can be, and other pairs the least, and take the loss."""
    for links, others in ((1, 4), (3, 1), (1, 1)):
        z = torch.eye(2, dtype=torch.float64) * 1e3
        ends = [(0, 0)] * links + [(0, 1)] * others
        logits = torch.stack([(z[i] * z[j]).sum() for i, j in ends])
        truth = torch.tensor([1.0] * links + [0.0] * others, dtype=torch.float64)
        wanted = float(functional.binary_cross_entropy_with_logits(logits, truth))
        mine = float(answer(links, others))
        if abs(mine - wanted) < 5e-4:
            continue
        words = f"not for {links} links and {others} other pairs. "
        if abs(mine - float(torch.tensor(2.0).log())) < 1e-3:
            return words + "log 2 is the least that one other pair costs; the links can cost less"
        if abs(mine - wanted * (links + others)) < 1e-3:
            return words + "the loss is a mean over all pairs"
        if abs(mine * float(torch.tensor(2.0).log()) - wanted) < 1e-3:
            return words + "so near: the loss is in nats"
        return words + "how small can each kind of pair make its part, if no product is negative?"
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
        mine = float(answer(scores.clone(), labels.clone()))
        if abs(mine - wanted) < 1e-6:
            continue
        if ties:
            return "right without ties. A link and another pair with the same score are half right"
        if abs(mine - (1 - wanted)) < 1e-6:
            return "so near: you counted the pairs that are in the wrong order"
        if abs(mine - float(((scores > 0.5) == (labels > 0)).double().mean())) < 1e-6:
            return "that is the accuracy at one threshold. AUC has none: it compares scores"
        each = list(product(scores[labels > 0].tolist(), scores[labels == 0].tolist()))
        if abs(mine - sum(a > b for a, b in each)) < 1e-6:
            return "so near: which share of all comparisons is that?"
        return "compare every link with every pair that is none: how often is the link ahead?"
    return None


def _pair_gradient(answer: Callable[..., Any]) -> str | None:
    """Compare with autograd, for a link and for a pair that is none."""
    random = generator(1, 12)
    for linked, theta in ((1, 2.0), (0, 1.0)):
        z_i = torch.rand(5, generator=random, dtype=torch.float64).requires_grad_()
        z_j = torch.rand(5, generator=random, dtype=torch.float64)
        above = sum_squares(z_i * z_j) - theta
        functional.softplus(-above if linked else above).backward()
        wanted = z_i.grad
        assert wanted is not None
        mine = as_tensor(answer(z_i.detach().clone(), z_j.clone(), theta, linked))
        if mine is None or mine.shape != wanted.shape:
            return f"the gradient of z_i has the shape of z_i, {tuple(wanted.shape)}"
        if close(mine, wanted):
            continue
        kind = "a link" if linked else "a pair that is none"
        if close(mine, -wanted):
            return f"so near, for {kind}: which way is downhill?"
        if close(2 * mine, wanted):
            return f"so near, for {kind}: what is the derivative of a square?"
        with torch.no_grad():
            pull = wanted / (z_i * z_j.square())
        if close(mine, pull * z_i) or close(mine, pull * z_i * z_j):
            return f"for {kind}: the goodness is of the product. How often does z_j stand in it?"
        if close(mine, wanted / pull * 2):
            return (
                f"for {kind}: that is the gradient of the goodness. And the loss of the goodness?"
            )
        return f"for {kind}: how wrong the layer is, times how the goodness follows z_i"
    return None


CHECKS: dict[str, Callable[[Any], str | None]] = {
    "10-split": _split,
    "10-bound": _bound,
    "10-auc": _auc,
    "10-gradient": _pair_gradient,
}
