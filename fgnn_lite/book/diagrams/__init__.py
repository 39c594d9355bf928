"""A schematic of every method, in one grammar, and beside each the method in a few lines.

    from fgnn_lite.book import diagrams

    diagrams.draw("sf")

What a mark means stands under each picture. `"update"` and `"schedule"` can be stepped through, by
buttons or arrow keys; where no script runs all their steps are shown. `"map"` is a table.
"""

from __future__ import annotations

from html import escape
from importlib.resources import files
from typing import Any

from fgnn_lite import checks
from fgnn_lite.book.diagrams.marks import LEGEND, svg
from fgnn_lite.book.diagrams.steps import STEPPED
from fgnn_lite.book.diagrams.stills import STILLS
from fgnn_lite.book.diagrams.table import alt, table
from fgnn_lite.book.diagrams.words import WORDS
from fgnn_lite.book.playground.squeeze import squeeze, squeeze_style

__all__ = ["DIAGRAMS", "OF_LEARNERS", "Diagram", "draw"]

DIAGRAMS = (*STILLS, *STEPPED, "map")
OF_LEARNERS = {  # learner -> its schematic
    "bp": "bp",
    "ff-la": "ff-la",
    "ff-vn": "ff-vn",
    "sf": "sf",
    "sf-top-to-input": "top-to-input",
    "sf-top-to-loss": "top-to-loss",
    "link-bp": "links",
    "link-ce": "links",
    "link-ff": "links",
    "link-ce-top-to-input": "top-to-input",
    "sgc": "map",
    "sign": "map",
    "mlp": "bp",
    "dgmlp": "map",
    "dagnn": "map",
    "dfa": "dfa",
    "class-groups": "class-groups",
    "local-heads": "local-heads",
    "cafo": "local-heads",
    "ccl": "label-net",
    "graph-bp": "bp",
    "graph-sf": "whole",
    "graph-prototypes": "whole",
    "graph-ff": "ff-la",
    "graph-local-heads": "local-heads",
    "cluster-sf": "clusters",
    "cluster-dgi": "dgi",
}


class Diagram:
    """A schematic: a notebook shows it as the last value of a cell.

    Args:
        name: which one.
        title: stands above it.
        alt: what it shows, in words.
        body: the picture and what stands beside it, as HTML.

    Attributes:
        html: all of it.
    """

    def __init__(self, name: str, title: str, alt: str, body: str) -> None:
        self.name, self.title, self.alt = name, title, alt
        self.html = (
            f'<div class="fgnn-diagram" data-fd="{name}" role="group" aria-label="{escape(title)}" '
            f'data-lm-suppress-shortcuts="true">{_style(name)}'
            f'<p class="fd-title">{escape(title)}</p>{body}{_legend(body)}{_script(name)}</div>'
        )

    def _repr_html_(self) -> str:
        return self.html

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.alt}

    def __repr__(self) -> str:
        return self.alt


def draw(name: str) -> Diagram:
    """Draw the schematic of a method, or of what several methods share.

    Args:
        name: one of `DIAGRAMS`.

    Returns:
        The object that a notebook shows.

    Raises:
        ValueError: if there is no such schematic.
        TypeError: if `name` is no text.

    Chapter 1.
    """
    name = checks.one_of("name", name, DIAGRAMS)
    if name == "map":
        return Diagram(name, "All methods on one map", alt(), table())
    if name in STEPPED:
        title, high, frames = STEPPED[name]
        said = [words for words, _ in frames()]
        shown = "".join(
            f"<figure>{svg(marks, f'Step {k}', f'Step {k} of {len(said)}, drawn', high)}"
            f"<figcaption>{escape(words)}</figcaption></figure>"
            for k, (words, marks) in enumerate(frames(), start=1)
        )
        body = f'<div class="fd-frames">{shown}</div>'
        return Diagram(name, title, f"{title}. {' '.join(said)}", body)
    (high, marks), words = STILLS[name], WORDS[name]
    picture = svg(marks(), words.title, words.alt, high)
    body = f'<div class="fd-main"><div>{picture}</div>{_algorithm(words.algorithm)}</div>'
    return Diagram(name, words.title, words.alt, body)


def _algorithm(text: str) -> str:
    """Lines `part | words`; words that are indented belong to the line above."""
    lines = []
    for line in text.strip().splitlines():
        part, _, words = line.partition("|")
        depth = (len(words) - len(words.lstrip()) - 1) // 2
        inner = f' style="--in:{depth}"' if depth else ""
        lines.append(f"<p><b>{part.strip()}</b> <span{inner}>{escape(words.strip())}</span></p>")
    return f'<div class="fd-box">{"".join(lines)}</div>'


def _legend(body: str) -> str:
    """The marks that a picture has."""
    found = [
        f'<span><svg viewBox="0 0 28 16" aria-hidden="true">{sample}</svg>{means}</span>'
        for mark, sample, means in LEGEND
        if f'"{mark}"' in body
    ]
    return f'<p class="fd-legend">{"".join(found)}</p>'


def _style(name: str) -> str:
    """The style sheets that a picture needs."""
    more = ["steps"] * (name in STEPPED) + ["table"] * (name == "map")
    texts = [_read(f"{each}.css") for each in ("diagrams", *more)]
    return f"<style>{squeeze_style(''.join(texts))}</style>"


def _script(name: str) -> str:
    if name not in STEPPED:
        return ""
    code = squeeze(_read("steps.js").replace("NAME", name))
    return f"<script>(function () {{\n{code}}})();</script>"


def _read(file: str) -> str:
    return (files(__package__) / file).read_text("utf8")
