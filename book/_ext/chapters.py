"""Links to chapters by number, before and after they are written.

``{chapter}`3` `` is a link to chapter 3 as soon as it is in the table of contents, and plain text
before; ``{chapter}`the third <3>` `` is the same with other words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx import addnodes
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


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_role("chapter", Chapter())
    return {"version": "1.0", "parallel_read_safe": True, "parallel_write_safe": True}
