"""Checks of chapter 3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from fgnn_lite.book.exercises.answers import Checks, as_tensor, compare, hint_of, normals, shaped
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
        expected = f"the weights from {hidden} units to {hidden} others: a tensor [H, H]"
        w = shaped(answer(hidden, below, above), (hidden, hidden), expected)
        first, second = sum_squares(h) > below, sum_squares((h @ w).relu()) > above
        if torch.equal(first, second):
            continue
        one, factor = torch.eye(hidden, dtype=torch.float64), above / below
        apart = int((first != second).sum())
        slips = [
            (one, "the goodness is passed on, but the second layer has another threshold"),
            (factor * one, "almost: what happens to the goodness if all weights are doubled?"),
            (one / factor, "is the goodness to grow or to shrink? And it is a square"),
            (factor**-0.5 * one, "almost: should the copy be longer or shorter here?"),
            (
                True,
                f"with theta = {below:g} below and {above:g} above, the two layers disagree on "
                f"{apart} of {len(h)} activities. Which W leaves the direction alone?",
            ),
        ]
        return hint_of(slips, w)
    return None


def _stacks() -> list[tuple[str, Tensor, Tensor]]:
    """What layer 1 makes of true and of wrong labels [2, T, H], and the weights of a layer 2.

    They copy, openly or in disguise, are random, or read the directions.
    """
    random = generator(1, 9)
    count, hidden = 400, 8

    def draw(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=random)

    def activities(directed: bool, right: bool) -> Tensor:
        """Do the directions tell true from wrong? And are true rows longer than wrong ones?"""
        rows = draw(2, count, hidden)
        rows[0, :, :2] += 2.0 * directed
        rows[1, :, 2:4] += 2.0 * directed
        lengths = torch.stack([2 + draw(count), 0.5 + draw(count) / 2])
        return normalise(rows) * (lengths if right else lengths.flip(0)).unsqueeze(-1)

    uneven = torch.tensor([1.0, 1, 1, 1, 1.05, 1.05, 0.95, 0.95]).diag()  # no ties, no verdict
    turn = torch.linalg.qr(torch.randn(hidden, hidden, generator=random)).Q
    reads = torch.cat([0.5 + draw(2, hidden), -0.5 - draw(2, hidden), 0.1 * draw(4, hidden)])
    return [
        ("copies", activities(False, True), 1.5 * uneven.flip(0)),
        ("copies in disguise", activities(True, True), uneven @ torch.cat([turn, -turn], dim=1)),
        ("random", activities(False, True), torch.randn(hidden, 16, generator=random)),
        ("reads", activities(True, True), reads),
        ("reads over a wrong layer 1", activities(True, False), reads.flip(1)),
    ]


def _caught(answer: Callable[[Tensor, Tensor], Any]) -> str | None:
    """Hand in layers that have found something, and layers that have not."""
    verdicts = {}
    for kind, h, w in _stacks():
        mine = as_tensor(answer(h.clone(), w.clone()))
        if mine is None or mine.numel() != 1 or float(mine) not in (0.0, 1.0):
            return "one verdict for the whole layer is asked for: True or False"
        verdicts[kind] = bool(mine)
    wrong = {kind for kind, mine in verdicts.items() if mine == kind.startswith("reads")}
    missed = {kind for kind in wrong if not verdicts[kind]}
    slips = [
        (len(wrong) == len(verdicts), "almost: True is for the layer that found nothing itself"),
        (all(verdicts.values()), "True for every layer, but some have found something"),
        ("copies" in missed, "a copy was missed: without the lengths, what does it still tell?"),
        (bool(missed), "one was missed that does not look like a copy. Go by outputs, not by W"),
        (
            bool(wrong),
            "True for a layer that has found something. Two layers may agree because both are "
            "right, and a layer may be right where layer 1 is wrong",
        ),
    ]
    return hint_of(slips)


def _response(answer: Callable[[Tensor, Tensor], Any]) -> str | None:
    """Compare with the derivative that autograd takes."""
    draw = normals(7)
    x, v = draw(6, 4) * torch.arange(1, 7).view(6, 1), draw(6, 4)
    wanted = torch.autograd.functional.jvp(normalise, x, v)[1]
    length = x.norm(dim=1, keepdim=True)
    unit = x / length
    along = unit * (unit * v).sum(1, keepdim=True)
    whole = normalise(x + v) - normalise(x)
    slips = [
        (v / length, "that is right for a change across x. And if v points along x?"),
        (v - along, "almost: does the same step turn a long x as much as a short one?"),
        ((v - along) / length**2, "almost: one length too many"),
        (along / length, "that is the part of the change that norm takes away"),
        (unit, "that is norm(x) itself, not how it changes"),
        (-wanted, "almost: look at the sign"),
        (whole, "right for a step of this size. Wanted is the rate of change, for a tiny one"),
        (True, "split v into the part along x and the part across it; what becomes of either?"),
    ]
    expected = "one response for each row: a tensor of the shape of x"
    mine = shaped(answer(x.clone(), v.clone()), x.shape, expected)
    return compare(mine, wanted, slips)


def _rms(answer: Callable[[float, int], Any]) -> str | None:
    """Let the same weights judge the same inputs after either normalisation."""
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
        case = f"theta = {theta:g} and H = {hidden}"
        slips = [
            (theta, "that would be right if both gave rows of the same length"),
            (theta * hidden**0.5, "almost: that is the factor of the length; and of goodness?"),
            (theta / hidden, "almost: are the rows of RMS norm longer than 1, or shorter?"),
            (theta / hidden**0.5, "are the rows of RMS norm longer than 1, or shorter?"),
            (True, f"not for {case}: what is the length of a row of RMS norm?"),
        ]
        return hint_of(slips, mine)
    return None


CHECKS: Checks = {
    "03-copy": _copy,
    "03-caught": _caught,
    "03-response": _response,
    "03-rms": _rms,
}
