"""Checks of chapter 14."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from fgnn_lite.book.exercises.answers import (
    Checks,
    WrongShape,
    compare,
    gradient_of,
    normals,
    numbers,
    shaped,
    within,
)


def _feedback(answer: Callable[..., Any]) -> str | None:
    """Compare with products on a graph whose edges go one way, for layers at several depths."""
    draw = normals(14, 1)
    x, z, error, back = draw(7, 4), draw(7, 5), draw(7, 3), draw(3, 5)
    adjacency = (draw(7, 7) > 0.4).double() + torch.eye(7, dtype=torch.float64)
    gate = (z > 0).double()

    def sent(times: int, matrix: Tensor = adjacency.T) -> Tensor:
        return torch.linalg.matrix_power(matrix, times) @ error @ back

    for above in (2, 1, 3):
        wanted = x.T @ (sent(above) * gate)
        slips = [
            (x.T @ sent(above), "almost: what does a unit that is closed get?"),
            (x.T @ (sent(above) * z.relu()), "the derivative of a ReLU is 0 or 1"),
            (x.T @ (sent(above, adjacency) * gate), "almost: an error goes against the messages"),
            (x.T @ (sent(0) * gate), "the error has to cross the edges on its way"),
            (x.T @ (sent(above + 1) * gate), "once too often: `x` has this layer's own step"),
            (x.T @ (sent(1) * gate), "right for one layer above. And for more?"),
            (wanted / len(x), "almost: the error has been divided already"),
            (
                True,
                "three factors: the input, the error where it arrives, and the gate of the ReLU",
            ),
        ]
        mine = answer(*(each.clone() for each in (x, z, error, back, adjacency)), above)
        if hint := compare(gradient_of("W", back.new_empty(4, 5), mine), wanted, slips):
            return hint
    return None


def _angle(answer: Callable[[list[Tensor], list[Tensor]], Any]) -> str | None:
    """Compare in 24 dimensions: any two lists, nearly opposite ones, and one list with itself."""
    draw = normals(14, 2)
    one, other = ([draw(4, 5), 3 * draw(4)] for _ in range(2))
    turned = [0.3 * right - left for left, right in zip(one, other, strict=True)]
    for second in (other, turned):
        parts = [_cosine(u.flatten(), v.flatten()) for u, v in zip(one, second, strict=True)]
        u, v = (torch.cat([part.flatten() for part in each]) for each in (one, second))
        cosine = _cosine(u, v)
        wanted = math.degrees(math.acos(cosine))
        slips = [
            (math.acos(cosine), "almost: that is in radians"),
            (cosine, "that is the cosine of the angle"),
            (180 - wanted, "that is the angle to the opposite direction"),
            (sum(math.degrees(math.acos(c)) for c in parts) / 2, "a mean of angles is no angle"),
            (math.degrees(math.acos(sum(parts) / 2)), "a mean of cosines is no cosine"),
            (math.degrees(math.acos(parts[0])), "the second tensor counts, too"),
            (True, "the product of two long vectors, over the product of their lengths, is what?"),
        ]
        given = ([part.clone() for part in each] for each in (one, second))
        mine = numbers(answer(*given), 1, "one number is asked for")
        if hint := compare(mine, torch.tensor([wanted]), slips, within(0.01)):
            return hint
    return None


def _cosine(u: Tensor, v: Tensor) -> float:
    return float(functional.cosine_similarity(u, v, dim=0))


def _exact(answer: Callable[[list[Tensor]], Any]) -> str | None:
    """Compare with autograd: layers of one width, where slips fit, and of several."""
    draw = normals(14, 3)
    for sizes in ((3, 3, 3, 3, 3), (4, 5, 6, 2), (4, 5, 2)):
        weights = [draw(*pair) for pair in pairwise(sizes)]
        found = answer([weight.clone() for weight in weights])
        if not isinstance(found, Sequence) or len(found) != len(weights) - 1:
            raise WrongShape("a list is asked for, with one matrix for each layer but the top one")
        products = [torch.linalg.multi_dot([*weights[k:], torch.eye(sizes[-1]).double()])
                    for k in range(len(weights))]  # fmt: skip
        right = [product.T for product in products[1:]]
        for k, wanted in enumerate(right):
            shape, said = tuple(wanted.shape), f"B_{k + 1} has the shape of classes and units"
            mine = shaped(found[k], shape, said)
            same = shape[0] == shape[1] == sizes[0]
            slips = [
                (same and weights[k + 1].T, "the layers above the next one count, too"),
                (same and wanted.T, "almost: is it this product or its transpose?"),
                (
                    same and products[k].T,
                    "one layer too many: the layer's own weights do not count",
                ),
                (same and right[-1 - k], "almost: which matrix belongs to layer 1?"),
                (True, "write out what BP sends to this layer when there is no ReLU"),
            ]
            if hint := compare(mine, wanted, [pair for pair in slips if pair[0] is not False]):
                return hint
    return None


def _groups(answer: Callable[[Tensor, int, int, float], Any]) -> str | None:
    """Compare with autograd, for several sizes of groups."""
    draw = normals(14, 4)
    for classes, size, label, tau in ((3, 2, 1, 0.4), (4, 3, 0, 3.0)):
        h = draw(classes * size).relu().requires_grad_()
        g = h.view(classes, size).square().mean(1)
        loss = functional.cross_entropy((g / tau)[None], torch.tensor([label]))
        (wanted,) = torch.autograd.grad(loss, h)
        h, p = h.detach(), (g / tau).softmax(0).detach()
        slips = [
            (wanted / 2, "almost: what is the derivative of a square?"),
            (wanted * size, "the goodness is a mean over the group, not a sum"),
            (wanted * tau, "the temperature stands under the goodness: where does it come out?"),
            (-wanted, "that raises the loss: which sign has a gradient?"),
            (p.repeat_interleave(size) * 2 * h / size / tau, "what pulls the true class up?"),
            ((p.repeat_interleave(size) - functional.one_hot(torch.tensor(label), classes)
              .repeat_interleave(size)) / tau / size, "each unit passes on how active it is"),
            (True, "softmax less one-hot for each group; then how g follows one unit"),
        ]  # fmt: skip
        mine = gradient_of("h", h, answer(h.clone(), label, classes, tau))
        if hint := compare(mine, wanted, slips):
            return hint
    return None


CHECKS: Checks = {
    "14-feedback": _feedback,
    "14-angle": _angle,
    "14-exact": _exact,
    "14-groups": _groups,
}
