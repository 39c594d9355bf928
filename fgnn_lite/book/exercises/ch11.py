"""Checks of chapter 11."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from statistics import fmean
from typing import Any

import torch

from fgnn_lite.book.exercises.answers import Checks, compare, hint_of, within
from fgnn_lite.seeds import generator


def _coins(answer: Callable[[int, int], float]) -> str | None:
    """Toss n coins in all ways there are, and count."""
    for wins, count in ((4, 5), (5, 5), (1, 5), (3, 6), (2, 7), (0, 3)):
        far, high = abs(2 * wins - count), 2 * wins >= count
        mine = float(answer(wins, count))
        heads = [sum(toss) for toss in product((0, 1), repeat=count)]
        wanted = fmean(abs(2 * h - count) >= far for h in heads)
        exact = fmean(h == wins for h in heads)
        one_side = fmean(h >= wins if high else h <= wins for h in heads)
        case = f"{wins} wins of {count}"
        slips = [
            (exact, "that is the chance of just so many wins; and of more one-sided results?"),
            (one_side, "almost: would you not be as surprised if the other method had won?"),
            (mine > 1, f"{mine:g} for {case} is no probability: what was counted twice?"),
            (
                True,
                f"not for {case}. Of all the ways in which {count} coins can fall, how many are "
                "as far from the middle?",
            ),
        ]
        if hint := compare(mine, wanted, slips, within(1e-6)):
            return hint
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
) -> str | None:
    """What could have led to another word."""
    from fgnn_lite.book import judge

    found = judge.paired(first, second, ratio)
    wanted, small = found.verdict(margin), -margin < found.low and found.high < margin
    no_ratio = judge.paired(first, second).verdict(margin)
    words = ("ahead", "behind", "level", "open")
    slips = [
        (mine not in words, f"the words are {', '.join(words)}; yours was {mine!r}"),
        (mine == no_ratio, "does your interval use the ratio of test to training?"),
        ({mine, wanted} == {"ahead", "behind"}, "the word is said of the first method"),
        (mine == "level" and small, "two words would fit; which one is asked about first?"),
        (mine == "level", "a mean near 0 is not enough: where are the ends of the whole interval?"),
        (wanted == "level", "which intervals are small enough for nobody to mind?"),
        (True, "the ends of your interval: how many standard errors, for 95 % and so few splits?"),
    ]
    return hint_of(slips)


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

    def mean(chosen: Iterable[Mapping[str, Any]], score: str = "test") -> float:
        return fmean(row[score] for row in chosen)

    def best(rows: Iterable[Mapping[str, Any]], score: str = "val") -> Mapping[str, Any]:
        return max(rows, key=lambda row: row[score])

    rate = max(val, key=lambda rate: sum(val[rate]))
    peeked = "you looked at the test scores to choose. What is left to test with?"
    one_rate = mean(row for row in rows if row["lr"] == rate)
    slips = [
        (mean(best(part, "test") for part in by_split), peeked),
        (max(fmean(scores) for scores in test.values()), peeked),
        (one_rate, "one step size for all: where else do a split's validation nodes occur?"),
        (mean((best(part) for part in by_split), "val"), "which score is reported?"),
        (mean(rows), "you took all step sizes. Which one would you have used?"),
        (best(rows)["test"], "one split is not all of them: each has a score to report"),
        (True, "each split chooses one row, and reports one score; the rows come in no order"),
    ]
    wanted = mean(best(part) for part in by_split)
    return compare(float(answer([dict(row) for row in rows])), wanted, slips, within(1e-6))


CHECKS: Checks = {
    "11-coins": _coins,
    "11-verdict": _verdict,
    "11-choose": _choose,
}
