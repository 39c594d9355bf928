"""Worksheets of the lessons: each file of `book/worksheets/` becomes one page of A4 to print.

What stands in them is Markdown, and lines of a kind, as in slides:

    diagram: sf             a schematic
    output: 07 vote         what a cell of a chapter has stored
    minutes: 50–62          when in the lesson
    space: 3                so many lines to write on
    axes: 32                two empty axes, so many millimetres high
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slides import ROOT, made, page, text

if TYPE_CHECKING:
    from sphinx.application import Sphinx

SOURCES = ROOT / "book" / "worksheets"
LINE = re.compile(r"^(diagram|output|minutes|space|axes): (.+)$", re.M)


def body(source: str) -> str:
    """Markdown with lines of a kind, as HTML."""
    first, *rest = LINE.split(source)
    parts = [text(first)]
    for kind, words, after in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        if kind == "space":
            parts.append('<p class="line"></p>' * int(words))
        elif kind == "axes":
            parts.append(f'<div class="axes" style="height: {int(words)}mm"></div>')
        else:
            parts.append(made(kind, words))
        parts.append(text(after))
    return "".join(parts)


def sheet(source: str) -> str:
    """A page of its own; `---` parts its boxes."""
    style = (SOURCES / "sheet.css").read_text(encoding="utf8")
    return page(source, style, lambda each: f"<section>{body(each)}</section>")


def write(app: Sphinx, error: Exception | None) -> None:
    """Put the worksheets beside the pages."""
    if error or app.builder.name != "html":
        return
    target = Path(app.outdir) / "worksheets"
    target.mkdir(exist_ok=True)
    for path in sorted(SOURCES.glob("*.md")):
        printed = sheet(path.read_text(encoding="utf8"))
        (target / f"{path.stem}.html").write_text(printed, encoding="utf8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("build-finished", write)
    return {"version": "1.0", "parallel_read_safe": True, "parallel_write_safe": True}
