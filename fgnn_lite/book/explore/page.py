"""The page around a picture: words and a table, and for the script its controls and its drawing.

A picture is a module (`chart`, `nodes`, `histograms`, `tape`) that says what a selection shows:

    look(model), frame(model, panel)                        what never changes
    marks(model, picks, panel), words(...), table(...)      what follows the controls
    SCRIPT                                                  the file that says the same in a browser

A browser draws the marks; those of Python are what the tests hold it to.

What stands on the page by itself is plain HTML: where no script runs, or where a notebook's outputs
are not trusted and lose style, script and SVG, it is a table with its words. `explorer.js` puts the
controls and the drawing in, and connects them to that script.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from types import ModuleType
from typing import Any, NamedTuple

from fgnn_lite.book.looks import SHAPES

MOST_BYTES = 1_000_000  # more is slow to redraw; a page of the book holds itself to 150 KB
Model = dict[str, Any]
Picks = Sequence[Sequence[int]]  # one or two selections: the index of each control's value


class Look(NamedTuple):
    """What stays as it is whatever is selected.

    Attributes:
        panels: number (`None` if there is but one), name and height in pixels of each.
        left: room for the names of the ticks, in pixels.
        above: what stands above the panels, the name of the axis of values.
        below: what stands below them.
        legend: class, shape and name of each kind of mark.
        note: a last remark.
    """

    panels: Sequence[tuple[int | None, str, int]]
    left: int
    above: str
    below: str
    legend: list[tuple[str, str, str]]
    note: str


class Explorer:
    """A picture with controls: HTML, SVG and a small script, the same in a notebook and on a page.

    `explorer`, `nodes`, `histograms` and `tape` make it.

    Args:
        model: what the page is to know, checked already.
        picture: the module that draws it.

    Attributes:
        model: what the page knows: names, and the numbers of every selection.
        alt: the first selection in words.
        html: all of it. Without scripts it shows the words and the table of the first selection.

    Raises:
        ValueError: if it gets over 1 MB.
    """

    def __init__(self, model: Model, picture: ModuleType) -> None:
        self.model = model
        self.alt = str(picture.words(model, model["start"]))
        self.html = html(model, picture, self.alt)
        size = len(self.html.encode())
        if size > MOST_BYTES:
            raise ValueError(
                f"rows must make at most {MOST_BYTES / 1e6:g} MB of HTML; they make "
                f"{size / 1e6:.1f} MB (fewer controls, fewer values, or fewer digits)"
            )

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.alt


# --- what pictures need ----------------------------------------------------------------------


def per_cent(value: float) -> float:
    """Two decimals, rounded as the script rounds."""
    return math.floor(100 * value + 0.5) / 100


def select(model: Model, pick: Sequence[int]) -> list[int]:
    """The points that a selection shows; a control that does not apply (-1) hides none."""
    columns = model["points"]["c"]
    sizes = {len(values) for name, values in model["points"].items() if name != "c"}
    shown = zip(columns, pick, strict=False)  # further controls choose no rows
    wanted = [(column, (k, -1)) for column, k in shown]
    return [i for i in range(min(sizes)) if all(column[i] in ks for column, ks in wanted)]


def chosen(model: Model, picks: Picks, tag: int) -> str:
    """What a selection is, in words."""
    pairs = zip(model["controls"], picks[tag], strict=True)
    head = [f"{control['label']} {control['names'][k]}" for control, k in pairs]
    return ", ".join(["AB"[tag], *head] if len(picks) > 1 else head)


def level(at: float, text: str, kind: str = "") -> str:
    """A line across the picture, so many per cent from the top, and its number at the left."""
    return (
        f'<line{kind} x2="100%" y1="{at:g}%" y2="{at:g}%"/>'
        f'<text x="-8" y="{at:g}%" dy=".35em" class="end">{text}</text>'
    )


def notch(at: float, text: str) -> str:
    """A mark below the picture, so many per cent from the left, and what stands there."""
    mark = f'<path d="M0 0v5"/><text y="18" class="mid">{text}</text>'
    return f'<svg x="{at:g}%" y="100%">{mark}</svg>'


def rows_as_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """What stands within `<table>`."""
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    body = [f"<tr>{''.join(f'<td>{escape(text)}</td>' for text in row)}</tr>" for row in rows]
    return f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody>"


def key(model: Model, tag: str) -> str:
    """How the marks of a selection are drawn."""
    k = "AB".index(tag)
    own = len(model["series"]) > 1 or model["tint"]  # colours are those of methods or series
    look = f"t{k}" if own else f"t{k} s{k}"
    drawn = '<rect x="3" y="1" width="24" height="10"/>'
    if model["chart"] != "bar":
        drawn = f'<path d="M0 6h30"/><path d="{SHAPES[0]}" transform="translate(15 6)"/>'
    return f'<svg class="fx-key {look}" viewBox="0 0 30 12" aria-hidden="true">{drawn}</svg>'


# --- the page --------------------------------------------------------------------------------


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
    """The controls of both selections."""
    if not model["controls"]:
        return ""
    first, *second = model["start"]
    out = ['<div class="fx-controls">']
    for tag, pick in (("A", first), ("B", (second or [first])[0]))[: 1 + model["two"]]:
        fields = [
            _control(c["label"], c["names"], c["slider"], k)
            for c, k in zip(model["controls"], pick, strict=True)
        ]
        off = "" if second or tag == "A" else " hidden"
        legend = f"<legend>{key(model, tag)}{tag}</legend>" if model["two"] else ""
        out.append(f'<fieldset class="fx-{tag}"{off}>{legend}{"".join(fields)}</fieldset>')
    if model["two"]:
        tick = f'<input type="checkbox"{" checked" if second else ""}>'
        out.append(f'<label class="fx-two">{tick} compare two selections</label>')
    return "".join([*out, "</div>"])


def _panel(model: Model, picture: ModuleType, panel: tuple[int | None, str, int]) -> str:
    """One SVG: its frame, and room for the marks."""
    number, name, height = panel
    head = f'<p class="fx-name">{escape(name)}</p>' if number is not None else ""
    return (
        f'<div class="fx-panel">{head}<div class="fx-plot" style="height:{height}px">'
        '<svg role="group">'
        f'<g class="fx-frame" aria-hidden="true">{picture.frame(model, number)}</g>'
        '<g class="fx-marks"></g></svg>'
        '<div class="fx-tip" aria-hidden="true" hidden></div></div></div>'
    )


def _lean(text: str) -> str:
    """A script or style without indents, and without the lines that are comments."""
    lines = [line.strip() for line in text.splitlines()]
    return "".join(f"{line}\n" for line in lines if line and not line.startswith(("//", "/*")))


def _key_of(kind: str, shape: str, name: str) -> str:
    """A line of the legend: how a kind of mark, and its line if there is one, is drawn."""
    half, line = (17, '<path class="fx-dash" d="M-17 0h34"/>') if "fx-l" in kind else (7, "")
    kind = kind.removesuffix(" fx-l")
    return (
        f'<span><svg class="fx-m {kind}" width="{2 * half}" height="14" '
        f'viewBox="-{half} -7 {2 * half} 14" aria-hidden="true">{line}<path d="{shape}"/></svg>'
        f"{escape(name)}</span>"
    )


def _parts(model: Model, picture: ModuleType) -> list[str]:
    """What the script puts above the words and below them: the controls, and the picture."""
    look = picture.look(model)
    legend = "".join(_key_of(*each) for each in look.legend)
    drawn = "".join(_panel(model, picture, panel) for panel in look.panels)
    shown = '<p class="fx-still" hidden></p>' if model["controls"] else ""  # on paper
    below = "".join(
        [
            f'<p class="fx-legend">{legend}</p>' if legend else "",
            f'<p class="fx-y">{escape(look.above)}</p>' if look.above else "",
            f'<div class="fx-panels" style="--left:{look.left}px">{drawn}</div>',
            f'<p class="fx-x">{escape(look.below)}</p>' if look.below else "",
            f'<p class="fx-note">{escape(look.note)}</p>' if look.note else "",
        ]
    )
    return [_controls(model) + shown, below]


OFF = (
    '<p class="fx-off">The picture and its controls need scripts.<span class="fx-trust"> In '
    "Jupyter they appear when this cell is run, or the notebook is trusted: press Ctrl+Shift+C "
    "and choose Trust Notebook.</span></p>"
)


def html(model: Model, picture: ModuleType, words: str) -> str:
    """What stands in the page: style, words, table, data and script."""
    title = escape(model["title"])
    body = "".join(
        [
            f'<p class="fx-title">{title}</p>{OFF}<div class="fx-top"></div>',
            f'<div class="fx-said"><p class="fx-words">{escape(words)}</p></div>',
            '<div class="fx-stage"></div><p class="fx-live" role="status"></p>',
            "<details open><summary>The numbers as a table</summary>",
            f'<div class="fx-scroll" tabindex="0" role="region" aria-label="{title}, as a table">',
            f"<table>{picture.table(model, model['start'])}</table></div></details>",
        ]
    )
    parts = "".join(f'<script type="text/html">{part}</script>' for part in _parts(model, picture))
    model = {name: value for name, value in model.items() if name != "ticks"}
    data = json.dumps(model, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":  # nothing in a name may end the script
        data = data.replace(sign, f"\\u{ord(sign):04x}")
    here = files("fgnn_lite.book.explore")
    style, script, own = (
        _lean((here / name).read_text("utf8"))
        for name in ("explorer.css", "explorer.js", picture.SCRIPT)
    )
    content = f"<style>{style}</style>{body}{parts}"
    whole = (content + data + script + own).encode()
    mark = f"fx-{hashlib.sha256(whole).hexdigest()[:12]}"
    return (
        f'<div class="fgnn-explorer fx-{model["chart"]}" data-fx="{mark}" role="group" '
        f'aria-label="{title}" data-lm-suppress-shortcuts="true">{content}'
        f'<script type="application/json">{data}</script>'
        f"<script>(function () {{\n{script}{own}"
        f'fgnnExplorer.start("{mark}", fgnnPicture);\n}})();</script></div>'
    )
