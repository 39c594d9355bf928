"""Checks of chapter 2."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from fgnn_lite.book.exercises.answers import as_tensor, close, hint_of, misshapen, rows_computed
from fgnn_lite.hinton import SupervisedFF, load_images
from fgnn_lite.objectives import GOODNESS, ff_loss, sum_squares
from fgnn_lite.seeds import generator


def _goodness_gradient(answer: Callable[..., Any]) -> str | None:
    """Compare with autograd on random positives and negatives of different number."""
    random = generator(1, 4)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=random, dtype=torch.float64)

    positive, negative, w = draw(5, 4), draw(7, 4), draw(4, 6).requires_grad_()
    theta = 1.5
    goodness = [sum_squares((x @ w).relu()) for x in (positive, negative)]
    ff_loss(goodness[0], goodness[1].unsqueeze(0), theta).backward()
    assert w.grad is not None
    mine = as_tensor(answer(positive, negative, w.detach(), theta))
    if mine is None or mine.shape != w.shape:
        return misshapen(mine, w, "W")
    if close(mine, w.grad):
        return None

    def gradient(pull: float, push: float, two: float = 2.0, linear: bool = False) -> Tensor:
        total = torch.zeros_like(w.grad if w.grad is not None else w)
        for x, g, weight in zip((positive, negative), goodness, (pull, push), strict=True):
            sign = -1 if x is positive else 1
            force = sign * torch.sigmoid(sign * (g.detach() - theta)) * weight / len(x)
            h = (x @ w.detach()) if linear else (x @ w.detach()).relu()
            total = total + two * x.t() @ (force.unsqueeze(1) * h)
        return total

    slips = [
        (-gradient(1, 1), "so near: which way is downhill?"),
        (gradient(1, 1, two=1.0), "so near: what is the derivative of a square?"),
        (gradient(1, 1, linear=True), "so near: what does a unit that is closed contribute?"),
        (gradient(5, 7), "the loss is a mean over the positives, and one over the negatives"),
        (gradient(1, 0), "the negatives pull, too"),
        (gradient(0, 1), "the positives pull, too"),
    ]
    last = "three factors: how wrong the layer is, how goodness follows activity, and the input"
    return hint_of(mine, slips) or last


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
        mine = as_tensor(answer(images, classes, negatives))
        if mine is None or mine.numel() != 2:
            return "two numbers are asked for: for an update, and for a name"
        learn, name = mine.flatten().tolist()
        given = f"with T = {images}, C = {classes} and K = {negatives}"
        if learn != rows[0]:
            return f"not in an update, {given}. In how many ways is one image shown?"
        if name != rows[-1] // len(data.y):
            return f"right in an update, not for a name, {given}. What has to be asked?"
    return None


def _copies(answer: Callable[[float, int, str], float]) -> str | None:
    """Make copies of every unit, and look for the threshold that parts the same inputs."""
    random = generator(1, 5)
    h = torch.rand(200, 6, generator=random, dtype=torch.float64)
    for theta, copies, name in ((1.9, 3, "sum-squares"), (0.3, 4, "mean-squares")):
        before = GOODNESS[name](h) > theta
        after = GOODNESS[name](h.repeat(1, copies)) > float(answer(theta, copies, name))
        if not torch.equal(before, after):
            return (
                f"for {copies} copies and {name} other inputs are above it. What does a copy add?"
            )
    return None


CHECKS: dict[str, Callable[[Any], str | None]] = {
    "02-gradient": _goodness_gradient,
    "02-passes": _passes,
    "02-copies": _copies,
}
