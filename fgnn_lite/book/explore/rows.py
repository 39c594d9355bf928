"""Rows of results, and what can be chosen in them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from numbers import Real
from typing import Any

import numpy as np

from fgnn_lite import checks
from fgnn_lite.book.looks import plain

MOST_CHOICES = 40
MOST, LARGEST = 1e9, 1e15  # in lists; in columns, as a browser writes larger ones otherwise
Table = list[Mapping[str, Any]]


def columns(role: str, names: Any) -> list[tuple[str, str]]:
    """(role, name) for each name of a list of columns."""
    return [(role, name) for name in listed(role, names, "columns")]


def listed(what: str, values: Any, of: str) -> list[Any]:
    """The values as a list, if they are many."""
    if isinstance(values, str | Mapping) or not isinstance(values, Iterable):
        kind = type(values).__name__
        raise TypeError(f"{what} must be a list of {of}; got {values!r:.60} ({kind})")
    return list(values)


def numbers(what: str, values: Any, low: float = -MOST, high: float = MOST) -> list[float]:
    """The values as finite numbers, none so large that a browser would round it."""
    return [checks.number(what, value, low, high) for value in listed(what, values, "numbers")]


def moderate(what: str, value: Any) -> float:
    """The value of a column as a finite number that a browser writes as Python does."""
    found = checks.number(what, value)
    if abs(found) > LARGEST:
        raise ValueError(f"{what} must lie within {LARGEST:g} of 0; got {found:g}")
    return found


def rows_with(rows: Any, named: Sequence[tuple[str, str]]) -> Table:
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


def choices(
    table: Sequence[Mapping[str, Any]], name: str, numbers: bool = False, optional: bool = False
) -> tuple[list[Any], list[int]]:
    """The values of a column in order, and which of them each row has; -1 for None."""
    found: list[Any] = []
    for i, row in enumerate(table):
        value = row[name] if numbers else _spoken(row[name])
        if not (isinstance(value, str) and not numbers) and not (value is None and optional):
            value = moderate(f"rows[{i}][{name!r}]", value)
        elif value is not None and not value.strip():
            raise ValueError(f"rows[{i}][{name!r}] must be a name; got {value!r}")
        found.append(value)
    given = [value for value in found if value is not None]
    kinds = {isinstance(value, str): value for value in given}
    if len(kinds) > 1:
        raise TypeError(
            f"rows must have numbers or names in the column {name!r}, not both; "
            f"got {kinds[False]:g} and {kinds[True]!r}"
        )
    values = list(dict.fromkeys(given)) if True in kinds else sorted(set(given))
    index = {value: k for k, value in enumerate(values)}
    return values, [index.get(value, -1) for value in found]


def choices_of(
    table: Sequence[Mapping[str, Any]], controls: Sequence[str], optional: bool = True
) -> dict[str, tuple[list[Any], list[int]]]:
    """For each control its values, and which of them each row has."""
    options = {name: choices(table, name, optional=optional) for name in controls}
    for name, (values, _) in options.items():
        if not values:
            raise ValueError(
                f"controls must have a value; {name!r} has nothing but None (leave it out)"
            )
        if len(values) > MOST_CHOICES:
            raise ValueError(
                f"controls must have at most {MOST_CHOICES} values; {name!r} has {len(values)} "
                "(round them, or leave rows out)"
            )
    return options


def grid(
    rows: Iterable[Mapping[str, Any]],
    controls: Sequence[str],
    others: Sequence[tuple[str, str]],
    series: Sequence[str] = (),
) -> tuple[Table, dict[str, tuple[list[Any], list[int]]]]:
    """Rows that hold every combination of the controls' values once, and those values.

    Args:
        rows: what was given.
        controls: the columns to choose from.
        others: (role, name) of the columns that hold what is drawn.
        series: the column, if any, of which all values are shown at once.
    """
    controls = listed("controls", controls, "columns")
    table = rows_with(rows, [*columns("series", series), *columns("controls", controls), *others])
    options = {name: choices(table, name) for name in series}
    options |= choices_of(table, controls, optional=False)
    found: dict[tuple[int, ...], int] = {}
    for i in range(len(table)):
        place = tuple(at[i] for _, at in options.values())
        if place in found:
            same = ", ".join(f"{name}={table[i][name]!r}" for name in options)
            raise ValueError(
                f"rows must differ in controls; rows[{found[place]}] and rows[{i}] "
                + (f"are both at {same}" if same else "do not: there are no controls")
            )
        found[place] = i
    size = math.prod(len(values) for values, _ in options.values())
    if len(found) < size:
        raise ValueError(
            f"rows must hold every combination of the controls; {size - len(found)} of {size} are "
            "missing (leave a control or some values out)"
        )
    return table, options


def selection(
    argument: str, given: Mapping[str, Any] | None, options: Mapping[str, Any], base: list[int]
) -> list[int]:
    """The index of each control's value: what is given, else as in `base`."""
    chosen = list(base)
    for name, value in _mapping(argument, given).items():
        k = list(options).index(checks.one_of(f"{argument}'s columns", name, options))
        values, value = options[name][0], _spoken(value)
        if not isinstance(value, str | Real) or value not in values:
            raise ValueError(f"{argument}[{name!r}] must be one of {values}; got {value!r}")
        chosen[k] = values.index(value)
    return chosen


def called(labels: Mapping[str, str] | None, allowed: Iterable[str]) -> dict[str, str]:
    """What the page calls some columns."""
    given = _mapping("labels", labels)
    return {
        checks.one_of("labels' columns", name, allowed): _tau(written(f"labels[{name!r}]", said))
        for name, said in given.items()
    }


def written(argument: str, value: Any) -> str:
    """The value, if it is a string."""
    if not isinstance(value, str):
        raise TypeError(f"{argument} must be a string; got {value!r:.60} ({type(value).__name__})")
    return value


def _spoken(value: Any) -> Any:
    """A flag in words; anything else as it is."""
    return ("yes" if value else "no") if isinstance(value, bool | np.bool_) else value


def _mapping(argument: str, given: Any) -> Mapping[str, Any]:
    if given is not None and not isinstance(given, Mapping):
        kind = type(given).__name__
        raise TypeError(f"{argument} must map columns; got {given!r:.60} ({kind})")
    return given or {}


def control(label: str, values: Sequence[Any]) -> dict[str, Any]:
    """What the page knows of a control: of several numbers a slider, else a drop-down."""
    return {
        "label": label,
        "names": names_of(values),
        "slider": len(values) > 1 and not isinstance(values[0], str),
    }


def offered(
    options: Mapping[str, Any], labels: Mapping[str, str] | None, start: Mapping[str, Any] | None
) -> tuple[list[dict[str, Any]], list[int]]:
    """What the page knows of all controls of a grid, and the first selection."""
    captions = called(labels, options)
    known = [control(captions.get(name, name), values) for name, (values, _) in options.items()]
    return known, selection("start", start, options, [0] * len(options))


def names_of(values: Sequence[Any]) -> list[str]:
    """Values of a column as they are written.

    Names are plain. Numbers have the digits that tell them apart; powers of two are fractions where
    some are below 1, as temperatures are.
    """
    if values and isinstance(values[0], str):
        names = [_tau(plain(value)) for value in values]
        pairs = zip(values, names, strict=True)
        return [value if names.count(name) > 1 else name for value, name in pairs]
    if any(value < 1 for value in values) and all(map(_is_power, values)):
        return [str(Fraction(value)) for value in values]
    found = ([name_of(value, digits) for value in values] for digits in (6, 9, 12, 15, 17))
    return next(names for names in found if len(set(names)) == len(set(values)))


def _tau(name: str) -> str:
    """The letter for its name."""
    return re.sub(r"\btau\b", "τ", name)


def _is_power(value: float) -> bool:
    """Whether it is a power of two, of at most three digits on either side of the bar."""
    return 1 / 1000 < value < 1000 and math.frexp(value)[0] == 0.5


def name_of(value: float, digits: int = 6) -> str:
    """A number as it is written."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.{digits}g}"
