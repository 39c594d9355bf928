"""The list of all exercises, ``{solutions}``, made from the chapters when the book is built.

An exercise is a section under the heading "Exercises" whose cell asks a check. Its title, the name
of its check and the paragraph that asks are taken from there, so the list cannot fall behind.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from chapters import CHAPTER, chapters
from docutils import nodes
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx

logger = logging.getLogger(__name__)
CHECK = re.compile(r"\bcheck\(\s*[\"']([\w-]+)[\"']")
COUNTER = re.compile(r"^\d+\.\s+")


class exercises(nodes.General, nodes.Element):  # a node: lower case, as docutils has it
    """Where the list of exercises will stand, once all chapters have been read."""


class Solutions(SphinxDirective):
    """The place of the list of exercises."""

    def run(self) -> list[nodes.Node]:
        """Leave a mark: other documents may not have been read yet."""
        return [exercises()]


def fill(app: Sphinx, doctree: nodes.document, document: str) -> None:
    """Put the list of all exercises where it was asked for."""
    for place in list(doctree.findall(exercises)):
        listed: list[nodes.Node] = []
        for chapter in chapters(app.env).values():
            listed += of_chapter(app, app.env.get_doctree(chapter), chapter, document)
        place.replace_self(listed)


def of_chapter(
    app: Sphinx, doctree: nodes.document, chapter: str, document: str
) -> list[nodes.Node]:
    """Return a chapter's heading and the table of its exercises."""
    title = next(doctree.findall(nodes.title)).astext()
    section = nodes.section(ids=[f"exercises-of-chapter-{int(CHAPTER.fullmatch(chapter)[1])}"])
    address = app.builder.get_relative_uri(document, chapter)
    heading = nodes.title("", "", link(address, title))
    section += [heading, nodes.definition_list(classes=["exercises"])]
    for each in exercises_of(doctree):
        name = CHECK.findall("\n".join(n.astext() for n in each.findall(nodes.literal_block)))
        if not name:
            logger.warning("exercise %r asks no check", each[0].astext(), location=chapter)
            continue
        shown = COUNTER.sub("", each[0].astext())
        term = nodes.term("", "", link(f"{address}#{each['ids'][0]}", shown))
        term += [nodes.Text(" "), nodes.literal(name[0], name[0])]
        asked = nodes.definition("", asked_for(each))
        section[1] += nodes.definition_list_item("", term, asked)
    if not len(section[1]):
        logger.warning("%s has no exercises", chapter)
    return [section]


def exercises_of(doctree: nodes.document) -> Iterable[nodes.section]:
    """Yield the sections under the heading "Exercises"."""
    for section in doctree.findall(nodes.section):
        if section[0].astext() == "Exercises":
            yield from (part for part in section if isinstance(part, nodes.section))


def asked_for(exercise: nodes.section) -> nodes.paragraph:
    """Return a copy of the first paragraph: what asks often needs the sentences before it."""
    asked = next(exercise.findall(nodes.paragraph)).deepcopy()
    for reference in list(asked.findall(addnodes.pending_xref)):  # copied: nobody resolves it here
        reference.replace_self(reference.children)
    return asked


def link(address: str, text: str) -> nodes.reference:
    """Return a link within the book."""
    return nodes.reference("", text, refuri=address, internal=True)


def with_a_list(app: Sphinx, *_: Any) -> list[str]:
    """Name what must be read again whenever anything else has changed."""
    return [name for name in app.env.found_docs if name == "book/solutions"]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_node(exercises)
    app.add_directive("solutions", Solutions)
    app.connect("doctree-resolved", fill)
    app.connect("env-get-outdated", with_a_list)
    return {"version": "1.0", "parallel_read_safe": True, "parallel_write_safe": True}
