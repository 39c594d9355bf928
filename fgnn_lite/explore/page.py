"""What an explorer shows, from its model: the still picture, words and table, and the page.

`select`, `value`, `marks`, `words` and `table` are in `explorer.js`, too, which draws every other
selection; a test holds the two to the same strings.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from typing import Any

CHARTS = {"line": "Lines", "bar": "Bars", "scatter": "Points", "multiples": "Panels of lines"}
SHAPES = (
    "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
    "M-3.6-3.6h7.2v7.2h-7.2z",
    "M0-4.9 4.7 3.5h-9.4z",
    "M0-5.3 5 0 0 5.3-5 0z",
    "M0 4.9 4.7-3.5h-9.4z",
    "M-1.5-4.5h3v3h3v3h-3v3h-3v-3h-3v-3h3z",
)
BAR, GAP = 24, 26  # height of a series' bars, and of a name above them, in pixels
Model = dict[str, Any]
Picks = Sequence[Sequence[int]]  # one or two selections: the index of each control's value


def per_cent(value: float) -> float:
    """Two decimals, rounded as the script rounds."""
    return math.floor(100 * value + 0.5) / 100


def select(model: Model, pick: Sequence[int]) -> list[int]:
    """The points that a selection shows; a control that does not apply (-1) hides none."""
    columns = model["points"]["c"]
    return [
        i
        for i in range(len(model["points"]["m"]))
        if all(column[i] in (k, -1) for column, k in zip(columns, pick, strict=True))
    ]


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
        chosen = select(model, pick)
        for s, name in enumerate(model["series"]):
            own = [i for i in chosen if points["s"][i] == s]
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
        head = _chosen(model, picks, tag)
        chosen, parts = select(model, pick), []
        for s, name in enumerate(model["series"]):
            own = [i for i in chosen if points["s"][i] == s]
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


def _chosen(model: Model, picks: Picks, tag: int) -> str:
    """What a selection is, in words."""
    chosen = zip(model["controls"], picks[tag], strict=True)
    head = [f"{control['label']} {control['names'][k]}" for control, k in chosen]
    return ", ".join(["AB"[tag], *head] if len(picks) > 1 else head)


def table(model: Model, picks: Picks) -> str:
    """The selection as a table: what stands within `<table>`."""
    points, two, many = model["points"], len(picks) > 1, len(model["series"]) > 1
    heads = ["selection"] * two + ["series"] * many + [model["x"]["label"], model["y"]["label"]]
    heads += ["lowest", "highest", model["seeds"]] if model["seeds"] else []
    out = ["<thead><tr>", *(f'<th scope="col">{escape(head)}</th>' for head in heads)]
    out.append("</tr></thead><tbody>")
    for tag, pick in enumerate(picks):
        for i in select(model, pick):
            cells = ["AB"[tag]] * two + [model["series"][points["s"][i]]] * many
            cells.append(model["x"]["names"][points["x"][i]])
            kinds = ("m", "lo", "hi") if model["seeds"] else ("m",)
            cells += [f"{points[kind][i]:.{model['digits']}f}" for kind in kinds]
            cells += [str(points["n"][i])] if model["seeds"] else []
            out.append(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>")
    return "".join([*out, "</tbody>"])


def _frame(model: Model) -> str:
    """Grid, ticks and names: what stays as it is whatever is selected."""
    bar, out = model["chart"] == "bar", []
    for tick, text in model["ticks"]["y"]:
        at = f"{_y(model, tick):g}%"
        if bar:
            out.append(f'<line x1="{at}" x2="{at}" y2="100%"/>')
            out.append(f'<svg x="{at}" y="100%"><text y="18" class="mid">{text}</text></svg>')
        else:
            out.append(f'<line x2="100%" y1="{at}" y2="{at}"/>')
            out.append(f'<text x="-8" y="{at}" dy=".35em" class="end">{text}</text>')
    for at, text in model["ticks"]["x"]:
        mark = f'<path d="M0 0v5"/><text y="18" class="mid">{text}</text>'
        out.append(f'<svg x="{at:g}%" y="100%">{mark}</svg>')
    if bar:
        step = GAP + BAR * len(model["series"])
        for k, name in enumerate(model["x"]["names"]):
            out.append(f'<text y="{k * step + 16}" class="name">{escape(name)}</text>')
    return "".join(out)


def _control(label: str, names: Sequence[str], slider: bool, k: int) -> str:
    """A slider or a drop-down over the values of a control."""
    name = f"<span>{escape(label)}{f' <b>{escape(names[k])}</b>' if slider else ''}</span>"
    lab = 'data-lm-suppress-shortcuts="true"'  # JupyterLab leaves the arrow keys to us
    if slider:
        field = (
            f'<input type="range" min="0" max="{len(names) - 1}" step="1" value="{k}" {lab} '
            f'aria-label="{escape(label)}" aria-valuetext="{escape(names[k])}">'
        )
    else:
        chosen = ["", " selected"]
        options = [f"<option{chosen[i == k]}>{escape(n)}</option>" for i, n in enumerate(names)]
        field = f'<select {lab} aria-label="{escape(label)}">{"".join(options)}</select>'
    return f"<label>{name}{field}</label>"


def _controls(model: Model) -> str:
    """Both selections' controls, hidden until the script runs."""
    if not model["controls"]:
        return ""
    first, *second = model["start"]
    out = ['<div class="fx-controls" hidden>']
    for tag, pick in (("A", first), ("B", (second or [first])[0])):
        fields = [
            _control(c["label"], c["names"], c["slider"], k)
            for c, k in zip(model["controls"], pick, strict=True)
        ]
        off = "" if second or tag == "A" else " hidden"
        out.append(f'<fieldset class="fx-{tag}"{off}><legend>{_key(model, tag)}{tag}</legend>')
        out.append("".join(fields) + "</fieldset>")
    on = " checked" if second else ""
    out.append(f'<label class="fx-two"><input type="checkbox"{on}> compare two selections</label>')
    return "".join([*out, "</div>"])


def _key(model: Model, tag: str) -> str:
    """How the marks of a selection are drawn."""
    k = "AB".index(tag)
    look = f"t{k}" if len(model["series"]) > 1 else f"t{k} s{k}"
    drawn = '<rect x="3" y="1" width="24" height="10"/>'
    if model["chart"] != "bar":
        drawn = f'<path d="M0 6h30"/><path d="{SHAPES[0]}" transform="translate(15 6)"/>'
    return f'<svg class="fx-key {look}" viewBox="0 0 30 12" aria-hidden="true">{drawn}</svg>'


def _lean(text: str) -> str:
    """A script or style without indents, and without the lines that are comments."""
    lines = [line.strip() for line in text.splitlines()]
    return "".join(f"{line}\n" for line in lines if line and not line.startswith(("//", "/*")))


def html(model: Model) -> str:
    """The page's part: style, controls, picture, words, table, data and script."""
    picks, bar = model["start"], model["chart"] == "bar"
    many = len(model["series"]) > 1
    said, title = words(model, picks), escape(model["title"])
    panels: list[int | None] = [None]
    height, left = 300, 16 + 7 * max(len(text) for _, text in model["ticks"]["y"])
    if model["chart"] == "multiples":
        panels, height = list(range(len(model["series"]))), 170
    if bar:
        height, left = len(model["x"]["names"]) * (GAP + BAR * len(model["series"])) + 4, 0
    frame = f'<g class="fx-frame" aria-hidden="true">{_frame(model)}</g>'
    drawn, legend = [], []
    for panel in panels:
        name = "" if panel is None else f"{model['series'][panel]}. "
        head = f'<p class="fx-name">{escape(name[:-2])}</p>' if name else ""
        drawn.append(
            f'<div class="fx-panel">{head}<div class="fx-plot" style="height:{height}px">'
            f'<svg role="group" aria-label="{escape(name + said)}">{frame}'
            f'<g class="fx-marks">{marks(model, picks, panel)}</g></svg>'
            '<div class="fx-tip" aria-hidden="true" hidden></div></div></div>'
        )
    for s, name in enumerate(model["series"] if many and panels == [None] else []):
        legend.append(
            f'<span><svg class="fx-m s{s}" width="14" height="14" viewBox="-7 -7 14 14" '
            f'aria-hidden="true"><path d="{SHAPES[s]}"/></svg>{escape(name)}</span>'
        )
    shown = [escape(_chosen(model, picks, tag)) for tag in range(len(picks))]
    if len(picks) > 1:
        shown = [_key(model, tag) + text for tag, text in zip("AB", shown, strict=True)]
    still = f"Shown: {'; '.join(shown)}. To choose needs scripts (in Jupyter, a trusted notebook)."
    note = ""
    if model["seeds"]:
        counts = model["points"]["n"]
        most = f"{'up to ' if min(counts) < max(counts) else ''}{max(counts)} {model['seeds']}"
        reach = "whiskers" if bar else "whiskers and bands"
        note = f"Means over {most}; {reach} reach from the lowest to the highest."
    y, x = escape(model["y"]["label"]), escape(model["x"]["label"])
    below = f'<p class="fx-x">{y if bar else x}</p>'
    body = "".join(
        [
            f'<p class="fx-title">{title}</p>',
            _controls(model),
            f'<p class="fx-still">{still}</p>' if model["controls"] else "",
            f'<p class="fx-legend">{"".join(legend)}</p>' if legend else "",
            f'<p class="fx-y">{x if bar else y}</p>',
            f'<div class="fx-panels" style="--left:{left}px">{"".join(drawn)}</div>{below}',
            f'<p class="fx-note">{escape(note)}</p>' if note else "",
            f'<p class="fx-words" role="status">{escape(said)}</p>',
            "<details open><summary>The numbers as a table</summary>",
            f'<div class="fx-scroll" tabindex="0" role="region" aria-label="{title}, as a table">',
            f"<table>{table(model, picks)}</table></div></details>",
        ]
    )
    data = json.dumps(
        {**{k: v for k, v in model.items() if k != "ticks"}, "shapes": SHAPES, "kinds": CHARTS},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    for sign in "<>&\u2028\u2029":  # nothing in a name may end the script
        data = data.replace(sign, f"\\u{ord(sign):04x}")
    here = files("fgnn_lite.explore")
    style, script = (_lean((here / f"explorer.{kind}").read_text("utf8")) for kind in ("css", "js"))
    content = f"<style>{style}</style>{body}"
    mark = f"fx-{hashlib.sha256((content + data + script).encode()).hexdigest()[:12]}"
    return (
        f'<div class="fgnn-explorer fx-{model["chart"]}" id="{mark}" role="group" '
        f'aria-label="{title}" data-lm-suppress-shortcuts="true">{content}'
        f'<script type="application/json">{data}</script>'
        f'<script>(function () {{\n{script}fgnnExplorer.start("{mark}");\n}})();</script></div>'
    )
