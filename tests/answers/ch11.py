"""Answers to the exercises of chapter 11: right ones, and wrong ones with their hints."""

from math import comb

import numpy as np
from scipy import stats

from fgnn_lite.book import judge


def verdict(first, second, ratio, margin):
    return judge.paired(first, second, ratio).verdict(margin)


def unpaired(first, second, ratio, margin):
    error = np.sqrt((1 / len(first) + ratio) * (np.var(first, ddof=1) + np.var(second, ddof=1)))
    reach = stats.t.ppf(0.975, len(first) - 1) * error
    mean = float(np.mean(first) - np.mean(second))
    return judge.Difference(mean, mean - reach, mean + reach, 0, 0).verdict(margin)


def other_reach(confidence=0.95, ddof=1, normal=False):
    def answer(first, second, ratio, margin):
        gaps = np.subtract(first, second)
        error = np.sqrt((1 / len(gaps) + ratio) * gaps.var(ddof=ddof))
        law = stats.norm if normal else stats.t(len(gaps) - 1)
        mean, reach = float(gaps.mean()), law.ppf((1 + confidence) / 2) * error
        return judge.Difference(mean, mean - reach, mean + reach, 0, 0).verdict(margin)

    return answer


def level_first(first, second, ratio, margin):
    found = judge.paired(first, second, ratio)
    small = -margin < found.low and found.high < margin
    return "level" if small else found.verdict(margin)


def of_mean(first, second, ratio, margin):
    found = judge.paired(first, second, ratio)
    return (
        "level"
        if abs(found.mean) < margin and found.low < 0 < found.high
        else verdict(first, second, ratio, margin)
    )


def one_sided_below(k, n):
    return stats.binomtest(k, n).pvalue if 2 * k >= n else stats.binom.cdf(k, n, 0.5)


def tuned(rows, by="val", take="test"):
    splits = {row["split"] for row in rows}
    best = [max((r for r in rows if r["split"] == s), key=lambda r: r[by]) for s in splits]
    return sum(row[take] for row in best) / len(best)


def one_rate(rows, by="val"):
    rates = {row["lr"] for row in rows}
    best = max(rates, key=lambda rate: sum(r[by] for r in rows if r["lr"] == rate))
    found = [r["test"] for r in rows if r["lr"] == best]
    return sum(found) / len(found)


RIGHT = [
    ("11-coins", lambda k, n: stats.binomtest(k, n).pvalue),
    ("11-coins", lambda k, n: np.float32(stats.binomtest(k, n).pvalue)),
    ("11-verdict", verdict),
    ("11-choose", tuned),
    ("11-choose", lambda rows: np.mean([tuned(rows)])),
]

WRONG = [
    ("11-coins", lambda k, n: comb(n, k) / 2**n, "just so many"),
    ("11-coins", lambda k, n: stats.binom.sf(max(k, n - k) - 1, n, 0.5), "the other method"),
    ("11-coins", lambda k, n: 2 * stats.binom.sf(max(k, n - k) - 1, n, 0.5), "counted twice"),
    ("11-coins", one_sided_below, "the other method"),
    ("11-coins", lambda k, n: 0.05, "can fall"),
    ("11-verdict", lambda a, b, ratio, margin: verdict(a, b, 0.0, margin), "the ratio"),
    ("11-verdict", lambda a, b, ratio, margin: verdict(b, a, ratio, margin), "the first method"),
    ("11-verdict", unpaired, "ends of your interval"),
    ("11-verdict", other_reach(0.9), "ends of your interval"),
    ("11-verdict", other_reach(normal=True), "ends of your interval"),
    ("11-verdict", other_reach(ddof=0), "the whole interval"),
    ("11-verdict", level_first, "asked about first"),
    ("11-verdict", of_mean, "the whole interval"),
    ("11-verdict", lambda a, b, ratio, margin: verdict(a, b, ratio, 0.0), "nobody to mind"),
    ("11-verdict", lambda a, b, ratio, margin: "better", "yours was 'better'"),
    ("11-choose", lambda rows: tuned(rows, "test"), "looked at the test"),
    ("11-choose", lambda rows: one_rate(rows, "test"), "looked at the test"),
    ("11-choose", one_rate, "one step size for all"),
    ("11-choose", lambda rows: tuned(rows, "val", "val"), "which score is reported"),
    ("11-choose", lambda rows: sum(r["test"] for r in rows) / len(rows), "all step sizes"),
    ("11-choose", lambda rows: max(rows, key=lambda r: r["val"])["test"], "one split is not all"),
    ("11-choose", lambda rows: 0.0, "in no order"),
]
