"""Checks of chapter 7."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from fgnn_lite.book.exercises.answers import as_tensor, close, hint_of
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
    random = generator(1, 1)
    for classes, ahead in ((4, 1), (3, 0), (5, 4), (4, 0)):  # so many classes lead the label
        logits = 2 * torch.randn(classes, generator=random, dtype=torch.float64)
        y = int(logits.argsort(descending=True)[ahead])
        cold, hot = (_tempered(logits, y, tau) for tau in (1e-3, 1e8))
        wanted = (1e-3 * cold[0], 1e-3 * cold[1], hot[0], 1e8 * hot[1])
        parts = answer(logits.float(), y)
        if not isinstance(parts, Iterable) or len(parts := list(parts)) != len(wanted):
            return "four limits are asked for, one after the other"
        usual = _tempered(logits, y, 1.0)
        own = functional.one_hot(torch.tensor(y), classes).to(logits)
        rival = logits.where(own == 0, logits.min() - 1)  # the wrong classes alone
        strongest = functional.one_hot(rival.argmax(), classes).to(logits)
        slips = (
            [
                (logits.max(), "the label has a logit, too"),
                (-wanted[0], "no loss is below 0"),
                (rival.max() - logits[y], "what is left to lose for a node that is named rightly?"),
                (0 * wanted[0], "all nodes are certain, but not all are right"),
            ],
            [
                (-wanted[1], "which way does the loss rise?"),
                (strongest - own, "what is left to learn from a node that is named rightly?"),
                (wanted[1] + own, "that is the softmax. What does cross-entropy take off it?"),
                (0 * own, "all nodes are certain, but not all are right"),
                (usual[1], "that is the gradient at tau = 1"),
            ],
            [
                (0 * wanted[2], "a net that cannot tell the classes apart has a loss"),
                (wanted[2] / math.log(2), "in nats, please"),
                (usual[0], "that is the loss at tau = 1"),
            ],
            [
                (-wanted[3], "which way does the loss rise?"),
                (0 * own, "the gradient vanishes, but tau times the gradient?"),
                (wanted[3] + own, "that is the softmax. What does cross-entropy take off it?"),
                (usual[1], "that is the gradient at tau = 1"),
            ],
        )
        for name, part, right, known in zip(_LIMITS, parts, wanted, slips, strict=True):
            mine = as_tensor(part)
            if mine is None or mine.numel() != right.numel():
                shape = "a number" if right.dim() == 0 else "one number for each class"
                return f"{name}: {shape} is asked for"
            mine = mine.reshape(right.shape)
            if not close(mine, right):
                last = "look at the softmax first: what becomes of it?"
                return f"{name}, with label {y} and logits {_short(logits)}: " + (
                    hint_of(mine, known) or last
                )
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
    """Four layers, some loud and some lukewarm, vote on nodes that are not close calls."""
    random = generator(1, 3)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=random, dtype=torch.float64)

    logits = draw(4, 400, 3) * (2 * draw(4, 400, 1)).exp()  # [L, N, C], each row as loud as it is
    sums = logits.softmax(-1).cumsum(0)
    best, second = sums.topk(2, dim=-1).values.unbind(-1)
    clear = (best - second).min(0).values > 0.05
    logits, wanted = logits[:, clear], sums[:, clear].argmax(-1)
    mine = as_tensor(answer(list(logits.clone())))
    if mine is None or mine.shape != wanted.shape:
        return "one class for every number of layers and every node is asked for: a tensor [L, N]"
    mine = mine.long()
    if torch.equal(mine, wanted):
        return None
    if torch.equal(mine, logits.argmax(-1)):
        return "you asked each layer alone. Row l is for layers 1 to l together"
    if torch.equal(mine, logits.cumsum(0).argmax(-1)):
        return "you added the logits. Then the layer with the longest activities decides alone"
    if torch.equal(mine[-1], wanted[-1]):
        return "the last row is right, where all layers vote. Whom do the rows above it ask?"
    ballots = torch.stack([logits[: k + 1].argmax(-1).mode(0).values for k in range(len(logits))])
    if torch.equal(mine, ballots):
        return "you counted heads. Is a layer that hardly cares worth as much as one that is sure?"
    if torch.equal(mine, logits.softmax(1).cumsum(0).argmax(-1)):
        return "the answer for a node must not depend on the other nodes: along which dimension?"
    return "look at how much each layer can contribute to one row"


CHECKS: dict[str, Callable[[Any], str | None]] = {
    "07-limits": _limits,
    "07-scale": _scale,
    "07-vote": _vote,
}
