"""The glossary: in order, short, and each word in the chapter that it is said to come from."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import nbformat
import pytest
import scripts

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = {
    int(path.name[:2]): nbformat.read(path, as_version=4)
    for path in scripts.files("notebooks/[0-9][0-9]_*.ipynb")
}
PLACE = r"\{chapter\}`(\d+)`"


def entries() -> dict[tuple[str, ...], str]:
    """Terms that share an explanation -> the explanation."""
    text = (ROOT / "book" / "glossary.md").read_text(encoding="utf8")
    body = re.search(r"```\{glossary\}\n(.*?)```", text, re.S)[1]
    found = {}
    for entry in body.strip().split("\n\n"):
        lines = entry.split("\n")
        terms = tuple(line for line in lines if not line.startswith(" "))
        found[terms] = " ".join(line.strip() for line in lines[len(terms) :])
    return found


ENTRIES = entries()


def place(words: str) -> nbformat.NotebookNode | None:
    """The chapter that an entry names, or None if it is not written yet."""
    return CHAPTERS.get(int(re.search(rf"\({PLACE}\)$", words)[1]))


def test_terms_are_in_order_and_once():
    first = [unicodedata.normalize("NFD", terms[0]).lower() for terms in ENTRIES]
    assert first == sorted(first)
    everything = [term.lower() for terms in ENTRIES for term in terms]
    assert len(set(everything)) == len(everything) > 70


@pytest.mark.parametrize("terms", ENTRIES, ids=lambda terms: terms[0])
def test_an_entry_is_one_or_two_sentences_and_names_its_chapter(terms):
    said, chapter = re.fullmatch(rf"(.*\.) \({PLACE}\)", ENTRIES[terms]).groups()
    assert 1 <= len(re.findall(r"[.](?=\s|$)", said)) <= 2
    assert len(said.split()) <= 45
    assert 1 <= int(chapter) <= 15


@pytest.mark.parametrize("terms", ENTRIES, ids=lambda terms: terms[0])
def test_a_word_stands_in_the_chapter_that_is_named(terms):
    notebook = place(ENTRIES[terms])
    if notebook is None:
        pytest.skip("its chapter is not written yet")
    text = "\n".join(cell.source for cell in notebook.cells)
    text = re.sub(r"[*_$]|\s+", " ", text)
    found = any(re.search(rf"(?i)\b{re.escape(term)}", text) for term in terms)
    assert found, (
        f"none of {terms} is in the chapter that is named: mend the glossary, or the chapter"
    )
