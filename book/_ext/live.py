"""Directives that put on a page in Markdown what a cell would show.

    ```{playground} No way back
    ```

    ```{diagram} sf
    ```

The argument of ``{playground}`` is the name of a preset, or ``all`` for every one of them;
``:controls:`` names the parts that a reader sees. That of ``{diagram}`` is a schematic. An ePub,
which has no scripts, gets words in their place.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from fgnn_lite.book import diagrams
from fgnn_lite.book.playground import playground


class live(nodes.raw):
    """What a page shows as HTML, and the `words` that say it."""


class Live(SphinxDirective):
    """A page that trains."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {"controls": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Put it there as it is."""
        controls = self.options.get("controls")
        made = playground(
            preset=self.arguments[0],
            controls=controls.split() if controls is not None else None,
        )
        words = "The playground, where nets train on the page, is in the book's HTML."
        return [live("", made.html, words=words, format="html")]


class Drawn(SphinxDirective):
    """A schematic."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Put it there as it is."""
        made = diagrams.draw(self.arguments[0])
        return [live("", made.html, words=str(made), format="html")]


def still(app: Sphinx, doctree: nodes.document, _: str) -> None:
    """Say in an ePub what stands elsewhere as HTML."""
    for node in list(doctree.findall(live)):
        paper = nodes.paragraph("", node["words"])
        as_it_is = nodes.raw("", node.astext(), format="html")
        node.replace_self(paper if app.builder.name == "epub" else as_it_is)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_directive("playground", Live)
    app.add_directive("diagram", Drawn)
    app.connect("doctree-resolved", still)
    return {"version": "1.0", "parallel_read_safe": True, "parallel_write_safe": True}
