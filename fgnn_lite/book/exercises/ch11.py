"""Checks of chapter 11."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import torch

from fgnn_lite.seeds import generator


def _coins(answer: Callable[[int, int], float]) -> str | None:
    """Toss n coins in all ways there are, and count."""
    for wins, count in ((4, 5), (5, 5), (1, 5), (3, 6), (2, 7), (0, 3)):
        far = abs(2 * wins - count)
        tosses = [sum(toss) for toss in product((0, 1), repeat=count)]
        wanted = sum(abs(2 * heads - count) >= far for heads in tosses) / len(tosses)
        mine = float(answer(wins, count))
        if abs(mine - wanted) < 1e-6:
            continue
        if abs(mine - sum(heads == wins for heads in tosses) / len(tosses)) < 1e-6:
            return "that is the chance of just so many wins; what of results still more one-sided?"
        side = sum(h >= wins if 2 * wins >= count else h <= wins for h in tosses) / len(tosses)
        if abs(mine - side) < 1e-6:
            return "so near: would you not have been as surprised had the other method won?"
        if mine > 1:
            return f"{mine:g} for {wins} of {count} is no probability: what was counted twice?"
        return (
            f"not for {wins} wins of {count}. Of all the ways in which {count} coins can fall, "
            "how many are as far from the middle?"
        )
    return None


def _verdict(answer: Callable[[list[float], list[float], float, float], str]) -> str | None:
    """Scores drawn at random, with answers of each kind; first as if splits were independent."""
    from fgnn_lite.book import judge  # here: SciPy's statistics take a while to import

    random = generator(1, 11)
    for ratio, margin in ((0.0, 0.5), (20 / 64, 1.0)):
        seen = dict.fromkeys(("ahead", "behind", "level", "open"), 0)
        while min(seen.values()) < 5:
            lead, spread = torch.randn(2, generator=random).tolist()
            hard = 5 * torch.randn(6, generator=random)
            noise = spread * torch.randn(6, generator=random)
            first, second = (80 + hard + lead + noise).tolist(), (80 + hard).tolist()
            found = judge.paired(first, second, ratio)
            wanted = found.verdict(margin)
            ends = (abs(found.low), abs(found.high))
            near = min(*ends, *(abs(end - margin) for end in ends)) < 0.01
            if near:
                continue
            mine = answer(list(first), list(second), ratio, margin)
            if mine != wanted:
                return _why(str(mine), first, second, ratio, margin)
            seen[wanted] += 1
    return None


def _why(
    mine: str, first: Sequence[float], second: Sequence[float], ratio: float, margin: float
) -> str:
    """What could have led to another word."""
    from fgnn_lite.book import judge

    if mine not in ("ahead", "behind", "level", "open"):
        return f'the words are "ahead", "behind", "level" and "open"; yours was {mine!r}'
    found = judge.paired(first, second, ratio)
    if mine == judge.paired(first, second).verdict(margin) and ratio:
        return "is the ratio of test to training nodes in your interval?"
    if {mine, found.verdict(margin)} == {"ahead", "behind"}:
        return "it is the first method of which the word is said"
    if mine == "level" and -margin < found.low and found.high < margin:
        return "two words would fit; which one is asked about first?"
    if mine == "level":
        return "a mean near zero is not enough: where do the ends of the whole interval lie?"
    if found.verdict(margin) == "level":
        return "which intervals are small enough for nobody to mind?"
    return "look at the ends of your interval: how many standard errors at 95 % and so few splits?"


def _choose(answer: Callable[[list[Mapping[str, Any]]], float]) -> str | None:
    """Rows in which test, mean validation and each split's validation choose differently."""
    val = {0.1: (0.80, 0.90, 0.70), 0.2: (0.81, 0.70, 0.76), 0.3: (0.60, 0.91, 0.71)}
    test = {0.1: (0.70, 0.82, 0.75), 0.2: (0.76, 0.64, 0.71), 0.3: (0.90, 0.75, 0.79)}
    rows = [
        {"split": split, "lr": rate, "val": val[rate][split], "test": test[rate][split]}
        for rate in val
        for split in range(3)
    ]
    rows = rows[4:] + rows[:4]
    by_split = [[row for row in rows if row["split"] == split] for split in range(3)]
    wanted = sum(max(part, key=lambda r: r["val"])["test"] for part in by_split) / 3
    mine = float(answer([dict(row) for row in rows]))
    if abs(mine - wanted) < 1e-6:
        return None
    slips = [
        (sum(max(part, key=lambda r: r["test"])["test"] for part in by_split) / 3, _PEEKED),
        (max(sum(scores) / 3 for scores in test.values()), _PEEKED),
        (
            sum(max(val, key=lambda rate: sum(val[rate])) == r["lr"] and r["test"] for r in rows)
            / 3,
            "you chose one step size for all. Where else do a split's validation nodes occur?",
        ),
        (sum(max(r["val"] for r in part) for part in by_split) / 3, "which score is reported?"),
        (
            sum(row["test"] for row in rows) / len(rows),
            "you took all step sizes. Which one would you have used?",
        ),
        (
            max(rows, key=lambda r: r["val"])["test"],
            "one split is not all of them: each has a score to report",
        ),
    ]
    for slip, hint in slips:
        if abs(mine - slip) < 1e-6:
            return hint
    return "each split chooses one row, and hands in one score; the rows come in no order"


_PEEKED = "you looked at the test scores to choose. What is left to test with?"

CHECKS: dict[str, Callable[[Any], str | None]] = {
    "11-coins": _coins,
    "11-verdict": _verdict,
    "11-choose": _choose,
}
