"""The bibliography: complete entries, each of them cited, and none missing.

What is cited are links, citations in words, and the roles of the pages.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import nbformat
import pytest
import scripts
from pybtex.database import Entry, parse_file
from test_reference import PUBLIC, reference

ROOT = Path(__file__).resolve().parents[1]
ENTRIES = parse_file(str(ROOT / "book" / "references.bib")).entries
PAGES = {path.name: path.read_text(encoding="utf8") for path in scripts.files("book/*.md")}
NOTEBOOKS = {
    path.name: "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
    for path in scripts.files("notebooks/*.ipynb")
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


ADDRESS = scripts.load("tools/address")
HOME = ADDRESS.read_address() or "https://github.com/no/home"
HOMES = (f"{HOME}/", HOME.replace("https://github.com", f"{ADDRESS.COLAB}/github") + "/")
HOMES += ("https://creativecommons.org/",)


def strangers(text: str) -> list[str]:
    """Links that lead neither to an entry nor to the book's own home: papers that nobody has."""
    urls = {entry.fields["url"] for entry in ENTRIES.values() if "url" in entry.fields}
    links = re.findall(r"\]\((https?://[^)\s]+)", text)
    others = [link for link in links if not f"{link}/".startswith(HOMES) and link != ADDRESS.COLAB]
    return [link for link in others if link not in urls and not linked(link) & KNOWN]


@pytest.mark.parametrize("name", [*NOTEBOOKS, *PAGES])
def test_every_link_leads_to_an_entry_or_home(name):
    assert not strangers({**NOTEBOOKS, **PAGES}[name])


CITATION = re.compile(
    r"([^\W\d_a-z][\w\u2019'-]*\w)"  # a name
    r"(?: (?:&|and) ([^\W\d_a-z][\w-]+)| (et al\.))?"  # who else
    r"(?:'s [\w -]+?)?(?:, | \[?\()((?:19|20)\d\d)\b[^()]*\)"  # perhaps of what, and when
)


def letters(name: str) -> str:
    """A name in small letters without accents, from BibTeX or from a text."""
    name = re.sub(r"\\[a-z]\b|[\\{}'`\"^~.=]", "", name)
    return "".join(c for c in unicodedata.normalize("NFD", name) if c.isalpha()).lower()


def authors(entry: Entry) -> list[str]:
    """The last names of an entry's authors, in order."""
    return [letters(" ".join(person.last_names)) for person in entry.persons["author"]]


def uncited(text: str) -> list[str]:
    """Citations in words that no entry fits: its year, its first author, and how many there are.

    "Name & Other (2021)" has two authors, "Name et al. (2021)" more, and "Name (2021)" may be short
    for any number.
    """
    text = re.sub(r"```.*?```|`[^`\n]+`|\]\([^)]*\)", " ", text, flags=re.S)
    found = []
    for place in CITATION.finditer(re.sub(r"\s+", " ", text)):
        first, second, more, year = place.groups()
        works = (authors(entry) for entry in ENTRIES.values() if entry.fields["year"] == year)
        if not any(
            names[0] == letters(first)
            and (not second or names[1:] == [letters(second)])
            and (not more or len(names) > 2)
            for names in works
        ):
            found.append(place[0])
    return found


@pytest.mark.parametrize("name", [*NOTEBOOKS, *PAGES])
def test_every_citation_in_words_has_its_entry(name):
    assert not uncited({**NOTEBOOKS, **PAGES}[name])


def test_there_are_citations_in_words():
    assert sum(len(CITATION.findall(text)) for text in NOTEBOOKS.values()) > 50


@pytest.mark.parametrize(
    ("words", "unknown"),
    [
        ("See Smith & Jones (2021), section 99.", 1),
        ("as it is [(Smith et al., 2021)](https://arxiv.org/abs/2212.13345)", 1),
        ("Hinton (2021), and Hinton's algorithm (2021, section 2)", 2),
        ("Hinton et al. (2022); Park & Wang (2024); Zhang & Jones (2019)", 3),
        ("Smith's idea [(2022)](https://arxiv.org/abs/2212.13345)", 1),
        ("Hinton (2022), Hinton's forward-forward algorithm (2022), Park et al. (2024)", 0),
        ("(Bojchevski & G\u00fcnnemann, 2018), [(Veli\u010dkovi\u0107\net al., 2018)](x)", 0),
        ("It had 2022 rows, in November (of 2024), `Smith (2021)`", 0),
    ],
)
def test_a_citation_of_nothing_is_seen(words, unknown):
    chapter = NOTEBOOKS["03_normalisation.ipynb"]
    assert not uncited(chapter)
    found = uncited(f"{chapter.partition('## Sources')[0]}\n\n## Sources\n\n{words}")
    assert len(found) == unknown


@pytest.mark.parametrize(
    ("words", "unknown"),
    [
        ("See [Nobody](https://example.org/paper).", 1),
        ("[Hinton (2022)](https://arxiv.org/abs/2212.13346)", 1),
        ("[Hinton (2022)](https://arxiv.org/abs/2212.13345), [here](../book/references.md)", 0),
    ],
)
def test_a_link_to_nothing_is_seen(words, unknown):
    found = strangers(NOTEBOOKS["03_normalisation.ipynb"] + words)
    assert len(found) == unknown


def cited() -> set[str]:
    """The entries that anything in the book points to."""
    roles = (m for page in PAGES.values() for m in re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", page))
    found = {key.strip() for role in roles for key in role.split(",")}
    for thing in PUBLIC.values():
        found |= set(re.findall(r":cite:`(\w+)`", reference.marked_up(thing.__doc__ or "", set())))
    everywhere = set().union(*map(linked, [*NOTEBOOKS.values(), *PAGES.values()]))
    return found | {key for key, entry in ENTRIES.items() if numbers(entry) & everywhere}


def test_every_entry_is_cited_and_no_other():
    assert cited() == set(ENTRIES)


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
