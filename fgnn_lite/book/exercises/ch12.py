"""Checks of chapter 12."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

from fgnn_lite.book.exercises.answers import as_tensor, close, hint_of, misshapen
from fgnn_lite.layers import normalise
from fgnn_lite.objectives import GOODNESS, negative_entropy
from fgnn_lite.seeds import generator


def _entropy_gradient(answer: Callable[[Tensor, Tensor], Any]) -> str | None:
    """Compare with autograd on random inputs."""
    random = generator(1, 12)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=random, dtype=torch.float64)

    x, w = draw(7, 4), draw(4, 5).requires_grad_()
    negative_entropy((x @ w).relu()).sum().backward()
    assert w.grad is not None
    mine = as_tensor(answer(x.clone(), w.detach().clone()))
    if mine is None or mine.shape != w.shape:
        return misshapen(mine, w, "W")
    if close(mine, w.grad):
        return None
    z = (x @ w).detach()
    h = z.relu()
    p, log_p = h.softmax(-1), h.log_softmax(-1)
    pull, gate = p * (log_p - (p * log_p).sum(-1, keepdim=True)), z > 0
    slips = [
        (x.t() @ pull, "so near: what does a unit that is closed contribute?"),
        (x.t() @ (p * log_p * gate), "p is a softmax: raising one unit lowers the share of all"),
        (x.t() @ (p * (log_p + 1) * gate), "p is a softmax: raising one unit lowers the share"),
        (-w.grad, "that is the gradient of the entropy itself: which sign was asked for?"),
        (w.grad / len(x), "the goodness is added up over the rows, not averaged"),
    ]
    last = "three factors: the input, the gate of the ReLU, and how goodness follows one activity"
    return hint_of(mine, slips) or last


def _still_visible(answer: Any) -> str | None:
    """Look which goodness still differs between rows whose length was taken away."""
    if callable(answer):
        answer = answer()
    if isinstance(answer, str) or not isinstance(answer, Iterable):
        raise TypeError(f"a set of names, not {type(answer).__name__}")
    names = {str(name) for name in answer}
    if names - set(GOODNESS):
        return f"the names are those in GOODNESS: {', '.join(GOODNESS)}"
    rows = normalise(torch.rand(50, 8, generator=generator(1, 13), dtype=torch.float64))
    visible = {name for name, goodness in GOODNESS.items() if float(goodness(rows).std()) > 1e-4}
    if names == visible:
        return None
    return "take (3, 4) and (5, 0), divide each by its length, and compare the two by all four"


def _stale(answer: Callable[[int, int], int]) -> str | None:
    """Run a pipeline whose signals are the numbers of updates of layer 1's weights."""
    depth = 6
    signals: list[int | None] = [None] * (depth + 1)  # what stands at the door of each layer
    wrong: list[tuple[int, int, int, int]] = []  # the layer, the step, the answer, the truth
    for t in range(1, 12):
        heard = list(signals)
        for layer in range(1, depth):  # all layers at once, from what stood there before
            signals[layer + 1] = t - 1 if layer == 1 else heard[layer]
        for layer in range(2, depth + 1):
            truth = heard[layer]
            if truth is None:
                continue
            mine = int(answer(layer, t))
            if mine != truth:
                wrong.append((layer, t, mine, truth))
    if not wrong:
        return None
    if all(mine == t - 1 for _, t, mine, _ in wrong):
        return "that would be so if signals climbed the whole net within one step"
    if all(mine == truth + 1 for _, _, mine, truth in wrong):
        return (
            "one update too many: a layer passes on what it computed before its update, and a "
            "signal climbs one layer in a step"
        )
    layer, t, *_ = wrong[0]
    return f"not for layer {layer} in step {t}. Follow one signal upwards, step by step"


CHECKS: dict[str, Callable[[Any], str | None]] = {
    "12-entropy": _entropy_gradient,
    "12-length": _still_visible,
    "12-stale": _stale,
}
