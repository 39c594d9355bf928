"""Where lines of a page may break: `_ext/breaks.py`, on small trees."""

from __future__ import annotations

import pytest
import scripts
from docutils import nodes
from docutils.utils import new_document

breaks = scripts.load("_ext/breaks")


def marked(*parts: nodes.Node) -> nodes.document:
    tree = new_document("page")
    tree += parts
    breaks.mark(None, tree, "page")
    return tree


@pytest.mark.parametrize(
    ("text", "loose"),
    [
        ("one long line  with two blanks\n", True),
        ("a line\nand another\n", True),
        ("ends in blanks  \nand another\n", True),
        ("a   1.0\nbc  2.0\n", False),
        ("tensor([[1],\n        [2]])\n", False),
    ],
)
def test_printed_text_without_columns_may_wrap(text, loose):
    cell = nodes.container("", nodes.literal_block(text, text), classes=["cell_output"])
    (block,) = marked(cell).findall(nodes.literal_block)
    assert ("loose" in block["classes"]) is loose


def test_code_is_left_alone():
    (block,) = marked(nodes.literal_block("x = 1", "x = 1")).findall(nodes.literal_block)
    assert block["classes"] == []


@pytest.mark.parametrize(
    ("before", "after", "tied"),
    [
        ("out of ", ", in", ["x,"]),
        ("of nodes (", ").", ["(x)."]),
        ("the ", " of", []),
        ("", "", []),
    ],
)
def test_a_formula_stays_with_its_punctuation(before, after, tied):
    parts = [nodes.Text(before), nodes.math("x", "x"), nodes.Text(after)]
    tree = marked(nodes.paragraph("", "", *(part for part in parts if part.astext())))
    assert [part.astext() for part in tree.findall(nodes.inline)] == tied
    assert tree.astext() == f"{before}x{after}"


def test_an_equal_text_before_the_formula_keeps_its_comma():
    parts = [nodes.emphasis("", "w"), nodes.Text(", "), nodes.math("x", "x"), nodes.Text(", ")]
    tree = marked(nodes.paragraph("", "", *parts, nodes.emphasis("", "z")))
    assert tree.astext() == "w, x, z"


def test_two_formulas_beside_each_other():
    parts = [nodes.math("x", "x"), nodes.Text(", "), nodes.math("y", "y"), nodes.Text(".")]
    tree = marked(nodes.paragraph("", "", *parts))
    assert [part.astext() for part in tree.findall(nodes.inline)] == ["x,", "y."]
    assert tree.astext() == "x, y."


def test_only_a_long_name_may_break():
    short, long = "bp-l2", "notebooks/01_backprop_memory.ipynb"
    tree = marked(nodes.paragraph("", "", nodes.literal(short, short), nodes.literal(long, long)))
    assert [name["classes"] for name in tree.findall(nodes.literal)] == [[], ["long"]]
