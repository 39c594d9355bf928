"""Judging results: choose by validation, then compare split by split. Introduced in chapter 11."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scipy import stats

from fgnn_lite import checks
from fgnn_lite.book import looks

__all__ = [
    "Difference",
    "by_depth",
    "choose",
    "clusters",
    "ends",
    "lead",
    "leads",
    "over",
    "paired",
    "percent",
    "ranges",
    "rivals",
    "scores",
    "settings",
    "temperatures",
    "times",
    "tuned",
    "whole",
]

RUN = ("protocol", "graph", "backbone", "method", "depth", "split")


def percent(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Runs with their test scores in %.

    Args:
        rows: with the column `test`, a share.

    Returns:
        Copies of them, `test` times 100.
    """
    return [{**row, "test": 100 * row["test"]} for row in rows]


def choose(
    rows: Iterable[Mapping[str, Any]], same: Sequence[str] = RUN, by: str = "val"
) -> list[Mapping[str, Any]]:
    """Of runs that differ in what may be tuned, keep the one that did best on validation.

    Args:
        rows: for instance of `load_results("study")`.
        same: the columns that tell runs apart; what else differs may be chosen.
        by: the column to choose by. The test score must not be it.

    Returns:
        One row for each combination of `same`; of equals the first.

    Raises:
        ValueError: if a row lacks one of the columns, or `by` is `"test"`.
    """
    if by == "test":
        raise ValueError('by must not be "test": what is chosen by the test says nothing of it')
    best: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for row in rows:
        missing = [name for name in (*same, by) if name not in row]
        if missing:
            raise ValueError(f"rows must have a column {missing[0]!r}; one has {sorted(row)}")
        key = tuple(row[name] for name in same)
        if key not in best or row[by] > best[key][by]:
            best[key] = row
    return list(best.values())


def settings(
    rows: Iterable[Mapping[str, Any]], tuning: int = 5, depths: Sequence[int] = (2, 0)
) -> dict[tuple[str, str, str], int]:
    """The setting that each method chose, on a split that is not reported.

    Args:
        rows: of `load_results("tuned")`, with `graph`, `backbone`, `method`, `setting`, `split`,
            `depth` and `val`.
        tuning: the split of the tries.
        depths: those by which a try is judged; what has no layers has depth 0.

    Returns:
        For each graph, backbone and method the setting with the best validation score, the first
        of equals.
    """
    tries = [row for row in rows if row["split"] == tuning and row["depth"] in depths]
    same = ("graph", "backbone", "method")
    best = choose(sorted(tries, key=lambda row: row["setting"]), same)
    return {tuple(row[name] for name in same): row["setting"] for row in best}


def tuned(rows: Iterable[Mapping[str, Any]], tuning: int = 5) -> list[Mapping[str, Any]]:
    """The runs on the reported splits, each method with the setting that it chose.

    Args:
        rows: of `load_results("tuned")`, with the columns that `settings` reads.
        tuning: the split of the tries, on which nothing is reported.

    Returns:
        The rows of the other splits whose `setting` is the chosen one, at every depth; nothing of
        a method that has no tries.

    Chapter 11.
    """
    rows = list(rows)
    best = settings(rows, tuning)
    return [
        row
        for row in rows
        if row["split"] != tuning
        and row["setting"] == best.get((row["graph"], row["backbone"], row["method"]))
    ]


def temperatures(
    rows: Iterable[Mapping[str, Any]], choosing: int = 3
) -> dict[tuple[str, str], float]:
    """The temperature that each method chose on each set of whole graphs.

    Args:
        rows: of `load_results("graphs")`, with `graph`, `method`, `depth`, `fold`, `seed`,
            `temperature` and `val`.
        choosing: how many folds, from the first, are tried at every temperature, with seed 0.

    Returns:
        For each set and method with layers the temperature whose deepest nets have the best mean
        validation on these folds; of equals the highest.
    """
    rows = list(rows)
    most = _most_layers(rows)
    tried: dict[tuple[str, str], dict[float, list[float]]] = {}
    for row in rows:
        deepest = row["depth"] and row["depth"] == most[row["method"]]
        if deepest and row["fold"] < choosing and row["seed"] == 0:
            each = tried.setdefault((row["graph"], row["method"]), {})
            each.setdefault(row["temperature"], []).append(row["val"])
    return {
        key: max(sorted(each, reverse=True), key=lambda tau: statistics.fmean(each[tau]))
        for key, each in tried.items()
    }


def _most_layers(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """The depth of each method's deepest nets, 0 for what has no layers."""
    most: dict[str, int] = {}
    for row in rows:
        most[row["method"]] = max(most.get(row["method"], 0), row["depth"] or 0)
    return most


def whole(rows: Iterable[Mapping[str, Any]], choosing: int = 3) -> list[dict[str, Any]]:
    """The runs on whole graphs at the chosen temperature, as means over seeds.

    Args:
        rows: as for `temperatures`.
        choosing: as for `temperatures`.

    Returns:
        A row for each set, method, depth (0 for what has no layers) and fold, in their order, with
        `split`, the fold, `temperature`, `seeds`, `test`, a share, and `deepest`: whether all
        layers of the method vote.

    Chapter 13.
    """
    rows = list(rows)
    best = temperatures(rows, choosing)
    most = _most_layers(rows)
    found: dict[tuple[Any, ...], list[float]] = {}
    for row in rows:
        place = row["graph"], row["method"]
        if row["temperature"] == best.get(place):
            key = (*place, row["depth"] or 0, row["fold"], row["temperature"])
            found.setdefault(key, []).append(row["test"])
    names = ("graph", "method", "depth", "split", "temperature")
    means = [
        {**dict(zip(names, key, strict=True)), "seeds": len(runs), "test": statistics.fmean(runs)}
        for key, runs in found.items()
    ]
    return [row | {"deepest": row["depth"] == most[row["method"]]} for row in means]


def clusters(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Runs of `results/clusters.json` as a reader meets them: plain names, scores in %.

    Args:
        rows: with the columns `graph`, `method`, `depth`, `seed`, `nmi`, `matched`, and `test`,
            which is that of the linear probe.

    Returns:
        A row for each: `graph`, `method`, `depth` (`None` for k-means, which has no layers),
        `seed`, `NMI`, `matched` and `probe`.

    Chapter 15.
    """
    return [
        {
            "graph": looks.plain(row["graph"]),
            "method": looks.plain(row["method"]),
            "depth": None if row["method"].startswith("kmeans") else row["depth"],
            "seed": row["seed"],
            "NMI": 100 * row["nmi"],
            "matched": 100 * row["matched"],
            "probe": 100 * row["test"],
        }
        for row in rows
    ]


def over(
    rows: Iterable[Mapping[str, Any]], methods: Sequence[str], second: str, y: str = "test"
) -> dict[str, dict[str, tuple[float, float, float]]]:
    """How far methods are above another on each graph, seed by seed, for `plots.intervals`.

    Args:
        rows: with the columns `graph`, `method`, `seed` and `y`: one for each graph, method and
            seed.
        methods: a panel for each.
        second: the method that they are compared with.
        y: the column that was measured.

    Returns:
        method -> graph -> mean of the differences, and the ends of its 95 % interval.

    Raises:
        ValueError: as `paired` raises it.

    Chapter 15.
    """
    runs = [{**row, "split": row["seed"], "test": row[y]} for row in rows]
    graphs = dict.fromkeys(row["graph"] for row in runs if row["method"] == second)
    leads = {graph: ends(runs, methods, second, graph=graph) for graph in graphs}
    return {method: {graph: leads[graph][method] for graph in graphs} for method in methods}


def scores(rows: Iterable[Mapping[str, Any]], **place: Any) -> list[float]:
    """The test scores of one method, split by split.

    Args:
        rows: with the columns `split`, `test` and those of `place`.
        **place: the values that tell the method's rows from others, for instance `method="sf"`.

    Returns:
        A score for each split, in the order of the splits; empty where no run had all of `place`.

    Raises:
        ValueError: if one value of `place` is in no row at all; or if a split comes twice: then
            `place` does not name one run, or rows that differ in what may be tuned have not been
            chosen from.
    """
    rows = list(rows)
    for name, value in place.items():
        known = dict.fromkeys(row.get(name) for row in rows)
        if value not in known:
            raise ValueError(f"{name} must be one of {tuple(known)}; got {value!r}")
    found = [row for row in rows if place.items() <= row.items()]
    splits = [row["split"] for row in found]
    if len(set(splits)) < len(splits):
        raise ValueError(f"place must leave one row for each split; {place} leaves {len(splits)}")
    return [row["test"] for row in sorted(found, key=lambda row: row["split"])]


def times(
    rows: Iterable[Mapping[str, Any]],
    method: str,
    counts: Sequence[str],
    same: Sequence[str] = ("graph", "depth"),
) -> list[dict[str, Any]]:
    """Divide what each method takes by what one of them takes in the same place.

    Args:
        rows: with the columns `method`, `same` and `counts`.
        method: what the others are divided by.
        counts: the columns to divide, one after the other.
        same: the columns that name a place.

    Returns:
        The rows of the other methods, each once for every count, with two columns more: `counted`,
        the name of the count, and `times`, the factor.

    Raises:
        ValueError: if `method` is in no row.

    Chapter 8.
    """
    rows = list(rows)
    checks.one_of("method", method, list(dict.fromkeys(row["method"] for row in rows)))
    of = {tuple(row[k] for k in same): row for row in rows if row["method"] == method}
    return [
        {**row, "counted": count, "times": row[count] / of[tuple(row[k] for k in same)][count]}
        for count in counts
        for row in rows
        if row["method"] != method
    ]


def ranges(
    rows: Iterable[Mapping[str, Any]],
    methods: Sequence[str],
    over: str,
    by: Sequence[str],
    series: str = "method",
    repeat: str = "seed",
) -> str:
    """A table: how far methods are from another, in points, from the worst seed to the best.

    Args:
        rows: with `test`, a share, and the columns that are named below.
        methods: a column for each.
        over: the method that they are compared with.
        by: the columns that name a place, a line for each; a comparison is made in one place.
        series: the column that tells methods apart.
        repeat: the column that tells repetitions apart; equal ones are compared with each other.

    Returns:
        Text to print: a line for each place, "lowest to highest" for each method.

    Raises:
        ValueError: if a method is in no row, or two that are compared differ in their repetitions.

    Chapter 9.
    """
    rows = list(rows)
    known = list(dict.fromkeys(row[series] for row in rows))
    for name, value in (("over", over), *(("methods", method) for method in methods)):
        checks.one_of(name, value, known)
    runs: dict[tuple[Any, ...], dict[str, dict[Any, float]]] = {}
    for row in rows:
        here = runs.setdefault(tuple(row[k] for k in by), {})
        here.setdefault(row[series], {})[row[repeat]] = 100 * row["test"]
    table = {", ".join(map(str, by)): list(methods)}
    for values, here in runs.items():
        place, base = ", ".join(map(str, values)), here.get(over, {})
        table[place] = []
        for method in methods:
            if set(here.get(method, {})) != set(base):
                raise ValueError(f"{method!r} and {over!r} must have the same {repeat} at {place}")
            gaps = [score - base[k] for k, score in here.get(method, {}).items()]
            table[place].append(f"{min(gaps):+.1f} to {max(gaps):+.1f}")
    first = max(map(len, table))
    wide = [max(map(len, column)) for column in zip(*table.values(), strict=True)]
    lines = []
    for place, cells in table.items():
        said = (f"{cell:>{width}}" for cell, width in zip(cells, wide, strict=True))
        lines.append(" ".join([f"{place:{first}}", *said]))
    return "\n".join(lines)


@dataclass(frozen=True)
class Difference:
    """What repeated comparisons of two methods say.

    Attributes:
        mean: of the differences, in the unit of the scores.
        low: lower end of the confidence interval.
        high: its upper end.
        wins: how often the first method was ahead.
        count: of how many comparisons.
    """

    mean: float
    low: float
    high: float
    wins: int
    count: int

    def verdict(self, margin: float = 1.0) -> str:
        """In a word.

        Args:
            margin: a difference that nobody minds, in the unit of the scores; to be named
                before the scores are seen.

        Returns:
            `"ahead"` or `"behind"`, if the interval leaves out zero; else `"level"`, if it lies
            within the margin; else `"open"`.
        """
        if self.low > 0:
            return "ahead"
        if self.high < 0:
            return "behind"
        return "level" if -margin < self.low and self.high < margin else "open"


def paired(
    first: Sequence[float], second: Sequence[float], ratio: float = 0.0, confidence: float = 0.95
) -> Difference:
    r"""Compare two methods on the same splits, difference by difference.

        d_k = first_k - second_k
        mean(d) +- t_{n-1} * sqrt((1/n + ratio) * var(d))

    Splits of one graph share most of their training nodes, so their differences are not
    independent, and the usual `1/n` is too optimistic. The second term makes up for that.

    Args:
        first: scores of one method, one for each split.
        second: scores of the other on the same splits, in the same order.
        ratio: test nodes for each training node; 0 for independent repetitions.
        confidence: of the interval, 0.5 to 0.999.

    Returns:
        Mean, interval and count of wins.

    Raises:
        ValueError: if there are fewer than two splits, or not as many of one as of the other.

    Source: Nadeau & Bengio (2003), "Inference for the Generalization Error", Machine Learning 52;
    recommended for cross-validation by Bouckaert & Frank (2004).
    """
    if len(first) != len(second) or len(first) < 2:
        raise ValueError(
            "first and second must have a score for each of the same splits, two at least; "
            f"they have {len(first)} and {len(second)}"
        )
    ratio = checks.number("ratio", ratio, 0.0)
    confidence = checks.number("confidence", confidence, 0.5, 0.999)
    gaps = [float(a) - float(b) for a, b in zip(first, second, strict=True)]
    mean, count = statistics.fmean(gaps), len(gaps)
    error = ((1 / count + ratio) * statistics.variance(gaps)) ** 0.5
    reach = float(stats.t.ppf((1 + confidence) / 2, count - 1)) * error
    return Difference(mean, mean - reach, mean + reach, sum(gap > 0 for gap in gaps), count)


def lead(
    rows: Iterable[Mapping[str, Any]], first: str, second: str, ratio: float = 0.0, **place: Any
) -> Difference | None:
    """How far one method is ahead of another on the same splits.

    Args:
        rows: with the columns `method`, `split`, `test` and those of `place`.
        first: a method.
        second: the other.
        ratio: as `paired` takes it.
        **place: what both have in common, for instance `depth=2`.

    Returns:
        The difference, split by split; `None` where one of the two has no run.

    Raises:
        ValueError: as `scores` and `paired` raise it.

    Chapter 11.
    """
    rows = list(rows)
    mine, other = (scores(rows, method=method, **place) for method in (first, second))
    return paired(mine, other, ratio) if mine and other else None


def leads(
    rows: Iterable[Mapping[str, Any]],
    pairs: Iterable[tuple[str, str]],
    across: str,
    ratio: float = 0.0,
    margin: float = 1.0,
) -> str:
    """A table: how far one method of each pair leads the other, in points, and the word for it.

    Args:
        rows: with the columns `method`, `split`, `test` and `across`.
        pairs: two lines for each: the methods, then the leads of the first over the second.
        across: the column that names a column, for instance `"graph"`.
        ratio: as `paired` takes it.
        margin: as `Difference.verdict` takes it.

    Returns:
        Text to print; a blank where one of the two has no run.

    Raises:
        ValueError: as `scores` and `paired` raise it.

    Chapter 13.
    """
    rows = list(rows)
    columns = list(dict.fromkeys(row[across] for row in rows))
    lines = [" ".join(f"  {looks.plain(str(column)):11}" for column in columns)]
    for first, second in pairs:
        lines.append(f"{looks.plain(first)}, less {looks.plain(second)}")
        found = [lead(rows, first, second, ratio, **{across: each}) for each in columns]
        lines.append(" ".join(_said(each, margin) for each in found))
    return "\n".join(line.rstrip() for line in lines)


def by_depth(
    rows: Iterable[Mapping[str, Any]],
    methods: Sequence[str],
    second: str,
    graphs: Sequence[str],
    depths: Sequence[int] = (1, 2, 3, 4),
    ratio: float = 0.0,
    margin: float = 1.0,
    **place: Any,
) -> str:
    """A table: how far methods lead another of the same depth, in points, and the word for it.

    Args:
        rows: with the columns `graph`, `method`, `depth`, `split`, `test` and those of `place`.
        methods: a line for each.
        second: the method that they are compared with.
        graphs: a block of lines for each. Where nothing of it was run it is left out.
        depths: a column for each.
        ratio: as `paired` takes it.
        margin: as `Difference.verdict` takes it.
        **place: what all runs have in common, for instance `protocol="fair"`.

    Returns:
        Text to print; a blank where one of the two has no run.

    Raises:
        ValueError: as `scores` and `paired` raise it.

    Chapter 11.
    """
    rows, lines = list(rows), []
    for graph in graphs:
        block = []
        for method in methods:
            found = [
                lead(rows, method, second, ratio, graph=graph, depth=depth, **place)
                for depth in depths
            ]
            if any(found):
                words = " ".join(_said(each, margin) for each in found)
                block.append(f"{looks.plain(method):20} {words}")
        if block:
            lines.append(f"{looks.plain(graph)}, lead over {looks.plain(second)}:")
            lines.append(f"{'layers':20} " + " ".join(f"{depth:4}         " for depth in depths))
            lines += block
    return "\n".join(line.rstrip() for line in lines)


def rivals(
    rows: Iterable[Mapping[str, Any]],
    methods: Sequence[str],
    seconds: Sequence[str],
    ratio: float = 0.0,
    margin: float = 1.0,
    **place: Any,
) -> str:
    """A table: the mean score of methods, and how far each leads some of them.

    Args:
        rows: with the columns `method`, `split`, `test` and those of `place`; at most one for each
            method and split.
        methods: a line for each. One that lacks a split which the others have is left out.
        seconds: a column for each: the lead over it in points, and the word for it.
        ratio: as `paired` takes it.
        margin: as `Difference.verdict` takes it.
        **place: what all runs have in common, for instance `graph="cora-ml"`.

    Returns:
        Text to print.

    Raises:
        ValueError: as `scores` and `paired` raise it.

    Chapter 11.
    """
    rows = list(rows)
    over = [_complete(rows, methods, second, ratio, **place) for second in seconds]
    title = looks.plain(place["graph"]) if "graph" in place else ""
    names = "".join(f"  over {looks.plain(each):8}" for each in seconds)
    lines = [f"{title:27} mean{names}"]
    for method in [each for each in methods if all(each in found for found in over)]:
        mean = statistics.mean(scores(rows, method=method, **place))
        words = " ".join(f" {_said(found[method], margin)}" for found in over)
        lines.append(f"{looks.plain(method):27}{mean:5.1f}{words}")
    return "\n".join(line.rstrip() for line in lines)


def ends(
    rows: Iterable[Mapping[str, Any]],
    methods: Sequence[str],
    second: str,
    ratio: float = 0.0,
    **place: Any,
) -> dict[str, tuple[float, float, float]]:
    """The leads of methods over another with their intervals, for `plots.intervals`.

    Args:
        rows: as for `rivals`.
        methods: one that lacks a split which `second` has is left out.
        second: the method that they are compared with.
        ratio: as `paired` takes it.
        **place: what all runs have in common.

    Returns:
        method -> mean lead, lower and upper end of its interval.

    Raises:
        ValueError: as `scores` and `paired` raise it.
    """
    found = _complete(list(rows), methods, second, ratio, **place)
    return {method: (each.mean, each.low, each.high) for method, each in found.items()}


def _complete(
    rows: list[Mapping[str, Any]], methods: Sequence[str], second: str, ratio: float, **place: Any
) -> dict[str, Difference]:
    """The lead over another of every method that has all of its splits."""
    other = scores(rows, method=second, **place)
    runs = {method: scores(rows, method=method, **place) for method in methods}
    return {
        method: paired(mine, other, ratio)
        for method, mine in runs.items()
        if len(mine) == len(other)
    }


def _said(found: Difference | None, margin: float) -> str:
    """A lead and its word, always as wide."""
    return f"{found.mean:+6.1f} {found.verdict(margin):6}" if found else " " * 13
