"""The same run for every combination of choices, and a printed table of what came out."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from torch_geometric.data import Data

from fgnn_lite.learners import make_learner, make_link_learner

__all__ = ["accuracy", "auc", "curves", "grid", "mean", "table"]

WIDEST = 80  # characters of a line; where columns as wide as the widest need more, each has its own


def accuracy(data: Data, name: str, fit: Mapping[str, Any], **options: Any) -> float:
    """Train a learner, and give its test accuracy in %.

    Args:
        data: the graph, with its masks.
        name: of a learner in `fgnn_lite.LEARNERS`.
        fit: what `Learner.fit` takes besides the graph.
        options: what `make_learner` takes besides the name.

    Returns:
        The accuracy on the test nodes, unrounded.

    Chapter 12.
    """
    learner = make_learner(name, **options)
    learner.fit(data, **fit)
    return 100 * learner.score(data)


def auc(parts: Sequence[Data], name: str, fit: Mapping[str, Any], **options: Any) -> float:
    """Train a learner of links, and give its test ROC-AUC in %.

    Args:
        parts: for training, validation and test, as from `load_links`.
        name: of a learner in `fgnn_lite.LINK_LEARNERS`; with `-l2` at its end, the same learner
            with input rows of length 1, as results files call it.
        fit: what `LinkLearner.fit` takes besides the graphs.
        options: what `make_link_learner` takes besides the name.

    Returns:
        The ROC-AUC on the test pairs, unrounded.

    Chapter 10.
    """
    if name.endswith("-l2"):
        name, options = name.removesuffix("-l2"), {"features": "l2"} | options
    train, val, test = parts
    learner = make_link_learner(name, **options)
    learner.fit(train, val, **fit)
    return 100 * learner.score(test)


def grid(score: Callable[..., float], **choices: Iterable[Any]) -> list[dict[str, Any]]:
    """Call `score` for every combination of choices; the last one changes fastest.

        grid(accuracy, backbone=("gcn", "sage"), seed=(0, 1, 2))  # accuracy(backbone=..., seed=...)

    Args:
        score: a function of the choices, by their names, that gives a number.
        choices: name -> the values to try.

    Returns:
        A row for each combination: the choices, and the number as `test`.

    Chapters 4 to 6.
    """
    rows = []
    for values in itertools.product(*(list(each) for each in choices.values())):
        chosen = dict(zip(choices, values, strict=True))
        rows.append({**chosen, "test": score(**chosen)})
    return rows


def mean(rows: Iterable[Mapping[str, Any]], y: str = "test", **chosen: Any) -> float:
    """The mean of a column over the rows with these choices, for instance over seeds.

    Args:
        rows: as `grid` gives them.
        y: the column that was measured.
        chosen: column -> value, of the rows that count.

    Returns:
        The mean, unrounded.

    Raises:
        ValueError: if no row has these values.
    """
    return statistics.fmean(_found(rows, y, chosen))


def curves(
    rows: Iterable[Mapping[str, Any]], series: str, x: str, y: str = "test"
) -> dict[str, dict[Any, list[float]]]:
    """What `plots.lines` draws: a line for each value of `series`, with all runs at each x.

    Args:
        rows: as `grid` gives them.
        series: the column that tells lines apart.
        x: the column on the horizontal axis.
        y: the column that was measured.

    Returns:
        series -> {x: values}, in the order of the rows.

    Chapters 6 and 12.
    """
    found: dict[str, dict[Any, list[float]]] = {}
    for row in rows:
        found.setdefault(row[series], {}).setdefault(row[x], []).append(row[y])
    return found


def table(
    rows: Iterable[Mapping[str, Any]],
    down: str | Sequence[str],
    across: str,
    step: int = 1,
    spread: bool = False,
    y: str = "test",
    title: str = "test accuracy, %",
    digits: int = 0,
    names: Callable[[str], str] | None = None,
) -> None:
    """Print means: a line for each value of `down`, a column for each value of `across`.

        table(rows, ("learner", "backbone"), "replaced", spread=True)

    Args:
        rows: as `grid` gives them.
        down: the column, or columns, that name a line.
        across: the column that names a column.
        step: means are rounded to a multiple of it, once.
        spread: add the standard deviation over the runs, 0 for a single one.
        y: the column that was measured.
        title: what is printed, and in which unit; stands above the names of the lines.
        digits: decimals of a mean, where `step` is 1.
        names: what readers call a value, for instance `looks.plain`; as it is, by default.

    Raises:
        ValueError: if a combination was not measured.

    Chapters 4 to 6 and 13 to 15.
    """
    kept, said_as = [dict(row) for row in rows], names or str
    keys = [down] if isinstance(down, str) else list(down)
    lines = list(dict.fromkeys(tuple(row[key] for key in keys) for row in kept))
    columns = list(dict.fromkeys(row[across] for row in kept))
    said = [[said_as(str(value)) for value in line] for line in lines]
    parts = [max(len(each[k]) for each in said) for k in range(len(keys))]
    heads = [
        "  ".join(f"{each[k]:{width}}" for k, width in enumerate(parts)).rstrip() for each in said
    ]
    cells = []
    for line in lines:
        chosen = dict(zip(keys, line, strict=True))
        found = [_found(kept, y, chosen | {across: column}) for column in columns]
        cells.append([_cell(values, step, spread, digits) for values in found])
    first = max(map(len, [title, *heads]))
    tops = [said_as(str(column)) for column in columns]
    least = 1 + max(map(len, itertools.chain(*cells)))
    wide = [max(least, *(1 + len(top) for top in tops))] * len(tops)
    if first + len(tops) + sum(wide) > WIDEST:
        wide = [max(least, 1 + len(top)) for top in tops]
    for head, line_of in zip([title, *heads], [tops, *cells], strict=True):
        print(f"{head:{first}}", *(f"{c:>{w}}" for c, w in zip(line_of, wide, strict=True)))


def _cell(values: Sequence[float], step: int, spread: bool, digits: int) -> str:
    mean = statistics.fmean(values)
    rounded = f"{mean:.{digits}f}" if step == 1 else str(step * round(mean / step))
    if not spread:
        return rounded
    return f"{rounded} ± {statistics.stdev(values) if len(values) > 1 else 0:.{digits}f}"


def _found(rows: Iterable[Mapping[str, Any]], y: str, chosen: Mapping[str, Any]) -> list[float]:
    """What was measured with these choices."""
    found = [float(row[y]) for row in rows if all(row[key] == chosen[key] for key in chosen)]
    if not found:
        raise ValueError(f"rows must have one with {dict(chosen)!r}")
    return found
