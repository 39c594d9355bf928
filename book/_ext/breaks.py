"""Where lines may break and what scrolls by itself: what a style sheet cannot tell on its own.

- Printed text without columns is marked `loose`: on a phone its lines wrap.
- A formula is `tied` to the punctuation that follows it, and to a bracket before it.
- A name in code that is too long for one line is marked `long`: it may break anywhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx

OPENING = re.compile(r"[(\[“]+$")
CLOSING = re.compile(r"^[.,;:!?)\]”’]+")
LONG = 24  # characters without a space: with more, a name does not fit beside others on a phone


def mark(app: Sphinx, doctree: nodes.document, document: str) -> None:
    """Go through a page that is ready to be written."""
    for block in list(doctree.findall(nodes.container)):
        if "cell_output" in block["classes"]:
            shown(block)
    for formula in list(doctree.findall(nodes.math)):
        tie(formula)
    for name in doctree.findall(nodes.literal):
        if max(map(len, name.astext().split()), default=0) > LONG:
            name["classes"].append("long")


def has_columns(text: str) -> bool:
    """Say whether printed lines may be aligned with each other."""
    lines = text.strip("\n").splitlines()
    return len(lines) > 1 and any("  " in line.rstrip() for line in lines)


def shown(output: nodes.container) -> None:
    """Mark what a cell has printed."""
    for block in output.findall(nodes.literal_block):
        if not has_columns(block.astext()):
            block["classes"].append("loose")


def tie(formula: nodes.math) -> None:
    """Keep a formula on the line of the punctuation beside it."""
    parent, at = formula.parent, formula.parent.index(formula)
    before, after = parent[at - 1] if at else None, parent[at + 1] if at + 1 < len(parent) else None
    opening = OPENING.search(before) if isinstance(before, nodes.Text) else None
    closing = CLOSING.search(after) if isinstance(after, nodes.Text) else None
    if not opening and not closing:
        return
    tied = nodes.inline("", classes=["tied"])
    if opening:
        parent[at - 1] = nodes.Text(before[: opening.start()])  # by place: equal texts may follow
        tied += nodes.Text(opening[0])
    if closing:
        parent[at + 1] = nodes.Text(after[closing.end() :])
    parent[at] = tied
    tied += formula
    if closing:
        tied += nodes.Text(closing[0])


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension: after what else changes a page."""
    app.connect("doctree-resolved", mark, priority=900)
    return {"version": "1.0", "parallel_read_safe": True, "parallel_write_safe": True}
