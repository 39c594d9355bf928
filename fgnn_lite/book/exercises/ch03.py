"""Checks of chapter 3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from fgnn_lite.book.exercises.answers import as_tensor
from fgnn_lite.layers import normalise
from fgnn_lite.objectives import sum_squares
from fgnn_lite.seeds import generator


def _copy(answer: Callable[[int, float, float], Any]) -> str | None:
    """Let a second layer with these weights judge activities of all lengths, without a norm."""
    for hidden, below, above in ((3, 4.0, 1.0), (5, 0.5, 2.0)):
        random = generator(1, 6, hidden)
        direction = normalise(torch.rand(300, hidden, generator=random, dtype=torch.float64))
        ratio = 2 ** (4 * torch.rand(300, 1, generator=random, dtype=torch.float64) - 2)
        h = direction * (below * ratio).sqrt()  # goodness from a quarter of theta to four times
        h = h[(ratio.squeeze(1) - 1).abs() > 1e-3]
        w = as_tensor(answer(hidden, below, above))
        if w is None or w.shape != (hidden, hidden):
            return f"the weights of {hidden} units that hear {hidden} others: a tensor [H, H]"
        first, second = sum_squares(h) > below, sum_squares((h @ w).relu()) > above
        if torch.equal(first, second):
            continue
        one, factor = torch.eye(hidden, dtype=torch.float64), above / below
        slips = [
            (one, "the goodness is passed on, but the second layer has another threshold"),
            (factor * one, "so near: what happens to the goodness if all weights are doubled?"),
            (one / factor, "is the goodness to grow or to shrink? And it is a square"),
            (factor**-0.5 * one, "so near: should the copy be longer or shorter here?"),
        ]
        for slip, hint in slips:
            if torch.allclose(w, slip, rtol=1e-4):
                return hint
        wrong = int((first != second).sum())
        return (
            f"with theta = {below:g} below and {above:g} above, the two layers disagree on {wrong} "
            f"of {len(h)} activities. Which W leaves the direction alone?"
        )
    return None


def _stacks() -> list[tuple[str, Tensor, Tensor]]:
    """What layer 1 makes of true and of wrong claims [2, T, H], and the weights of a layer 2.

    They copy, openly or in disguise, are random, or read what the directions say.
    """
    random = generator(1, 9)
    count, hidden = 400, 8

    def draw(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=random)

    def claims(told: bool, loud: bool) -> Tensor:
        """Do the directions tell true from wrong? And is the truth longer, or the lie?"""
        rows = draw(2, count, hidden)
        rows[0, :, :2] += 2.0 * told
        rows[1, :, 2:4] += 2.0 * told
        lengths = torch.stack([2 + draw(count), 0.5 + draw(count) / 2])
        return normalise(rows) * (lengths if loud else lengths.flip(0)).unsqueeze(-1)

    uneven = torch.tensor([1.0, 1, 1, 1, 1.05, 1.05, 0.95, 0.95]).diag()  # no ties, no verdict
    turn = torch.linalg.qr(torch.randn(hidden, hidden, generator=random)).Q
    reads = torch.cat([0.5 + draw(2, hidden), -0.5 - draw(2, hidden), 0.1 * draw(4, hidden)])
    return [
        ("copies", claims(False, True), 1.5 * uneven.flip(0)),
        ("copies in disguise", claims(True, True), uneven @ torch.cat([turn, -turn], dim=1)),
        ("random", claims(False, True), torch.randn(hidden, 16, generator=random)),
        ("honest", claims(True, True), reads),
        ("honest over a wrong layer 1", claims(True, False), reads.flip(1)),
    ]


def _caught(answer: Callable[[Tensor, Tensor], Any]) -> str | None:
    """Hand in layers that have found something, and layers that have not."""
    stacks = _stacks()
    verdicts = []
    for _, h, w in stacks:
        mine = as_tensor(answer(h.clone(), w.clone()))
        if mine is None or mine.numel() != 1 or float(mine) not in (0.0, 1.0):
            return "one verdict for the whole layer is asked for: True or False"
        verdicts.append(bool(mine))
    wanted = [not kind.startswith("honest") for kind, *_ in stacks]
    if verdicts == wanted:
        return None
    free = [
        kind
        for (kind, *_), mine, true in zip(stacks, verdicts, wanted, strict=True)
        if true and not mine
    ]
    if not any(mine == true for mine, true in zip(verdicts, wanted, strict=True)):
        return "so near: True is for the layer that has nothing of its own"
    if all(verdicts):
        return "you accuse every layer, and some have found something"
    if "copies" in free:
        return "a copy gets away. It says what it was handed: what would it say without that?"
    if free:
        return "one gets away that does not look like a copy. Go by what a layer says, not by W"
    return (
        "a layer is accused that has found something. Two layers may agree because both know the "
        "truth, and a layer may know it where layer 1 is wrong"
    )


def _response(answer: Callable[[Tensor, Tensor], Any]) -> str | None:
    """Compare with the derivative that autograd takes."""
    random = generator(1, 7)
    x = torch.randn(6, 4, generator=random, dtype=torch.float64) * torch.arange(1, 7).view(6, 1)
    v = torch.randn(6, 4, generator=random, dtype=torch.float64)
    wanted = torch.autograd.functional.jvp(normalise, x, v)[1]
    mine = as_tensor(answer(x.clone(), v.clone()))
    if mine is None or mine.shape != x.shape:
        return f"one response for each row: a tensor of the shape of x, {tuple(x.shape)}"

    def near(slip: Tensor) -> bool:
        return torch.allclose(mine, slip, rtol=1e-4, atol=1e-5)

    if near(wanted):
        return None
    length = x.norm(dim=1, keepdim=True)
    unit = x / length
    along = unit * (unit * v).sum(1, keepdim=True)
    slips = [
        (v / length, "that is right for a change across x. And if v points along x?"),
        (v - along, "so near: does the same step turn a long x as much as a short one?"),
        ((v - along) / length**2, "so near: one length too many"),
        (along / length, "that is the part of the change that norm does not notice"),
        (unit, "that is norm(x) itself, not how it changes"),
        (-wanted, "so near: look at the sign"),
    ]
    for slip, hint in slips:
        if near(slip):
            return hint
    whole = normalise(x + v) - normalise(x)
    if near(whole):
        return "for a step of this size, yes; asked is the rate of change, for a tiny one"
    return "split v into the part along x and the part across it; what becomes of either?"


def _rms(answer: Callable[[float, int], Any]) -> str | None:
    """Let the same weights judge the same inputs, handed on by either normalisation."""
    for theta, hidden in ((0.5, 16), (2.0, 9)):
        random = generator(1, 8, hidden)
        x = torch.rand(400, hidden, generator=random, dtype=torch.float64)
        w = torch.randn(hidden, 8, generator=random, dtype=torch.float64)
        plain, rms = (
            sum_squares((h @ w).relu())
            for h in (normalise(x), x / x.square().mean(1, keepdim=True).sqrt())
        )
        scale = theta / plain.quantile(0.5)  # so that half of them are above
        mine = float(answer(theta, hidden))
        if torch.equal(scale * plain > theta, scale * rms > mine):
            continue
        for slip, hint in (
            (theta, "that would be right if both handed on rows of the same length"),
            (theta * hidden**0.5, "so near: that is the factor of the length; and of goodness?"),
            (theta / hidden, "so near: are the rows of RMS norm longer than 1, or shorter?"),
            (theta / hidden**0.5, "are the rows of RMS norm longer than 1, or shorter?"),
        ):
            if abs(mine - slip) < 1e-6:
                return hint
        return (
            f"not for theta = {theta:g} and H = {hidden}: what is the length of a row of RMS norm?"
        )
    return None


CHECKS: dict[str, Callable[[Any], str | None]] = {
    "03-copy": _copy,
    "03-caught": _caught,
    "03-response": _response,
    "03-rms": _rms,
}
