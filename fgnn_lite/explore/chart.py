"""A chart of results: what it shows of a selection, in marks, in words and as a table.

`chart.js` says the same in the browser; a test holds the two to the same strings.
"""

from __future__ import annotations

import math
from html import escape

from fgnn_lite.explore.page import (
    SHAPES,
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
        legend = [(f"s{s}", SHAPES[s], name) for s, name in enumerate(series)]
    if bar:
        panels = [(None, "", len(model["x"]["names"]) * (GAP + BAR * len(series)) + 4)]
    if model["seeds"]:
        counts = model["points"]["n"]
        most = f"{'up to ' if min(counts) < max(counts) else ''}{max(counts)} {model['seeds']}"
        reach = "whiskers" if bar else "whiskers and bands"
        note = f"Means over {most}; {reach} reach from the lowest to the highest."
    left = 0 if bar else 16 + 7 * max(len(text) for _, text in model["ticks"]["y"])
    axes = model["y"]["label"], model["x"]["label"]
    above, below = reversed(axes) if bar else axes
    return Look(panels, left, above, below, legend, note)


def frame(model: Model, panel: int | None) -> str:
    """Grid, ticks and names."""
    bar, out = model["chart"] == "bar", []
    for tick, text in model["ticks"]["y"]:
        if bar:
            at = f"{_y(model, tick):g}%"
            out.append(f'<line x1="{at}" x2="{at}" y2="100%"/>')
            out.append(f'<svg x="{at}" y="100%"><text y="18" class="mid">{text}</text></svg>')
        else:
            out.append(level(_y(model, tick), text))
    out += [notch(at, text) for at, text in model["ticks"]["x"]]
    if bar:
        step = GAP + BAR * len(model["series"])
        for k, name in enumerate(model["x"]["names"]):
            out.append(f'<text y="{k * step + 16}" class="name">{escape(name)}</text>')
    return "".join(out)


def value(model: Model, i: int) -> str:
    """A point's value, with what the seeds reach."""
    mean, low, high = (f"{model['points'][k][i]:.{model['digits']}f}" for k in ("m", "lo", "hi"))
    count = model["points"]["n"][i]
    return mean if count < 2 else f"{mean} ({low} to {high}, {count} {model['seeds']})"


def marks(model: Model, picks: Picks, panel: int | None) -> str:
    """The part of the SVG that follows the selection; `panel` is a series, or None for all."""
    points, bar, scatter = model["points"], model["chart"] == "bar", model["chart"] == "scatter"
    out = []
    for tag, pick in enumerate(picks):
        shown = select(model, pick)
        for s, name in enumerate(model["series"]):
            own = [i for i in shown if points["s"][i] == s]
            if not own or panel not in (None, s):
                continue
            look = f"s{s if len(model['series']) > 1 else tag} t{tag}"
            if not bar and not scatter:
                path = [f"{_x(model, i)} {_y(model, points['m'][i]):g}" for i in own]
                over = [f"{_x(model, i)} {_y(model, points['hi'][i]):g}" for i in own]
                under = [f"{_x(model, i)} {_y(model, points['lo'][i]):g}" for i in reversed(own)]
                out.append(
                    f'<svg class="fx-l {look}" viewBox="0 0 100 100" preserveAspectRatio="none">'
                    f'<path class="fx-b" d="M{"L".join(over + under)}z"/>'
                    f'<path d="M{"L".join(path)}"/></svg>'
                )
            for i in own:
                who = ("AB"[tag] + ", " if len(picks) > 1 else "") + (name + ", " if name else "")
                what = f"{who}{model['x']['label']} {model['x']['names'][points['x'][i]]}"
                label = escape(f"{what}: {value(model, i)}")
                low, mean, high = (_y(model, points[k][i]) for k in ("lo", "m", "hi"))
                if bar:
                    thick = BAR - 5 if len(picks) < 2 else BAR // 2 - 1
                    half = thick / 2
                    step = GAP + BAR * len(model["series"])
                    top = points["x"][i] * step + GAP - 4 + s * BAR + tag * (BAR // 2)
                    zero = _y(model, 0)
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
                    shape = SHAPES[s if len(model["series"]) > 1 else tag]
                    body = f'<path d="{shape}"/>'
                    place = f'x="{across}" y="{mean:g}%"'
                out.append(
                    f'<svg class="fx-m {look}" {place} role="img" aria-label="{label}">{body}</svg>'
                )
    return "".join(out)


def _x(model: Model, i: int) -> str:
    return f"{model['x']['at'][model['points']['x'][i]]:g}"


def _y(model: Model, number: float) -> float:
    """Where a value lies on its axis, in per cent: from the left for bars, else from the top."""
    axis = model["y"]
    low, v, high = (math.log2(w) if axis["log"] else w for w in (axis["low"], number, axis["high"]))
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
