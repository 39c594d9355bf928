"""Checks of chapter 12."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from fgnn_lite.book.exercises.answers import (
    Checks,
    compare,
    gradient_of,
    hint_of,
    normals,
    within,
)
from fgnn_lite.objectives import negative_entropy


def _entropy_gradient(answer: Callable[[Tensor, Tensor], Any]) -> str | None:
    """Compare with autograd on random inputs."""
    draw = normals(12)
    x, w = draw(7, 4), draw(4, 5).requires_grad_()
    h = (x @ w).relu()
    (wanted,) = torch.autograd.grad(negative_entropy(h).sum(), w)
    w, h = w.detach(), h.detach()
    p, log_p, gate = h.softmax(-1), h.log_softmax(-1), h > 0
    pull = p * (log_p - (p * log_p).sum(-1, keepdim=True))
    of_all = "p is a softmax: raising one unit lowers the share of all"
    slips = [
        (x.t() @ pull, "almost: what does a unit that is closed contribute?"),
        (x.t() @ (p * log_p * gate), of_all),
        (x.t() @ (p * (log_p + 1) * gate), of_all),
        (-wanted, "that is the gradient of the entropy itself: which sign was asked for?"),
        (wanted / len(x), "the goodness is added up over the rows, not averaged"),
        (True, "three factors: input, gate of the ReLU, and how goodness follows one activity"),
    ]
    mine = gradient_of("W", w, answer(x.clone(), w.clone()))
    return compare(mine, wanted, slips)


def _excess(answer: Callable[[float, int, int], float]) -> str | None:
    """Add up the weights of a mean, node by node, for whole numbers of neighbours."""
    for own, other, classes in ((3, 1, 4), (1, 3, 3), (0, 2, 5), (4, 4, 2)):
        degree = own + other * (classes - 1)  # so many of the own class, and of each other one
        mine = float(answer(own / degree, degree, classes))
        wanted = (1 + own - other) / (degree + 1)
        rest = other * (classes - 1)
        slips = [
            ((own - other) / (degree + 1), "the node itself is in the mean, too"),
            ((own - other) / degree, "the node itself is in the mean, too"),
            (1 + own - other, "a mean: by how many nodes is the sum divided?"),
            ((1 + own - other) / degree, "almost: over how many nodes does the mean go?"),
            ((1 + own - rest) / (degree + 1), "by one other class, not by all of them"),
            (-wanted, "own class minus other class: which sign?"),
            (
                True,
                f"not for {own} neighbours of {degree} in its own class, and {classes} classes. "
                "How many of the nodes in the mean are of each class?",
            ),
        ]
        if hint := compare(mine, wanted, slips, within(1e-6)):
            return hint
    return None


def _stale(answer: Callable[[int, int], int]) -> str | None:
    """Run a pipeline whose signals are the numbers of updates of layer 1's weights."""
    depth = 6
    signals: list[int | None] = [None] * (depth + 1)  # the input of each layer
    cases: list[tuple[int, int, int, int]] = []  # the layer, the step, the answer, the right one
    for t in range(1, 12):
        before = list(signals)
        for layer in range(1, depth):  # all layers at once, from what stood there before
            signals[layer + 1] = t - 1 if layer == 1 else before[layer]
        for layer in range(2, depth + 1):
            if (right := before[layer]) is not None:
                cases.append((layer, t, int(answer(layer, t)), right))
    wrong = [case for case in cases if case[2] != case[3]]
    if not wrong:
        return None
    at_once = all(mine == t - 1 for _, t, mine, _ in wrong)
    early = all(mine == right + 1 for *_, mine, right in wrong)
    layer, t, *_ = wrong[0]
    slips = [
        (at_once, "that would be so if signals climbed the whole net within one step"),
        (early, "one update too many: a layer passes on what it computed before its update"),
        (True, f"not for layer {layer} in step {t}. Follow one signal upwards, step by step"),
    ]
    return hint_of(slips)


CHECKS: Checks = {
    "12-entropy": _entropy_gradient,
    "12-blur": _excess,
    "12-stale": _stale,
}
