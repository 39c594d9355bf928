"""Checks of chapter 2."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from fgnn_lite.book.exercises.answers import (
    Checks,
    compare,
    gradient_of,
    normals,
    numbers,
    rows_computed,
)
from fgnn_lite.hinton import SupervisedFF, load_images
from fgnn_lite.objectives import GOODNESS, ff_loss, sum_squares
from fgnn_lite.seeds import generator


def _goodness_gradient(answer: Callable[..., Any]) -> str | None:
    """Compare with autograd on random positives and negatives of different number."""
    draw, theta = normals(4), 1.5
    positive, negative, w = draw(5, 4), draw(7, 4), draw(4, 6).requires_grad_()

    def goodness(x: Tensor) -> Tensor:
        return sum_squares((x @ w).relu())

    loss = ff_loss(goodness(positive), goodness(negative).unsqueeze(0), theta)
    (wanted,) = torch.autograd.grad(loss, w)
    w = w.detach()

    def side(x: Tensor, sign: int, gate: bool = True) -> Tensor:
        error = sign * torch.sigmoid(sign * (goodness(x) - theta))
        h = (x @ w).relu() if gate else x @ w
        return 2 * x.t() @ (error.unsqueeze(1) * h) / len(x)

    pos, neg = side(positive, -1), side(negative, 1)
    ungated = side(positive, -1, gate=False) + side(negative, 1, gate=False)
    slips = [
        (-wanted, "almost: which way is downhill?"),
        (wanted / 2, "almost: what is the derivative of a square?"),
        (ungated, "almost: what does a unit that is closed contribute?"),
        (5 * pos + 7 * neg, "the loss is a mean over the positives, and one over the negatives"),
        (pos, "the negatives pull, too"),
        (neg, "the positives pull, too"),
        (True, "three factors: how wrong the layer is, how goodness follows activity, the input"),
    ]
    mine = gradient_of("W", w, answer(positive, negative, w, theta))
    return compare(mine, wanted, slips)


def _passes(answer: Callable[[int, int, int], tuple[int, int]]) -> str | None:
    """Count the rows that a first layer computes, in one update and in one prediction."""
    everything = load_images()
    for classes, negatives in ((10, 9), (4, 1)):
        data = everything.subgraph(everything.y < classes)
        data.num_classes, images = classes, int(data.train_mask.sum())
        net = SupervisedFF(depth=1, hidden=8, negatives=negatives)
        with rows_computed() as rows:
            net.fit(data, epochs=1, device="cpu", restore_best=False)
            net.class_scores(data)
        both = answer(images, classes, negatives)
        update, prediction = numbers(both, 2, "two numbers are asked for").tolist()
        given = f"with T = {images}, C = {classes} and K = {negatives}"
        if update != rows[0]:
            return f"not in an update, {given}. In how many ways is one image shown?"
        if prediction != rows[-1] // len(data.y):
            return f"right in an update, not in a prediction, {given}. What has to be tried?"
    return None


def _copies(answer: Callable[[float, int, str], float]) -> str | None:
    """Make copies of every unit, and look for the threshold that parts the same inputs."""
    h = torch.rand(200, 6, generator=generator(1, 5), dtype=torch.float64)
    for theta, copies, name in ((1.9, 3, "sum-squares"), (0.3, 4, "mean-squares")):
        before = GOODNESS[name](h) > theta
        after = GOODNESS[name](h.repeat(1, copies)) > float(answer(theta, copies, name))
        if not torch.equal(before, after):
            return (
                f"for {copies} copies and {name} other inputs are above it. What does a copy add?"
            )
    return None


CHECKS: Checks = {
    "02-gradient": _goodness_gradient,
    "02-passes": _passes,
    "02-copies": _copies,
}
