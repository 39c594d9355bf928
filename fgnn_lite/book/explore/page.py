"""The page around a picture: words and a table, and for the script its controls and its drawing.

A picture is a module (`chart`, `nodes`, `histograms`, `tape`):

    look(model)                     what stays as it is whatever is selected: legend, panels, note
    words(model), table(model)      the first selection

The script and the style of its name draw, and say the same of every selection.

What stands on the page by itself is plain HTML: where no script runs, or where a notebook's outputs
are not trusted and lose style, script and SVG, it is a table with its words. `explorer.js` puts the
controls and the panels in, and lets the picture's own script draw in them.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from types import ModuleType
from typing import Any, NamedTuple

from fgnn_lite.book.looks import SHAPES

MOST_BYTES = 1_000_000  # more is slow to redraw; a page of the book holds itself to 150 KB
Model = dict[str, Any]  # "start" has one or two selections: the index of each control's value


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
    """A picture with controls: a table and a small script, the same in a notebook and on a page.

    `explorer`, `nodes`, `histograms` and `tape` make it. On a page, but not in a notebook, the
    address follows what is chosen: a link with it reopens the selection.

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
        said = str(picture.words(model))
        self.alt = " ".join(filter(None, (f"{model['title']}.", shown(model), said)))
        self.html = html(model, picture, said)
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
    pairs = zip(columns, pick, strict=False)  # further controls choose no rows
    wanted = [(column, (k, -1)) for column, k in pairs]
    return [i for i in range(min(sizes)) if all(column[i] in ks for column, ks in wanted)]


def shown(model: Model) -> str:
    """What is selected at first, in words; nothing where there is nothing to select."""
    said = []
    for tag, pick in zip("AB", model["start"], strict=False):
        pairs = zip(model["controls"], pick, strict=True)
        head = ", ".join(f"{control['label']} {control['names'][k]}" for control, k in pairs)
        said.append(f"{tag}: {head}" if len(model["start"]) > 1 else head)
    return f"Shown: {'; '.join(said)}." if model["controls"] else ""


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


def _panel(number: int | None, name: str, height: int) -> str:
    """Room for one SVG, and for what is said beside its marks."""
    head = f'<p class="fx-name">{escape(name)}</p>' if number is not None else ""
    return (
        f'<div class="fx-panel">{head}<div class="fx-plot" style="height:{height}px">'
        '<svg role="group" class="fx-marks"></svg>'
        '<div class="fx-tip" aria-hidden="true" hidden></div></div></div>'
    )


def _script(name: str) -> str:
    """A script without indents, and without the lines that are comments."""
    text = (files("fgnn_lite.book.explore") / f"{name}.js").read_text("utf8")
    lines = [line.strip() for line in text.splitlines()]
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("//"))


def _style(name: str) -> str:
    """A style without comments, and without needless blanks."""
    text = (files("fgnn_lite.book.explore") / f"{name}.css").read_text("utf8")
    text = " ".join(re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).split())
    return re.sub(r" ?([{};,]) ?|(:) ", r"\1\2", text)


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
    drawn = "".join(_panel(*panel) for panel in look.panels)
    below = "".join(
        [
            f'<p class="fx-legend">{legend}</p>' if legend else "",
            f'<p class="fx-y">{escape(look.above)}</p>' if look.above else "",
            f'<div class="fx-panels" style="--left:{look.left}px">{drawn}</div>',
            f'<p class="fx-x">{escape(look.below)}</p>' if look.below else "",
            f'<p class="fx-note">{escape(look.note)}</p>' if look.note else "",
        ]
    )
    return [_controls(model), below]


OFF = (
    '<p class="fx-off">The picture and its controls need scripts.<span class="fx-trust"> In '
    "Jupyter they appear when this cell is run, or the notebook is trusted: press Ctrl+Shift+C "
    "and choose Trust Notebook.</span></p>"
)


def html(model: Model, picture: ModuleType, words: str) -> str:
    """What stands in the page: style, words, table, data and script."""
    title, still = escape(model["title"]), escape(shown(model))
    body = "".join(
        [
            f'<p class="fx-title">{title}</p>{OFF}<div class="fx-top"></div>',
            f'<p class="fx-still">{still}</p>' if still else "",
            f'<div class="fx-said"><p class="fx-words">{escape(words)}</p></div>',
            '<div class="fx-stage"></div><p class="fx-live" role="status"></p>',
            "<details open><summary>The numbers as a table</summary>",
            f'<div class="fx-scroll" tabindex="0" role="region" aria-label="{title}, as a table">',
            f"<table>{picture.table(model)}</table></div></details>",
        ]
    )
    parts = "".join(f'<script type="text/html">{part}</script>' for part in _parts(model, picture))
    data = json.dumps(model, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":  # nothing in a name may end the script
        data = data.replace(sign, f"\\u{ord(sign):04x}")
    name = picture.__name__.rpartition(".")[2]
    style, script = (read("explorer") + read(name) for read in (_style, _script))
    content = f"<style>{style}</style>{body}{parts}"
    whole = (content + data + script).encode()
    mark = f"fx-{hashlib.sha256(whole).hexdigest()[:12]}"
    return (
        f'<div class="fgnn-explorer fx-{model["chart"]}" data-fx="{mark}" role="group" '
        f'aria-label="{title}" data-lm-suppress-shortcuts="true">{content}'
        f'<script type="application/json">{data}</script>'
        f"<script>(function () {{\n{script}"
        f'fgnnExplorer.start("{mark}", fgnnPicture);\n}})();</script></div>'
    )
