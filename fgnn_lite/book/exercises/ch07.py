"""Checks of chapter 7."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from fgnn_lite.book.exercises.answers import Checks, compare, normals, numbers, shaped
from fgnn_lite.objectives import sf_loss
from fgnn_lite.seeds import generator

_LIMITS = (
    "tau times the loss, as tau goes to 0",
    "tau times the gradient, as tau goes to 0",
    "the loss, as tau goes to infinity",
    "tau times the gradient, as tau goes to infinity",
)


def _limits(answer: Callable[[Tensor, int], Sequence[Any]]) -> str | None:
    """Go to extreme temperatures, with autograd, on nodes that are right and that are wrong."""
    draw = normals(1)
    for classes, larger in ((4, 1), (3, 0), (5, 4), (4, 0)):  # so many logits above the label's
        logits = 2 * draw(classes)
        y = int(logits.argsort(descending=True)[larger])
        low, high = (_tempered(logits, y, tau) for tau in (1e-3, 1e8))
        wanted = (1e-3 * low[0], 1e-3 * low[1], high[0], 1e8 * high[1])
        parts = answer(logits.float(), y)
        if not isinstance(parts, Iterable) or len(parts := list(parts)) != len(wanted):
            return "four limits are asked for, one after the other"
        usual = _tempered(logits, y, 1.0)
        own = functional.one_hot(torch.tensor(y), classes).to(logits)
        rival = logits.where(own == 0, logits.min() - 1)  # the wrong classes alone
        strongest = functional.one_hot(rival.argmax(), classes).to(logits)
        certain = "all nodes are certain, but not all are right"
        rises = "which way does the loss rise?"
        softmax = "that is the softmax. What does cross-entropy subtract from it?"
        at_one = "that is the gradient at tau = 1"
        slips = (
            [
                (logits.max(), "the label has a logit, too"),
                (-wanted[0], "no loss is below 0"),
                (rival.max() - logits[y], "what is left to lose for a node that is right?"),
                (0 * wanted[0], certain),
            ],
            [
                (-wanted[1], rises),
                (strongest - own, "what is left to learn from a node that is right?"),
                (wanted[1] + own, softmax),
                (0 * own, certain),
                (usual[1], at_one),
            ],
            [
                (0 * wanted[2], "a net that cannot tell the classes apart has a loss"),
                (wanted[2] / math.log(2), "in nats, please"),
                (usual[0], "that is the loss at tau = 1"),
            ],
            [
                (-wanted[3], rises),
                (0 * own, "the gradient vanishes, but tau times the gradient?"),
                (wanted[3] + own, softmax),
                (usual[1], at_one),
            ],
        )
        last = (True, "look at the softmax first: what becomes of it?")
        for name, part, right, known in zip(_LIMITS, parts, wanted, slips, strict=True):
            shape = "one number for each class" if right.dim() else "a number"
            mine = numbers(part, right.numel(), f"{name}: {shape} is asked for").view_as(right)
            if hint := compare(mine, right, [*known, last]):
                return f"{name}, with label {y} and logits {_short(logits)}: {hint}"
    return None


def _tempered(logits: Tensor, y: int, tau: float) -> tuple[Tensor, Tensor]:
    """The loss of one node at a temperature, and its gradient in the logits."""
    given = logits.clone().requires_grad_()
    loss = functional.cross_entropy(given.unsqueeze(0) / tau, torch.tensor([y]))
    (gradient,) = torch.autograd.grad(loss, given)
    return loss.detach(), gradient


def _short(logits: Tensor) -> str:
    return "(" + ", ".join(f"{logit:.1f}" for logit in logits.tolist()) + ")"


def _scale(answer: Callable[[float, float], float]) -> str | None:
    """Compare the loss of longer activities with that of another temperature."""
    random = generator(1, 2)
    z = torch.rand(6, 4, generator=random, dtype=torch.float64)
    v = torch.rand(3, 4, generator=random, dtype=torch.float64)
    y = torch.tensor([0, 1, 2, 0, 1, 2])
    for factor, tau in ((2.0, 1.0), (0.5, 0.3)):
        wanted = sf_loss(factor * z, factor * v, y, tau)
        if not torch.isclose(wanted, sf_loss(z, v, y, float(answer(factor, tau)))):
            return (
                f"for s = {factor} and tau = {tau} the two losses differ. Nodes and class nodes "
                "both grow by s: what happens to their product?"
            )
    return None


def _vote(answer: Callable[[list[Tensor]], Tensor]) -> str | None:
    """Four layers, some certain and some not, vote on nodes that are not close calls."""
    draw = normals(3)
    logits = draw(4, 400, 3) * (2 * draw(4, 400, 1)).exp()  # [L, N, C], each row of its own scale
    sums = logits.softmax(-1).cumsum(0)
    best, second = sums.topk(2, dim=-1).values.unbind(-1)
    clear = (best - second).min(0).values > 0.05
    logits, wanted = logits[:, clear], sums[:, clear].argmax(-1).double()
    ballots = torch.stack([logits[: k + 1].argmax(-1).mode(0).values for k in range(len(logits))])
    over_nodes = logits.softmax(1).cumsum(0).argmax(-1)
    expected = "one class for every number of layers and every node is asked for: a tensor [L, N]"
    mine = shaped(answer(list(logits.clone())), wanted.shape, expected).floor()
    slips = [
        (logits.argmax(-1), "each layer votes alone there. Row l is for layers 1 to l together"),
        (logits.cumsum(0).argmax(-1), "you added the logits: the layer with the longest decides"),
        (torch.equal(mine[-1], wanted[-1]), "the last row is right. Which layers vote above it?"),
        (ballots, "you counted votes. Should an uncertain layer weigh as much as a certain one?"),
        (over_nodes, "no node may depend on other nodes: along which dimension is the softmax?"),
        (True, "look at how much each layer can contribute to one row"),
    ]
    return compare(mine, wanted, slips, torch.equal)


CHECKS: Checks = {
    "07-limits": _limits,
    "07-scale": _scale,
    "07-vote": _vote,
}
