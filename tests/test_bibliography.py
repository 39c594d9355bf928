"""The bibliography: complete entries, each of them cited, and none missing."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from pybtex.database import Entry, parse_file
from test_reference import PUBLIC, reference

ROOT = Path(__file__).resolve().parents[1]
ENTRIES = parse_file(str(ROOT / "book" / "references.bib")).entries
PAGES = {path.name: path.read_text(encoding="utf8") for path in (ROOT / "book").glob("*.md")}
NOTEBOOKS = {
    path.name: "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
    for path in (ROOT / "notebooks").glob("*.ipynb")
}
LINK = re.compile(r"https?://(?:arxiv\.org/(?:abs|pdf)|(?:dx\.)?doi\.org)/([^\s)\"'>\]#]+)")


def numbers(entry: Entry) -> set[str]:
    """By what an entry can be linked: its DOI, the number of its preprint."""
    found = {entry.fields[name].lower() for name in ("doi", "eprint") if name in entry.fields}
    return found | set(re.findall(r"arXiv:(\d{4}\.\d{4,5})", entry.fields.get("journal", "")))


def linked(text: str) -> set[str]:
    """The DOIs and preprints that a text links to, without versions."""
    found = (number.lower().removesuffix(".pdf").rstrip(".,;") for number in LINK.findall(text))
    return {re.sub(r"^(\d{4}\.\d{4,5})v\d+$", r"\1", number) for number in found}


KNOWN = {number for entry in ENTRIES.values() for number in numbers(entry)}


@pytest.mark.parametrize("key", ENTRIES)
def test_an_entry_is_complete(key):
    entry = ENTRIES[key]
    assert entry.persons["author"]
    assert not any("others" in map(str, person.last_names) for person in entry.persons["author"])
    assert re.fullmatch(r"\d{4}", entry.fields["year"])
    assert entry.fields["title"]
    assert numbers(entry) or "url" in entry.fields, "no way to find it"
    wanted = {"article": "journal", "inproceedings": "booktitle", "book": "publisher"}
    assert wanted.get(entry.type, "title") in entry.fields


def test_no_two_entries_are_the_same_work():
    assert sum(len(numbers(entry)) for entry in ENTRIES.values()) == len(KNOWN)


@pytest.mark.parametrize("name", [*NOTEBOOKS, *PAGES])
def test_every_link_to_a_paper_has_its_entry(name):
    assert linked({**NOTEBOOKS, **PAGES}[name]) <= KNOWN


def cited() -> set[str]:
    """The entries that anything in the book points to."""
    roles = (m for page in PAGES.values() for m in re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", page))
    found = {key.strip() for role in roles for key in role.split(",")}
    for thing in PUBLIC.values():
        found |= set(re.findall(r":cite:`(\w+)`", reference.marked_up(thing.__doc__ or "", set())))
    everywhere = set().union(*map(linked, [*NOTEBOOKS.values(), *PAGES.values()]))
    return found | {key for key, entry in ENTRIES.items() if numbers(entry) & everywhere}


def test_every_entry_is_cited():
    assert set(ENTRIES) <= cited()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("[a](https://arxiv.org/abs/2212.13345v2).", "2212.13345"),
        ("https://arxiv.org/pdf/2212.13345.pdf", "2212.13345"),
        ("[b](https://doi.org/10.1038/323533a0)", "10.1038/323533a0"),
    ],
)
def test_links_are_seen(text, number):
    assert linked(text) == {number}
