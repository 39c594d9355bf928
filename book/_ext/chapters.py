"""Links to chapters by number, before and after they are written.

``{chapter}`3` `` is a link to chapter 3 as soon as it is in the table of contents, and plain text
before; ``{chapter}`the third <3>` `` is the same with other words.

``{section}`3 Two stacks` `` is a link to that section. One that is not there
is a warning.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.docutils import ReferenceRole

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

CHAPTER = re.compile(r"notebooks/(\d\d)_\w+")


def chapters(env: BuildEnvironment) -> dict[int, str]:
    """Return the chapters of the book: number -> name of the document."""
    found = {int(m[1]): doc for doc in env.found_docs if (m := CHAPTER.fullmatch(doc))}
    return dict(sorted(found.items()))


class Chapter(ReferenceRole):
    """A link to the chapter of that number."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Make the link, or the text that stands in its place until the chapter is written."""
        text = self.title if self.has_explicit_title else f"chapter {self.title}"
        shown = nodes.inline(text, text, classes=["chapter"])
        document = chapters(self.env).get(int(self.target))
        if document is None:
            return [shown], []
        link = addnodes.pending_xref(
            "", refdomain="std", reftype="doc", reftarget=f"/{document}", refexplicit=True
        )
        link += shown
        return [link], []


def headings(notebook: Path) -> set[str]:
    """Return the headings of a notebook, as they are read: without code quotes."""
    cells = json.loads(notebook.read_text(encoding="utf8"))["cells"]
    text = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    return {title.replace("`", "") for title in re.findall(r"^##+ (.*)$", text, re.M)}


class Section(ReferenceRole):
    """A link to a section of a chapter."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Make the link, or the title alone until the chapter is written."""
        number, _, title = self.text.partition(" ")
        shown = nodes.emphasis(title, title)
        document = chapters(self.env).get(int(number))
        if document is None:
            return [shown], []
        if title not in headings(Path(self.env.doc2path(document))):
            log = logging.getLogger(__name__)
            log.warning("chapter %s has no section %r", number, title, location=self.env.docname)
        page = self.env.app.builder.get_relative_uri(self.env.docname, document)
        link = nodes.reference("", "", internal=True, refuri=f"{page}#{nodes.make_id(title)}")
        link += shown
        return [link], []


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_role("chapter", Chapter())
    app.add_role("section", Section())
    return {"version": "1.0", "parallel_read_safe": True, "parallel_write_safe": True}
