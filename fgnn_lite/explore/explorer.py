"""An explorer: results that were really computed, behind controls that need no kernel."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fgnn_lite import checks
from fgnn_lite.explore import page

MOST_CHOICES, MOST_SERIES, MOST_BYTES = 40, 6, 150_000


class Explorer:
    """A chart with controls: HTML, SVG and a small script, the same in a notebook and on a page.

    Attributes:
        model: what the page knows: axes, names, and the points of every selection.
        alt: the first selection in words.
        html: all of it. Without scripts it shows the chart of the first selection and its table.
    """

    def __init__(self, model: dict[str, Any]) -> None:
        self.model = model
        self.alt = page.words(model, model["start"])
        self.html = page.html(model)
        size = len(self.html.encode())
        if size > MOST_BYTES:
            raise ValueError(
                f"rows must make at most {MOST_BYTES // 1000} KB of HTML; they make "
                f"{size / 1000:.0f} KB (fewer controls, fewer values, or fewer digits)"
            )

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.alt


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
) -> Explorer:
    """Draw results so that a reader can choose among them, with a kernel or without one.

        rows = json.loads(Path("results/paper-protocol.json").read_text())["rows"]
        explorer(rows, x="depth", y="test", controls=["graph", "method"], seeds="split",
                 labels={"test": "test accuracy"}, compare={"method": "bp"})

    A column of numbers becomes a slider, one of names a drop-down. Two selections, A and B, can be
    compared on the same axes, which do not move with the selection. A mark is the mean over seeds;
    its whisker, and the band along a line, reach from the lowest seed to the highest.

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

    Returns:
        What a notebook shows as the last value of a cell; `html` of it stands on any page.

    Raises:
        TypeError: `rows` is not a list of mappings, or a column mixes numbers and names.
        ValueError: rows, a column or an option cannot be used, or the page gets over 150 KB.
    """
    checks.one_of("chart", chart, page.CHARTS)
    checks.one_of("log", log, ("",) if chart == "bar" else ("", "x", "y", "xy"))
    checks.integer("digits", digits, 0, 10)
    if isinstance(controls, str):
        raise TypeError(f"controls must be a list of columns; got {controls!r} (str)")
    named = [("x", x), ("y", y), *(("controls", name) for name in controls)]
    named += [(role, name) for role, name in (("series", series), ("seeds", seeds)) if name]
    table = _rows(rows, named)
    if chart == "multiples" and not series:
        raise ValueError("series must name a column if chart is 'multiples': one panel each")

    places, at = _choices(table, x, numbers=chart != "bar")
    groups, group = _choices(table, series) if series else ([""], [0] * len(table))
    if len(groups) > MOST_SERIES:
        raise ValueError(
            f"series must have at most {MOST_SERIES} values; {series!r} has {len(groups)} (make it "
            "a control)"
        )
    options = {name: _choices(table, name, optional=True) for name in controls}
    for name, (values, _) in options.items():
        if len(values) < 2:
            only = f"only {values[0]!r}" if values else "nothing but None"
            raise ValueError(
                f"controls must have values to choose from; {name!r} has {only} (leave it out)"
            )
        if len(values) > MOST_CHOICES:
            raise ValueError(
                f"controls must have at most {MOST_CHOICES} values; {name!r} has {len(values)} "
                "(round them, or leave rows out)"
            )

    # One point for each series, place and selection: the values of its seeds.
    points: dict[tuple[Any, ...], dict[Any, float]] = {}
    for i, row in enumerate(table):
        key = (group[i], at[i], *(numbers[i] for _, numbers in options.values()))
        seed = str(row[seeds]) if seeds else ""
        measured = points.setdefault((*key, seed) if chart == "scatter" else key, {})
        if seed in measured:
            raise ValueError(_twice(table, i, [name for role, name in named if role != "y"]))
        measured[seed] = checks.number(f"rows[{i}][{y!r}]", row[y])
    keys = sorted(points)
    _no_overlap(keys, places, x)

    called = {name: str(text) for name, text in (labels or {}).items()}
    for name in called:
        checks.one_of("labels' columns", name, [str(column) for column in table[0]])
    names = [_name(place) for place in places]
    spots, x_ticks = _across(places, "x" in log, chart)
    if chart == "scatter" and seeds:  # each mark says which seed it is
        names = [f"{names[key[1]]} ({called.get(seeds, seeds)} {key[-1]})" for key in keys]
        spots = [spots[key[1]] for key in keys]
    means, lows, highs = (
        [round(summary(points[key].values()), digits) + 0.0 for key in keys]  # and no -0.0
        for summary in (statistics.fmean, min, max)
    )
    low, high, y_ticks = _up(min(lows), max(highs), "y" in log, chart == "bar")
    spread = bool(seeds) and max(len(values) for values in points.values()) > 1
    model: dict[str, Any] = {
        "chart": chart,
        "title": str(title) or f"{called.get(y, y)} by {called.get(x, x)}",
        "digits": digits,
        "x": {"label": called.get(x, x), "names": names, "at": spots},
        "y": {"label": called.get(y, y), "low": low, "high": high, "log": "y" in log},
        "controls": [
            {
                "label": called.get(name, name),
                "names": [_name(value) for value in values],
                "slider": not isinstance(values[0], str),
            }
            for name, (values, _) in options.items()
        ],
        "series": [_name(value) for value in groups],
        "seeds": f"{called.get(seeds, seeds)}s" if seeds and spread else "",
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
    model["ticks"] = {"x": x_ticks, "y": y_ticks}
    first = _selection("start", start, options, [0] * len(controls))
    second = [] if compare is None else [_selection("compare", compare, options, first)]
    model["start"] = [first, *second]
    return Explorer(model)


def _rows(rows: Any, named: Sequence[tuple[str, str]]) -> list[Mapping[str, Any]]:
    """The rows as a list, each with every column that is needed, and none used twice."""
    if isinstance(rows, Mapping | str) or not isinstance(rows, Iterable):
        hint = " (pass its rows)" if isinstance(rows, Mapping) and "rows" in rows else ""
        raise TypeError(f"rows must be a list of mappings; got a {type(rows).__name__}{hint}")
    table = list(rows)
    if not table:
        raise ValueError("rows must hold at least one measurement; it is empty")
    for i, row in enumerate(table):
        if not isinstance(row, Mapping):
            raise TypeError(f"rows[{i}] must be a mapping; got {row!r:.60} ({type(row).__name__})")
    for k, (role, name) in enumerate(named):
        checks.one_of(role, name, [str(column) for column in table[0]])
        for earlier, other in named[:k]:
            if name == other:
                raise ValueError(f"{role} must be a column of its own; {name!r} is {earlier} too")
        for i, row in enumerate(table):
            if name not in row:
                raise ValueError(f"rows[{i}] must have the column {name!r}, as {role} names it")
    return table


def _choices(
    table: Sequence[Mapping[str, Any]], name: str, numbers: bool = False, optional: bool = False
) -> tuple[list[Any], list[int]]:
    """The values of a column in order, and which of them each row has; -1 for None."""
    found: list[Any] = []
    for i, row in enumerate(table):
        value = row[name]
        if isinstance(value, bool) and not numbers:
            value = "yes" if value else "no"
        if not (isinstance(value, str) and not numbers) and not (value is None and optional):
            value = checks.number(f"rows[{i}][{name!r}]", value)
        found.append(value)
    given = [value for value in found if value is not None]
    text = {isinstance(value, str): value for value in given}
    if len(text) > 1:
        raise TypeError(
            f"rows must have numbers or names in the column {name!r}, not both; "
            f"got {text[False]:g} and {text[True]!r}"
        )
    values = list(dict.fromkeys(given)) if True in text else sorted(set(given))
    index = {value: k for k, value in enumerate(values)}
    return values, [index.get(value, -1) for value in found]


def _twice(table: Sequence[Mapping[str, Any]], i: int, used: Sequence[str]) -> str:
    """What to say of a row that repeats another: where, and in which columns they differ."""
    row = table[i]
    j = next(j for j, other in enumerate(table) if all(other[n] == row[n] for n in used))
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


def _selection(
    argument: str, given: Mapping[str, Any] | None, options: Mapping[str, Any], base: list[int]
) -> list[int]:
    """The index of each control's value: what is given, else as in `base`."""
    chosen = list(base)
    for name, value in (given or {}).items():
        k = list(options).index(checks.one_of(f"{argument}'s columns", name, options))
        values = options[name][0]
        if value not in values:
            raise ValueError(f"{argument}[{name!r}] must be one of {values}; got {value!r}")
        chosen[k] = values.index(value)
    return chosen


def _name(value: Any) -> str:
    if isinstance(value, str):
        return value
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.6g}"


def _across(
    places: Sequence[Any], log: bool, chart: str
) -> tuple[list[float], list[tuple[float, str]]]:
    """Where each place lies, in per cent, and what is written under the axis, and where."""
    if chart == "bar":
        return [], []
    if log and places[0] <= 0:
        raise ValueError(f"log must not name x, which has the value {places[0]:g}")
    marks = [(place, _name(place)) for place in places]
    low, high = places[0], places[-1]
    if chart == "scatter":
        low, high, marks = _up(low, high, log, False)
    start, end = (math.log2(place) if log else place for place in (low, high))

    def spot(place: float) -> float:
        share = ((math.log2(place) if log else place) - start) / ((end - start) or 1.0)
        return page.per_cent(3 + 94 * share if end > start else 50)

    ticks: list[tuple[float, str]] = []
    for place, text in marks:  # as many as fit beside each other on a phone
        room = (2.2 * len(text) + 3) * (2 if chart == "multiples" else 1)
        if not ticks or spot(place) - ticks[-1][0] >= room:
            ticks.append((spot(place), text))
    return [spot(place) for place in places], ticks


def _up(
    low: float, high: float, log: bool, bar: bool
) -> tuple[float, float, list[tuple[float, str]]]:
    """The ends of the axis of values, the same for all selections, and its ticks."""
    if log:
        if low <= 0:
            raise ValueError(f"log must not name y, which has the value {low:g}")
        decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
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
