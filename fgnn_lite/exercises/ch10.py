"""Checks of chapter 10."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from fgnn_lite.exercises.answers import close
from fgnn_lite.graphs import load_graph
from fgnn_lite.learners.link import roc_auc
from fgnn_lite.links import load_links
from fgnn_lite.objectives import sum_squares
from fgnn_lite.seeds import generator


def _leaks(answer: Callable[[Tensor, Tensor, Tensor, Tensor], int]) -> str | None:
    """A clean split of the karate club, and the same with holes of every kind."""
    whole = load_graph("karate").edge_index
    test = load_links("karate")[2]
    seen, link = test.edge_index, test.edge_label > 0
    positive, negative = test.edge_label_index[:, link], test.edge_label_index[:, ~link]

    def asked(seen: Tensor, positive: Tensor, negative: Tensor) -> tuple[int, int]:
        mine = answer(seen.clone(), positive.clone(), negative.clone(), whole.clone())
        wanted = sum(_has(seen, pair) for pair in positive.t().tolist())
        wanted += sum(_has(whole, pair) for pair in negative.t().tolist())
        return int(mine), wanted

    some = positive[:, :3]
    cases = [
        ((seen, positive, negative), "this split is clean, and you found a leak in it"),
        (
            (torch.cat([seen, some, some.flip(0)], 1), positive, negative),
            "three of the links to be predicted are among the messages: count each of them once",
        ),
        (
            (torch.cat([seen, some.flip(0)], 1), positive, negative),
            "a link that is to be predicted must not be heard in the other direction, either",
        ),
        (
            (seen, positive, torch.cat([negative, some], 1)),
            "a pair that is called no link may be one, in a part of the graph that nobody hears",
        ),
        (
            (seen, positive, torch.cat([negative, some.flip(0)], 1)),
            "a pair that is called no link may be one in the other direction",
        ),
        (
            (
                torch.cat([seen, some.flip(0)], 1),
                positive,
                torch.cat([negative, positive[:, 4:6]], 1),
            ),
            "some splits have leaks of both kinds: count them all",
        ),
    ]
    for case, hint in cases:
        mine, wanted = asked(*case)
        if mine != wanted:
            return f"{hint} (you counted {mine})"
    return None


def _has(edges: Tensor, pair: list[int]) -> bool:
    """Whether an edge joins the two, in one direction or the other."""
    a, b = edges
    return bool((((a == pair[0]) & (b == pair[1])) | ((a == pair[1]) & (b == pair[0]))).any())


def _bound(answer: Callable[[int, int], float]) -> str | None:
    """Give links all the agreement there can be, and other pairs the least, and take the loss."""
    for links, others in ((1, 4), (3, 1), (1, 1)):
        z = torch.eye(2, dtype=torch.float64) * 1e3
        ends = [(0, 0)] * links + [(0, 1)] * others
        logits = torch.stack([(z[i] * z[j]).sum() for i, j in ends])
        truth = torch.tensor([1.0] * links + [0.0] * others, dtype=torch.float64)
        wanted = float(functional.binary_cross_entropy_with_logits(logits, truth))
        mine = float(answer(links, others))
        if abs(mine - wanted) < 1e-4:
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


def _pair_gradient(answer: Callable[..., Tensor]) -> str | None:
    """Compare with autograd, for a link and for a pair that is none."""
    random = generator(1, 12)
    for linked, theta in ((1, 2.0), (0, 1.0)):
        z_i = torch.rand(5, generator=random, dtype=torch.float64).requires_grad_()
        z_j = torch.rand(5, generator=random, dtype=torch.float64)
        above = sum_squares(z_i * z_j) - theta
        functional.softplus(-above if linked else above).backward()
        wanted = z_i.grad
        assert wanted is not None
        mine = answer(z_i.detach().clone(), z_j.clone(), theta, linked)
        if not isinstance(mine, Tensor) or mine.shape != wanted.shape:
            return f"the gradient of z_i has the shape of z_i, {tuple(wanted.shape)}"
        mine = mine.to(torch.float64).cpu()
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
    "10-leaks": _leaks,
    "10-bound": _bound,
    "10-auc": _auc,
    "10-gradient": _pair_gradient,
}
