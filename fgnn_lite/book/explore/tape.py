"""The tape: what learners hold in memory at each moment of one update; `tape.js` draws it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from fgnn_lite import checks
from fgnn_lite.book.explore.explorer import up
from fgnn_lite.book.explore.page import Explorer, Look, Model, rows_as_table, select
from fgnn_lite.book.explore.rows import (
    grid,
    listed,
    names_of,
    numbers,
    offered,
    written,
)
from fgnn_lite.book.looks import SHAPES

KINDS = ("rest", "saved", "gradients", "optimiser")  # from the top of the pile down
NAMES = ("other: messages in flight, constants", "kept for the way back", "gradients", "optimiser")
PHASES = {"forward": "forward", "back": "way back", "step": "step"}
AFTER = "after the step"  # what still runs then is no pass forwards
MOST_LEARNERS, STOPS, MOST_BYTES = 6, 50, 1e15


def tape(
    rows: Iterable[Mapping[str, Any]],
    controls: Sequence[str],
    series: str = "learner",
    title: str = "",
    labels: Mapping[str, str] | None = None,
    digits: int = 2,
    start: Mapping[str, Any] | None = None,
    moment: int = 40,
) -> Explorer:
    """Draw what is alive at each moment of one update, learner below learner, on one scale.

        file = fgnn.load_results("tape")
        tape(file["rows"], ["depth"], start={"depth": 8})

    A slider, or a drag across the picture, chooses the moment. Learners take different
    numbers of moments for an update; all of them are drawn equally wide.

    Args:
        rows: for each learner and combination of the controls' values a mapping with, moment by
            moment, `phases` (as in `fgnn_lite.probes.Tape`) and, in bytes, `saved`, `gradients`,
            `optimiser` and `rest`.
        controls: the columns to choose from.
        series: the column that tells learners apart, of at most six values.
        title: stands above the picture.
        labels: column -> what the page calls it.
        digits: decimals of MB (10^6 bytes).
        start: column -> value, the first selection.
        moment: which moment is shown first, in per cent of the update, even.

    Returns:
        What a notebook shows as the last value of a cell.

    Raises:
        TypeError: a value is of another kind.
        ValueError: a value is out of range, or a combination is missing.
    """
    digits = checks.integer("digits", digits, 0, 6)
    moment = checks.integer("moment", moment, 0, 100)
    if moment % 2:
        raise ValueError(f"moment must be even; got {moment}")
    others = [(kind, kind) for kind in ("phases", *KINDS)]
    table, options = grid(rows, controls, others, [series])
    learners, which = options.pop(series)
    checks.integer(f"series' number of values (of {series!r})", len(learners), 2, MOST_LEARNERS)
    unit = 10 ** (6 - digits)  # bytes
    known: dict[str, list[Any]] = {"phases": [], **{kind: [] for kind in KINDS}}
    for i, row in enumerate(table):
        phases = listed(f"rows[{i}]['phases']", row["phases"], "names")
        if not phases:
            raise ValueError(f"rows[{i}]['phases'] must hold at least one moment; it is empty")
        for phase in phases:
            checks.one_of(f"rows[{i}]['phases']", phase, PHASES)
        letters = "".join(phase[0] for phase in phases)
        done = letters.rfind("s") + 1
        known["phases"].append(letters[:done] + "a" * (len(letters) - done) if done else letters)
        below = [0.0] * len(phases)
        for kind in reversed(KINDS):
            found = numbers(f"rows[{i}][{kind!r}]", row[kind], 0, MOST_BYTES)
            if len(found) != len(phases):
                raise ValueError(
                    f"rows[{i}][{kind!r}] must hold a number of bytes for each of the "
                    f"{len(phases)} phases; got {len(found)}"
                )
            above = [a + b for a, b in zip(below, found, strict=True)]
            pairs = zip(below, above, strict=True)  # heights are rounded: totals are exact
            known[kind].append([round(b / unit) - round(a / unit) for a, b in pairs])
            below = above
    offer, first = offered(options, labels, start)
    top = max(
        max(sum(sizes) for sizes in zip(*(known[k][i] for k in KINDS), strict=True))
        for i in range(len(table))
    )
    _, high, ticks = up(0.0, top / 10**digits, False, True)
    model: Model = {
        "chart": "tape",
        "title": written("title", title) or "What is alive during one update",
        "two": False,
        "digits": digits,
        "high": max(1, round(high * 10**digits)),
        "series": names_of(learners),
        "points": {"c": [at for _, at in options.values()], "s": which, **known},
        "controls": [
            *offer,
            {
                "label": "moment",
                "names": [f"{2 * k} %" for k in range(STOPS + 1)],
                "slider": True,
            },
        ],
        "drag": len(offer),
        "stops": [2 * k for k in range(STOPS + 1)],
        "start": [[*first, moment // 2]],
        "ticks": ticks,
        "names": NAMES,
        "said": {phase[0]: name for phase, name in PHASES.items()} | {"a": AFTER},
    }
    return Explorer(model, sys.modules[__name__])


# --- what the page says ----------------------------------------------------------------------


def look(model: Model) -> Look:
    """What stays as it is whatever is selected."""
    legend = [(f"k{k}", SHAPES[1], name) for k, name in enumerate(model["names"])]
    panels = [(s, name, 110) for s, name in enumerate(model["series"])]
    left = 16 + 7 * max(len(text) for _, text in model["ticks"])
    note = (
        "Kinds are piled up as the legend names them, the last one at the bottom. The second "
        "update of the net, or of its last layer where layers train one by one. Weights are not "
        "counted, and changes too small to be seen are left out. What checkpointing computes again "
        "is among the other. Drag across the picture, or move the slider."
    )
    return Look(panels, left, "MB", "from the beginning of the update to its end", legend, note)


def words(model: Model) -> str:
    """Learner by learner, the moment that is shown first, and the highest point."""
    said = []
    for name, when, held, _, most in _moments(model):
        said.append(f"{name}: {_mb(model, held)} MB ({when}), highest {_mb(model, most)} MB")
    return f"{'; '.join(said)}."


def table(model: Model) -> str:
    """What each learner holds at that moment, kind by kind."""
    rows = [
        [name, when, *(_mb(model, units) for units in (held, *kinds, most))]
        for name, when, held, kinds, most in _moments(model)
    ]
    return rows_as_table(["learner", "phase", "MB", *model["names"], "highest"], rows)


def _moments(model: Model) -> Iterator[tuple[str, str, int, list[int], int]]:
    """Of each learner its name, and at the first moment: phase, total, kinds, and the highest."""
    (pick,), points = model["start"], model["points"]
    for i in sorted(select(model, pick), key=points["s"].__getitem__):
        phases = points["phases"][i]
        moments = list(zip(*(points[kind][i] for kind in KINDS), strict=True))
        now = min(len(phases) - 1, pick[-1] * len(phases) // STOPS)
        name, when = model["series"][points["s"][i]], model["said"][phases[now]]
        yield name, when, sum(moments[now]), list(moments[now]), max(map(sum, moments))


def _mb(model: Model, units: int) -> str:
    return f"{units / 10 ** model['digits']:.{model['digits']}f}"
