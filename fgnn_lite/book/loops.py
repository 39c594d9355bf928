"""Training loops that chapters have written out before, so that later ones need not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor

from fgnn_lite import checks
from fgnn_lite.history import History

__all__ = ["descend", "during", "gap"]


def descend(
    weights: Iterable[Tensor],
    loss_of: Callable[[], Tensor],
    updates: int,
    lr: float,
    weight_decay: float = 5e-4,
) -> list[float]:
    """Lower a loss by updates of Adam.

        descend(conv.parameters(), lambda: cross_entropy(x @ conv.lin.weight.T, y), 200, 0.01)

    Args:
        weights: what is learned; anything else is left as it is.
        loss_of: computes the loss anew, for the weights as they are.
        updates: how many.
        lr: step size.
        weight_decay: as `Learner.fit` has it.

    Returns:
        The loss before each update.

    Raises:
        ValueError: if a number is out of range.

    Chapter 15.
    """
    updates, lr = checks.integer("updates", updates, 1), checks.number("lr", lr, 0.0)
    adam = torch.optim.Adam(weights, lr, weight_decay=weight_decay)
    losses = []
    for _ in range(updates):
        loss = loss_of()
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    return losses


def during(
    learners: Sequence[Any], data: Any, score: Callable[[Any], float], every: int, **options: Any
) -> dict[int, list[float]]:
    """Train learners that are alike, for instance of several seeds, and score them on the way.

    Args:
        learners: each is fitted on its own; they make the same number of updates.
        data: what they are fitted on.
        score: gives a number for a learner as it is.
        every: so many updates are between two scores; one more is taken where a layer ends.
        **options: of `fit`, `epochs` among them.

    Returns:
        update, counted through all layers -> the score of each learner, for `plots.lines`.

    Raises:
        ValueError: if a number is out of range.

    Chapter 15.
    """
    every, epochs = checks.integer("every", every, 1), options["epochs"]
    found: dict[int, list[float]] = {}
    for learner in learners:
        done = 0

        def note(record: Any, learner: Any = learner) -> None:
            nonlocal done
            done += 1
            if done % every == 0 or record.epoch + 1 == epochs:
                found.setdefault(done, []).append(score(learner))

        learner.fit(data, on_epoch=note, **options)
    return found


def gap(losses: Sequence[float], history: History, first: int = 20) -> float:
    """How far losses by hand are from those that the library reports.

    Args:
        losses: before each update, of layer 1 on.
        history: of `fit`, with as many updates or more.
        first: only so many are compared: rounding grows with every update.

    Returns:
        The largest difference.

    Raises:
        ValueError: if there are no losses, or the history has fewer.

    Chapter 15.
    """
    mine, known = losses[:first], [record.loss for record in history][: len(losses)][:first]
    return max(abs(a - b) for a, b in zip(mine, known, strict=True))
