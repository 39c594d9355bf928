"""An explorer: results that were really computed, behind controls that need no kernel."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fgnn_lite import checks
from fgnn_lite.book.explore import chart as picture
from fgnn_lite.book.explore.page import Explorer, per_cent
from fgnn_lite.book.explore.rows import (
    called,
    choices,
    choices_of,
    columns,
    control,
    listed,
    moderate,
    names_of,
    rows_with,
    selection,
    written,
)
from fgnn_lite.book.looks import SHAPES, look, looks_of, plain

MOST_SERIES = 6


def explorer(
    rows: Iterable[Mapping[str, Any]],
    x: str,
    y: str,
    controls: Sequence[str] = (),
    series: str | None = None,
    seeds: str | None = None,
    chart: str = "line",
    log: str = "",
    title: str = "",
    labels: Mapping[str, str] | None = None,
    digits: int = 3,
    start: Mapping[str, Any] | None = None,
    compare: Mapping[str, Any] | None = None,
    line: float | None = None,
    axis_by: str | None = None,
) -> Explorer:
    """Draw results so that a reader can choose among them, with a kernel or without one.

        rows = fgnn.load_results("sweep")["rows"]
        explorer(rows, x="depth", y="test", controls=["backbone", "learner", "temperature"],
                 seeds="seed", labels={"test": "test accuracy"}, compare={"learner": "bp"})

    A column of numbers becomes a slider; one of names, or of a single value, a drop-down. Two
    selections, A and B, can be compared on the same axes, which do not move with the selection.
    Methods have the colours, markers and names of `fgnn_lite.book.looks`. A mark is the mean over
    seeds; its whisker, and the band along a line, reach from the lowest seed to the highest.

    Args:
        rows: a mapping from column to value for each measurement.
        x: the column on the horizontal axis; with bars, the column that names them.
        y: the column that was measured.
        controls: the columns to choose from. `None` in such a column says that the control does
            not apply: that row is shown whatever is chosen.
        series: the column that tells lines, colours or panels apart, of at most six values.
        seeds: the column that tells repetitions apart.
        chart: `"line"`, `"bar"`, `"scatter"` (a mark is a row, not a mean) or `"multiples"` (a
            panel of lines for each of `series`).
        log: `"x"`, `"y"` or `"xy"` makes those axes logarithmic; bars stay linear.
        title: stands above the chart; by default "y by x".
        labels: column -> what the page calls it.
        digits: decimals of y.
        start: column -> value, the first selection; else the first value of each control.
        compare: the same for B, which is then shown from the start; what it leaves out is as in A.
        line: a value of y at which a line is drawn, for instance 1 where y is a ratio.
        axis_by: the control that changes what y measures: for each of its values the axis is as
            long as the values shown then. By default all selections share one axis.

    Returns:
        What a notebook shows as the last value of a cell; `html` of it stands on any page.

    Raises:
        TypeError: `rows` is not a list of mappings, or a column mixes numbers and names.
        ValueError: rows, a column or an option cannot be used, or the page gets over 1 MB.
    """
    checks.one_of("chart", chart, picture.CHARTS)
    checks.one_of("log", log, ("",) if chart == "bar" else ("", "x", "y", "xy"))
    digits = checks.integer("digits", digits, 0, 10)
    controls = listed("controls", controls, "columns")
    named = [("x", x), ("y", y), *columns("controls", controls)]
    named += [(role, name) for role, name in (("series", series), ("seeds", seeds)) if name]
    table = rows_with(rows, named)
    if chart == "multiples" and not series:
        raise ValueError("series must name a column if chart is 'multiples': one panel each")

    places, at = choices(table, x, numbers=chart != "bar")
    groups, group = choices(table, series) if series else ([""], [0] * len(table))
    if len(groups) > MOST_SERIES:
        raise ValueError(
            f"series must have at most {MOST_SERIES} values; {series!r} has {len(groups)} (make it "
            "a control)"
        )
    options = choices_of(table, controls)

    # One point for each series, place and selection: the values of its seeds.
    points: dict[tuple[Any, ...], dict[Any, float]] = {}
    first_at: dict[tuple[Any, ...], int] = {}
    for i, row in enumerate(table):
        key = (group[i], at[i], *(numbers[i] for _, numbers in options.values()))
        seed = str(row[seeds]) if seeds else ""
        measured = points.setdefault((*key, seed) if chart == "scatter" else key, {})
        j = first_at.setdefault((*key, seed), i)
        if j != i:
            raise ValueError(_twice(table, j, i, [name for role, name in named if role != "y"]))
        measured[seed] = moderate(f"rows[{i}][{y!r}]", row[y])
    keys = sorted(points)
    _no_overlap(keys, places, x)

    known = called(labels, [str(column) for column in table[0]])
    names = names_of(places)
    spots, x_ticks = _across(places, "x" in log, chart)
    if chart == "scatter" and seeds:  # each mark says which seed it is
        names = [f"{names[key[1]]} ({known.get(seeds, seeds)} {key[-1]})" for key in keys]
        spots = [spots[key[1]] for key in keys]
    means, lows, highs = (
        [round(summary(points[key].values()), digits) + 0.0 for key in keys]  # and no -0.0
        for summary in (statistics.fmean, min, max)
    )
    if "y" in log and min(lows) <= 0 < min(min(values.values()) for values in points.values()):
        raise ValueError(f"digits must be more than {digits}: log needs y above 0 once rounded")
    if line is not None:
        line = checks.number("line", line)
        if "y" in log and line <= 0:
            raise ValueError(f"line must be above 0 on a logarithmic axis; got {line:g}")
    by = -1
    if axis_by is not None:
        by = list(options).index(checks.one_of("axis_by", axis_by, options))
    spans = [(min(lows), max(highs))]
    for k in range(len(options[axis_by][0]) if axis_by is not None else 0):
        own = [i for i, key in enumerate(keys) if key[2 + by] in (k, -1)]
        spans.append((min(lows[i] for i in own), max(highs[i] for i in own)))
    axes = [_axis(low, high, "y" in log, chart == "bar", line) for low, high in spans]
    names_of_groups = names_of(groups)
    spread = bool(seeds) and max(len(values) for values in points.values()) > 1
    model: dict[str, Any] = {
        "chart": chart,
        "shapes": SHAPES,
        "two": bool(controls),
        "title": written("title", title) or f"{known.get(y, plain(y))} by {known.get(x, plain(x))}",
        "digits": digits,
        "x": {"label": known.get(x, plain(x)), "names": names, "at": spots},
        "y": {
            "label": known.get(y, plain(y)),
            "log": "y" in log,
            "line": line,
            "by": by,
            "axes": axes,
        },
        "controls": [
            control(known.get(name, name), values) for name, (values, _) in options.items()
        ],
        "series": names_of_groups,
        "looks": [[each.hue, each.dash] for each in looks_of(names_of_groups)],
        "tint": _tint(names, chart, options) if not series else None,
        "seeds": f"{known.get(seeds, seeds)}s" if seeds and spread else "",
        "points": {
            "c": [[key[2 + k] for key in keys] for k in range(len(controls))],
            "s": [key[0] for key in keys],
            "x": list(range(len(keys))) if len(names) > len(places) else [key[1] for key in keys],
            "m": means,
            "lo": lows,
            "hi": highs,
            "n": [len(points[key]) for key in keys],
        },
    }
    model["ticks"] = x_ticks
    first = selection("start", start, options, [0] * len(controls))
    if compare is not None and not controls:
        raise ValueError("compare must be None where there are no controls")
    second = [] if compare is None else [selection("compare", compare, options, first)]
    model["start"] = [first, *second]
    return Explorer(model, picture)


def _tint(names: Sequence[str], chart: str, options: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a mark's colour follows where there is but one series: bars or a control of methods."""
    if chart == "bar" and all(look(name) for name in names):
        return {"by": -1, "looks": [[each.hue, each.dash] for each in looks_of(names)]}
    for k, (values, _) in enumerate(options.values()):
        if isinstance(values[0], str) and all(look(value) for value in values):
            return {"by": k, "looks": [[each.hue, each.dash] for each in looks_of(values)]}
    return None


def _axis(low: float, high: float, log: bool, bar: bool, line: float | None) -> dict[str, Any]:
    """The ends of an axis of values, and its ticks; at the line there is one."""
    if line is not None:
        low, high = min(low, line), max(high, line)
    start, end, ticks = up(low, high, log, bar)
    if line is not None:
        scale = math.log2 if log else float
        gap = 0.06 * (scale(end) - scale(start))
        ticks = [pair for pair in ticks if abs(scale(pair[0]) - scale(line)) > gap]
        ticks = sorted([*ticks, (line, f"{line:.10g}")])
    return {"low": start, "high": end, "ticks": ticks}


def _twice(table: Sequence[Mapping[str, Any]], j: int, i: int, used: Sequence[str]) -> str:
    """What to say of a row that repeats another: where, and in which columns they differ."""
    row = table[i]
    differ = [str(n) for n in row if n not in used and table[j].get(n) != row[n]]
    place = ", ".join(f"{name}={row[name]!r}" for name in used)
    hint = f"; they differ in {', '.join(map(repr, differ))}" if differ else ""
    return (
        f"rows must differ in x, controls, series or seeds; rows[{j}] and rows[{i}] are both at "
        f"{place}{hint} (name the column that tells them apart, or leave rows out)"
    )


def _no_overlap(keys: Sequence[tuple[Any, ...]], places: Sequence[Any], x: str) -> None:
    """A row that ignores a control (None) and one that does not may not meet in a selection."""
    for key in (key for key in keys if -1 in key):
        for other in keys:
            meet = all(a == b or -1 in (a, b) for a, b in zip(key, other, strict=True))
            if meet and key != other:
                raise ValueError(
                    f"rows must not have both None and a value in a control; at {x}="
                    f"{places[key[1]]!r} one selection shows two of them"
                )


def _across(
    places: Sequence[Any], log: bool, chart: str
) -> tuple[list[float], list[tuple[float, str]]]:
    """Where each place lies, in per cent, and what is written under the axis, and where."""
    if chart == "bar":
        return [], []
    if log and places[0] <= 0:
        raise ValueError(f"log must not name x, which has the value {places[0]:g}")
    marks = list(zip(places, names_of(places), strict=True))
    low, high = places[0], places[-1]
    if chart == "scatter":
        low, high, marks = up(low, high, log, False)
    start, end = (math.log2(place) if log else place for place in (low, high))

    def spot(place: float) -> float:
        share = ((math.log2(place) if log else place) - start) / ((end - start) or 1.0)
        return per_cent(3 + 94 * share if end > start else 50)

    ticks: list[tuple[float, str]] = []
    for place, text in marks:  # as many as fit beside each other on a phone
        room = (2.2 * len(text) + 3) * (2 if chart == "multiples" else 1)
        if not ticks or spot(place) - ticks[-1][0] >= room:
            ticks.append((spot(place), text))
    return [spot(place) for place in places], ticks


def up(
    low: float, high: float, log: bool, bar: bool
) -> tuple[float, float, list[tuple[float, str]]]:
    """The ends of the axis of values, the same for all selections, and its ticks."""
    if log:
        if low <= 0:
            raise ValueError(f"log must not name y, which has the value {low:g}")
        decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        for steps in ((1, 2, 5), (1, 3), (1,)):  # as long as what is shown, if two ticks are in it
            ticks = [step * 10.0**k for k in decades for step in steps]
            ticks = [tick for tick in ticks if 0.999 * low <= tick <= 1.001 * high]
            if 2 <= len(ticks) <= 8:
                rim = (high / low) ** 0.03
                return low / rim, high * rim, [(tick, f"{tick:.10g}") for tick in ticks]
        for steps in ((1, 2, 5), (1, 3), (1,)):
            ticks = [step * 10.0**k for k in decades for step in steps]
            first = max(k for k, tick in enumerate(ticks) if tick <= low * (1 + 1e-9))
            last = min([k for k, tick in enumerate(ticks) if tick >= high], default=len(ticks) - 1)
            ticks = ticks[first : max(last, first + 1) + 1]
            if len(ticks) <= 8:
                break
        return ticks[0], ticks[-1], [(tick, f"{tick:.10g}") for tick in ticks]
    if bar or 0 <= low < high / 2:
        low, high = min(low, 0.0), max(high, 0.0)
    size = (high - low) or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(size / 5))
    step = next(m * power for m in (1, 2, 5, 10) if size / (m * power) <= 6)
    first, last = math.floor(low / step), math.ceil(high / step)
    ticks = [k * step for k in range(first, max(last, first + 1) + 1)]
    return ticks[0], ticks[-1], [(tick, f"{tick:.10g}") for tick in ticks]
