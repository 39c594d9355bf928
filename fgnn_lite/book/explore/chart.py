"""A chart of results: what it shows of a selection, in marks, in words and as a table.

`chart.js` says the same in the browser; a test holds the two to the same strings.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any

from fgnn_lite.book.explore.page import (
    Look,
    Model,
    Picks,
    chosen,
    level,
    notch,
    per_cent,
    rows_as_table,
    select,
)
from fgnn_lite.book.looks import SHAPES

SCRIPT = "chart.js"
CHARTS = {"line": "Lines", "bar": "Bars", "scatter": "Points", "multiples": "Panels of lines"}
BAR, GAP = 24, 26  # height of a series' bars, and of a name above them, in pixels


def look(model: Model) -> Look:
    """What stays as it is whatever is selected."""
    bar, series = model["chart"] == "bar", model["series"]
    legend, note = [], ""
    panels: list[tuple[int | None, str, int]] = [(None, "", 300)]
    if model["chart"] == "multiples":
        panels = [(s, name, 170) for s, name in enumerate(series)]
    elif len(series) > 1:
        drawn = "" if bar or model["chart"] == "scatter" else " fx-l"
        looks = zip(model["looks"], series, strict=True)
        legend = [(f"s{hue} d{dash}{drawn}", SHAPES[hue], name) for (hue, dash), name in looks]
    if bar:
        panels = [(None, "", len(model["x"]["names"]) * (GAP + BAR * len(series)) + 4)]
    if model["seeds"]:
        counts = model["points"]["n"]
        most = f"{'up to ' if min(counts) < max(counts) else ''}{max(counts)} {model['seeds']}"
        reach = "whiskers" if bar else "whiskers and bands"
        note = f"Means over {most}; {reach} reach from the lowest to the highest."
    ticks = [text for axis in model["y"]["axes"] for _, text in axis["ticks"]]
    left = 0 if bar else 16 + 7 * max(map(len, ticks))
    axes = model["y"]["label"], model["x"]["label"]
    above, below = reversed(axes) if bar else axes
    return Look(panels, left, above, below, legend, note)


def frame(model: Model, panel: int | None) -> str:
    """What stands along the axis of places."""
    out = [notch(at, text) for at, text in model["ticks"]]
    if model["chart"] == "bar":
        step = GAP + BAR * len(model["series"])
        for k, name in enumerate(model["x"]["names"]):
            out.append(f'<text y="{k * step + 16}" class="name">{escape(name)}</text>')
    return "".join(out)


def _axis(model: Model, picks: Picks) -> dict[str, Any]:
    """The axis of values that a selection has."""
    y = model["y"]
    chosen = {pick[y["by"]] for pick in picks} if y["by"] >= 0 else set()
    return dict(y["axes"][1 + chosen.pop() if len(chosen) == 1 else 0])


def _levels(model: Model, axis: dict[str, Any]) -> str:
    """The grid of an axis, and its numbers."""
    out = []
    for tick, text in axis["ticks"]:
        at = _y(model, axis, tick)
        kind = ' class="fx-line"' if tick == model["y"]["line"] else ""
        if model["chart"] == "bar":
            out.append(
                f'<line{kind} x1="{at:g}%" x2="{at:g}%" y2="100%"/>'
                f'<svg x="{at:g}%" y="100%"><text y="18" class="mid">{text}</text></svg>'
            )
        else:
            out.append(level(at, text, kind))
    return f'<g class="fx-frame" aria-hidden="true">{"".join(out)}</g>'


def _look(model: Model, pick: Sequence[int], tag: int, i: int) -> list[int]:
    """The hue and the dash of a point: of its method, its series or its selection."""
    tint, points = model["tint"], model["points"]
    if tint is not None:
        found: list[int] = tint["looks"][points["x"][i] if tint["by"] < 0 else pick[tint["by"]]]
    elif len(model["series"]) > 1:
        found = model["looks"][points["s"][i]]
    else:
        found = [tag, 0]
    return found


def value(model: Model, i: int) -> str:
    """A point's value, with what the seeds reach."""
    mean, low, high = (f"{model['points'][k][i]:.{model['digits']}f}" for k in ("m", "lo", "hi"))
    count = model["points"]["n"][i]
    return mean if count < 2 else f"{mean} ({low} to {high}, {count} {model['seeds']})"


def marks(model: Model, picks: Picks, panel: int | None) -> str:
    """The part of the SVG that follows the selection; `panel` is a series, or None for all."""
    points, bar, scatter = model["points"], model["chart"] == "bar", model["chart"] == "scatter"
    axis = _axis(model, picks)
    out = [_levels(model, axis)]
    for tag, pick in enumerate(picks):
        shown = select(model, pick)
        for s, name in enumerate(model["series"]):
            own = [i for i in shown if points["s"][i] == s]
            if not own or panel not in (None, s):
                continue
            if not bar and not scatter:
                (hue, dash), back = _look(model, pick, tag, own[0]), own[::-1]
                path = [f"{_x(model, i)} {_y(model, axis, points['m'][i]):g}" for i in own]
                over = [f"{_x(model, i)} {_y(model, axis, points['hi'][i]):g}" for i in own]
                under = [f"{_x(model, i)} {_y(model, axis, points['lo'][i]):g}" for i in back]
                out.append(
                    f'<svg class="fx-l s{hue} d{dash} t{tag}" viewBox="0 0 100 100" '
                    'preserveAspectRatio="none">'
                    f'<path class="fx-b" d="M{"L".join(over + under)}z"/>'
                    f'<path d="M{"L".join(path)}"/></svg>'
                )
            for i in own:
                hue, _ = _look(model, pick, tag, i)
                look = f"s{hue} t{tag}"
                who = ("AB"[tag] + ", " if len(picks) > 1 else "") + (name + ", " if name else "")
                what = f"{who}{model['x']['label']} {model['x']['names'][points['x'][i]]}"
                label = escape(f"{what}: {value(model, i)}")
                low, mean, high = (_y(model, axis, points[k][i]) for k in ("lo", "m", "hi"))
                if bar:
                    thick = BAR - 5 if len(picks) < 2 else BAR // 2 - 1
                    half = thick / 2
                    step = GAP + BAR * len(model["series"])
                    top = points["x"][i] * step + GAP - 4 + s * BAR + tag * (BAR // 2)
                    zero = _y(model, axis, 0)
                    left, wide = min(zero, mean), per_cent(abs(mean - zero))
                    text = f"{points['m'][i]:.{model['digits']}f}"
                    body = (
                        f'<rect x="{left:g}%" width="{wide:g}%" height="{thick}"/>'
                        f'<line x1="{low:g}%" x2="{high:g}%" y1="{half:g}" y2="{half:g}"/>'
                        f'<svg x="{max(high, zero):g}%"><text x="6" y="{half + 4:g}">{text}'
                        "</text></svg>"
                    )
                    place = f'y="{top}" height="{thick}"'
                else:
                    across = f"{_x(model, i)}%"
                    if low != high:
                        out.append(
                            f'<line class="fx-w {look}" x1="{across}" x2="{across}" '
                            f'y1="{low:g}%" y2="{high:g}%"/>'
                        )
                    body = f'<path d="{SHAPES[hue]}"/>'
                    place = f'x="{across}" y="{mean:g}%"'
                out.append(
                    f'<svg class="fx-m {look}" {place} role="img" aria-label="{label}">{body}</svg>'
                )
    return "".join(out)


def _x(model: Model, i: int) -> str:
    return f"{model['x']['at'][model['points']['x'][i]]:g}"


def _y(model: Model, axis: dict[str, Any], number: float) -> float:
    """Where a value lies on its axis, in per cent: from the left for bars, else from the top."""
    log, ends = model["y"]["log"], (axis["low"], number, axis["high"])
    low, v, high = (math.log2(w) if log else w for w in ends)
    share = 100 * (v - low) / (high - low)
    return per_cent(share if model["chart"] == "bar" else 100 - share)


def words(model: Model, picks: Picks) -> str:
    """The selection in words: the text alternative."""
    axes = f"{model['y']['label']} by {model['x']['label']}"
    title = "" if model["title"] == axes else f"{model['title']}. "
    said = [f"{title}{CHARTS[model['chart']]} of {axes}."]
    points = model["points"]
    for tag, pick in enumerate(picks):
        head = chosen(model, picks, tag)
        shown, parts = select(model, pick), []
        for s, name in enumerate(model["series"]):
            own = [i for i in shown if points["s"][i] == s]
            listed = [
                f"{model['x']['names'][points['x'][i]]}: {points['m'][i]:.{model['digits']}f}"
                for i in own
            ]
            if len(own) > 9:
                best = max(range(len(own)), key=lambda k: points["m"][own[k]])
                worst = min(range(len(own)), key=lambda k: points["m"][own[k]])
                listed = [
                    f"{listed[0]} to {listed[-1]}, highest {listed[best]}, lowest {listed[worst]}"
                ]
            parts.append((name + " " if name else "") + (", ".join(listed) or "has no results"))
        said.append((f"{head}. " if head else "") + "; ".join(parts) + ".")
    return " ".join(said)


def table(model: Model, picks: Picks) -> str:
    """The selection as a table: what stands within `<table>`."""
    points, two, many = model["points"], len(picks) > 1, len(model["series"]) > 1
    heads = ["selection"] * two + ["series"] * many + [model["x"]["label"], model["y"]["label"]]
    heads += ["lowest", "highest", model["seeds"]] if model["seeds"] else []
    rows = []
    for tag, pick in enumerate(picks):
        for i in select(model, pick):
            cells = ["AB"[tag]] * two + [model["series"][points["s"][i]]] * many
            cells.append(model["x"]["names"][points["x"][i]])
            kinds = ("m", "lo", "hi") if model["seeds"] else ("m",)
            cells += [f"{points[kind][i]:.{model['digits']}f}" for kind in kinds]
            rows.append(cells + ([str(points["n"][i])] if model["seeds"] else []))
    return rows_as_table(heads, rows)
