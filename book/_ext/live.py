"""The directive ``{playground}``: on a page in Markdown what `fgnn_lite.book.playground` makes.

    ```{playground} No way back
    ```

Its argument is the name of a preset, or ``all`` for every one of them; ``:controls:`` names the
parts that a reader sees. An ePub, which has no scripts, gets a sentence in its place.
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
from fgnn_lite.book.playground import playground


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
        return [live("", made.html, format="html")]


class live(nodes.raw):
    """What needs scripts."""


def still(app: Sphinx, doctree: nodes.document, _: str) -> None:
    """Say in an ePub what it leaves out; elsewhere it is as any raw HTML."""
    for node in list(doctree.findall(live)):
        words = "The playground, where nets train on the page, is in the book's HTML."
        paper = nodes.paragraph("", words)
        as_it_is = nodes.raw("", node.astext(), format="html")
        node.replace_self(paper if app.builder.name == "epub" else as_it_is)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_directive("playground", Live)
    app.connect("doctree-resolved", still)
    return {"version": "1.0", "parallel_read_safe": True, "parallel_write_safe": True}
