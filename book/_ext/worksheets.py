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
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slides import ROOT, made, text

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
    """A page of its own; its title is the first heading, and `---` parts its boxes."""
    title = re.search(r"^# (.+)$", source, re.M)[1]
    boxes = "".join(
        f"<section>{body(each)}</section>" for each in re.split(r"^---$", source, flags=re.M)
    )
    style = (SOURCES / "sheet.css").read_text(encoding="utf8")
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head>\n"
        f"<body><main>{boxes}</main></body></html>\n"
    )


def write(app: Sphinx, error: Exception | None) -> None:
    """Put the worksheets beside the pages."""
    if error or app.builder.name != "html":
        return
    target = Path(app.outdir) / "worksheets"
    target.mkdir(exist_ok=True)
    for path in sorted(SOURCES.glob("*.md")):
        page = sheet(path.read_text(encoding="utf8"))
        (target / f"{path.stem}.html").write_text(page, encoding="utf8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("build-finished", write)
    return {"version": "1.0", "parallel_read_safe": True, "parallel_write_safe": True}
