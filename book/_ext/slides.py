"""Slides for a lesson: each file of `book/slides/` becomes one page of its own, that needs nothing.

A line `---` parts the slides. What stands in them is Markdown, and lines of a kind:

    diagram: sf                      a schematic
    playground: Too hot              an experiment that trains
    output: 07 temperatures          what a cell of a chapter printed or drew, as it is stored
    given: 10 race                   the same, where the question is about it
    ask: Where are the negatives?    a question, before any output that answers it
    minutes: 50–62                   when in the lesson: a row of the plan in the guide
    notes: Work it out at the board. for the teacher: seen with the key N, and on paper

Arrow keys, Page Up and Page Down turn the slides, and what follows a question; on paper, and where
no script runs, all of it is there.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from formulas import mathml
from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from fgnn_lite.book import diagrams
from fgnn_lite.book.playground import playground

SOURCES = ROOT / "book" / "slides"
KINDS = ("diagram", "playground", "output", "given", "ask", "minutes", "notes")
LINE = re.compile(rf"({'|'.join(KINDS)}): (.+)")
MARKDOWN = MarkdownIt("commonmark").enable("table")


def output(place: str) -> str:
    """What a cell has stored: its figure with its alt text, and what it printed."""
    chapter, cell_id = place.split()
    (path,) = (ROOT / "notebooks").glob(f"{chapter}_*.ipynb")
    cells = json.loads(path.read_text(encoding="utf8"))["cells"]
    found = [cell for cell in cells if cell["id"] == cell_id]
    if not found or not found[0].get("outputs"):
        raise ValueError(f"output: chapter {chapter} has no cell {cell_id!r} with an output")
    shown = []
    for each in found[0]["outputs"]:
        data = each.get("data", {})
        if "image/png" in data:
            alt = each["metadata"]["image/png"]["alt"]
            shown.append(f'<img alt="{escape(alt)}" src="data:image/png;base64,{_bytes(data)}">')
        elif "text/html" in data:
            shown.append("".join(data["text/html"]))
        else:
            text = "".join(each.get("text", data.get("text/plain", "")))
            shown.append(f"<pre>{escape(text)}</pre>")
    return "".join(shown)


def _bytes(data: dict[str, Any]) -> str:
    return "".join(data["image/png"]).replace("\n", "")


def made(kind: str, words: str) -> str:
    """A line of a kind, as HTML."""
    if kind == "diagram":
        return diagrams.draw(words).html
    if kind == "playground":
        return playground(preset=words).html
    if kind in ("output", "given"):
        return output(words)
    if kind == "minutes":
        return f'<p class="minutes">{escape(words)} min</p>'
    return f'<div class="{kind}">{text(words)}</div>'


def text(markdown: str) -> str:
    """Markdown as HTML, formulas between dollars as MathML."""
    formulas: list[str] = []

    def keep(found: re.Match[str]) -> str:
        formulas.append(mathml(nodes.math("", found[1]), display=False))
        return f"FORMULA{len(formulas) - 1}."

    html = MARKDOWN.render(re.sub(r"\$([^$\n]+)\$", keep, markdown))
    return re.sub(r"FORMULA(\d+)\.", lambda found: formulas[int(found[1])], html)


def slide(source: str) -> str:
    """One slide; what follows its first question is an answer, which is turned to after it."""
    parts, plain, notes, asked = [], [], [], False
    for line in [*source.strip().splitlines(), ""]:
        found = LINE.fullmatch(line)
        if found or line == "":
            parts.append(text("\n".join(plain)) if plain else "")
            plain = []
        if found and found[1] == "notes":
            notes.append(made(*found.groups()))
        elif found:
            parts.append(made(*found.groups()))
            if found[1] == "ask" and not asked:
                parts.append('<div class="answer">')
                asked = True
        elif line:
            plain.append(line)
    end = "</div>" if asked else ""
    return f"<section>{''.join(parts)}{end}{''.join(notes)}</section>"


def page(source: str, style: str, part: Callable[[str], str], after: str = "") -> str:
    """A page that needs nothing: its title is the first heading of the source, `---` parts it."""
    title = re.search(r"^# (.+)$", source, re.M)[1]
    parts = "\n".join(map(part, re.split(r"^---$", source, flags=re.M)))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head>\n"
        f"<body><main>{parts}</main>{after}</body></html>\n"
    )


def deck(path: Path, style: str, script: str) -> str:
    """All slides of a file, as a page."""
    after = f'<p class="turn" role="status"></p><script>{script}</script>'
    return page(path.read_text(encoding="utf8"), style, slide, after)


def write(app: Sphinx, error: Exception | None) -> None:
    """Put the decks beside the pages."""
    if error or app.builder.name != "html":
        return
    target = Path(app.outdir) / "slides"
    target.mkdir(exist_ok=True)
    style, script = (SOURCES / f"slides.{kind}" for kind in ("css", "js"))
    for path in sorted(SOURCES.glob("*.md")):
        slides = deck(path, style.read_text("utf8"), script.read_text("utf8"))
        (target / f"{path.stem}.html").write_text(slides, encoding="utf8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("build-finished", write)
    return {"version": "1.0", "parallel_read_safe": True, "parallel_write_safe": True}
