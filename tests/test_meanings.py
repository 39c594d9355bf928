"""Words, symbols and papers say what they mean: `_ext/meanings.py`, on small trees, on a page."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from docutils import nodes
from docutils.utils import new_document

sys.path.insert(0, str(Path(__file__).parent))
import browser as checks
import scripts

sys.path.insert(0, str(scripts.BOOK / "_ext"))
meanings = scripts.load("_ext/meanings")
ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "_build" / "html" / "notebooks" / "07_single_forward.html"


def test_markdown_becomes_words() -> None:
    said = r"The loss $\tau \times \boldsymbol{X}$ of [a net](x.md), `code`. ({chapter}`7`)"
    assert meanings.plain(said) == "The loss τ × X of a net, code."


def test_all_entries_have_a_meaning() -> None:
    words, symbols, papers = meanings.words(), meanings.symbols(), meanings.papers()
    assert words["BP"] == words["backpropagation"]
    assert symbols["H"] == "hidden width"
    assert "Park" in papers["https://arxiv.org/abs/2403.11004"]
    for said in (*words.values(), *symbols.values(), *papers.values()):
        assert len(said.split()) >= 2
        assert not set(said) & set("$\\{}`")


def tree(*children: nodes.Node) -> nodes.document:
    found = new_document("page")
    found += nodes.paragraph("", "", *children)
    return found


def test_the_first_place_of_a_word_is_a_link_and_no_other() -> None:
    code = nodes.literal("", "loss")
    document = tree(code, nodes.Text("Two losses, one loss; and BP. Back-propagation bp."))
    places = {word.lower(): f"term-{number}" for number, word in enumerate(meanings.words())}
    meanings.mark_words(document, "g.html", places)
    links = [raw.astext() for raw in document.findall(nodes.raw)]
    assert [link.partition(">")[2] for link in links] == ["losses</a>", "BP</a>"]
    assert f'href="g.html#{places["loss"]}"' in links[0]
    words = "".join(t.astext() for t in document.findall(nodes.Text) if t.parent.tagname != "raw")
    assert words == "lossTwo , one loss; and . Back-propagation bp."


def test_the_first_place_of_a_symbol_and_every_paper_are_marked() -> None:
    paper = nodes.reference("", "Park", refuri="https://arxiv.org/abs/2403.11004")
    other = nodes.reference("", "elsewhere", refuri="https://example.org")
    document = tree(nodes.math("", "H"), nodes.math("", "H"), nodes.math("", "H^2"), paper, other)
    meanings.mark_symbols(document, "n.html")
    meanings.mark_papers(document)
    raws = [raw.astext() for raw in document.findall(nodes.raw)]
    assert len(raws) == 2
    assert 'aria-label="H" data-meaning="hidden width"' in raws[0]
    assert 'class="reference external"' in raws[1]
    assert len(list(document.findall(nodes.math))) == 2
    assert len(list(document.findall(nodes.reference))) == 1


@pytest.mark.browser
def test_a_meaning_is_shown_on_hover_and_on_focus_and_closed_again(chromium) -> None:
    if not PAGE.is_file():
        give_up = pytest.fail if checks.browser_required() else pytest.skip
        give_up("the book is not built: run `make book` first")
    page = chromium.new_page(viewport=checks.DESKTOP)
    page.goto(PAGE.as_uri())
    box, link = page.get_by_role("tooltip"), page.locator("a.meaning").first
    checks.expect(box).to_be_hidden()
    link.hover()
    checks.expect(box).to_have_text(link.get_attribute("data-meaning"))
    box.hover()  # the pointer may go into it
    checks.expect(box).to_be_visible()
    page.keyboard.press("Escape")
    checks.expect(box).to_be_hidden()
    page.keyboard.press("Tab")  # from here on focus is that of a keyboard
    link.focus()
    checks.expect(box).to_be_visible()
    assert link.get_attribute("aria-describedby") == box.get_attribute("id")
    place = box.bounding_box()
    assert place["x"] >= 0
    assert place["x"] + place["width"] <= checks.DESKTOP["width"]
    page.locator("article h1").last.click()
    checks.expect(box).to_be_hidden()
    page.close()
