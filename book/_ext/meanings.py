r"""Words, symbols and sources of a chapter show what they mean, on hover and on focus.

The first time that a word of the glossary, or a symbol of the page *Notation*, stands in a chapter
it is a link to its entry, and so is every link to a paper of the bibliography; what is meant is in
its `data-meaning`, from which `meanings.js` makes a small box. Without scripts the link is left.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from html import escape, unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from formulas import mathml

if TYPE_CHECKING:
    from sphinx.application import Sphinx

BOOK = Path(__file__).resolve().parents[1]
SYMBOLS = {
    **{
        unicodedata.name(letter).rpartition(" ")[2].lower().replace("lamda", "lambda"): letter
        for letter in map(chr, range(ord("α"), ord("ω") + 1))
    },
    **{"times": "×", "dots": "…", "odot": "⊙", "cdot": "·", "top": "ᵀ", "in": "∈", "sum": "Σ"},
    **{"partial": "∂", "lVert": "|", "rVert": "|", "mid": "|", "to": "→", "le": "≤", "ge": "≥"},
}
ACRONYM = re.compile(r"[A-Z][A-Z0-9]+")


def plain(text: str) -> str:
    """Markdown as words: no roles, no code quotes, and formulas as they are typed."""
    text = re.sub(r"\s*\(\{chapter\}`\d+`\)", "", text)
    text = re.sub(r"\{\w+\}`[^`]*`|\*\*|`", "", text)
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\\(?:boldsymbol|mathrm|mathcal|operatorname|tilde|hat)\b", "", text)
    text = re.sub(r"\\([A-Za-z]+)", lambda found: SYMBOLS.get(found[1], ""), text)
    return re.sub(r"[${}\\]", "", " ".join(text.split())).replace(" ,", ",").strip()


@cache
def words(path: Path = BOOK / "glossary.md") -> dict[str, str]:
    """Every word of the glossary, and its meaning."""
    body = re.search(r"```\{glossary\}\n(.*?)```", path.read_text(encoding="utf8"), re.S)[1]
    found = {}
    for entry in body.strip().split("\n\n"):
        lines = entry.split("\n")
        terms = [line for line in lines if not line.startswith(" ")]
        said = plain(" ".join(lines[len(terms) :]))
        found |= dict.fromkeys(terms, said)
    return found


@cache
def symbols(path: Path = BOOK / "notation.md") -> dict[str, str]:
    """Every symbol of the tables, as it is typed: its meaning, with its shape if there is one."""
    found = {}
    for table in re.split(r"\n\n+", path.read_text(encoding="utf8")):
        head, *rows = [line for line in table.splitlines() if line.startswith("| ")] or [""]
        names = [name.strip() for name in head.split("|")[1:-1]]
        for row in rows[1:] if {"symbol", "meaning"} <= set(names) else ():
            cells = dict(zip(names, re.split(r"(?<!\\)\|", row)[1:-1], strict=False))
            shape, said = cells.get("shape", "").strip(), plain(cells["meaning"])
            for tex in re.findall(r"\$([^$]+)\$", cells["symbol"]):
                found.setdefault(tex.strip(), f"{said} ({plain(shape)})" if shape else said)
    return found


@cache
def papers(path: Path = BOOK / "references.bib") -> dict[str, str]:
    """Every address of the bibliography: who wrote what, and when."""
    found = {}
    for entry in re.split(r"\n@", path.read_text(encoding="utf8")):
        fields = dict(re.findall(r"^\s*(\w+)\s*=\s*\{(.*?)\},?$", entry, re.M))
        if not {"author", "title", "year"} <= set(fields):
            continue
        said = plain(
            f"{fields['author'].replace(' and ', '; ')} ({fields['year']}). {fields['title']}."
        )
        if "eprint" in fields:
            found[f"https://arxiv.org/abs/{fields['eprint']}"] = said
        if "url" in fields:
            found[fields["url"]] = said
        if "doi" in fields:
            found[f"https://doi.org/{fields['doi']}"] = said
    return found


def pattern(term: str) -> str:
    """How a word is looked for: its plural, too, and small letters unless it is an acronym."""
    known = re.escape(term).replace(r"\ ", r"\s+")
    return known + r"s?" if ACRONYM.search(term) else f"(?i:{known}(?:s|es)?)"


def link(page: str, said: str, shown: str, name: str = "") -> nodes.raw:
    """A link that says what it leads to; a formula needs a name that can be read aloud."""
    named = f' aria-label="{escape(name)}"' if name else ""
    html = f'<a class="meaning" href="{page}"{named} data-meaning="{escape(said)}">{shown}</a>'
    return nodes.raw("", html, format="html")


def mark_words(doctree: nodes.document, page: str, places: dict[str, str]) -> None:
    """Mark the first place of each word in the running text; `places` are those in the glossary."""
    left = dict(sorted(words().items(), key=lambda item: -len(item[0])))
    for text in list(doctree.findall(nodes.Text)):
        if not isinstance(text.parent, nodes.paragraph):
            continue
        rest, parts = text.astext(), []
        while left:
            any_of_them = "|".join(map(pattern, left))
            found = re.search(rf"(?<![\w-])(?:{any_of_them})(?![\w-])", rest)
            if not found:
                break
            term = next(term for term in left if re.fullmatch(pattern(term), found[0]))
            said = left[term]
            left = {other: meaning for other, meaning in left.items() if meaning != said}
            parts += [nodes.Text(rest[: found.start()])]
            parts += [link(f"{page}#{places[term.lower()]}", said, escape(found[0]))]
            rest = rest[found.end() :]
        if parts:
            text.parent.replace(text, [*parts, nodes.Text(rest)])


def mark_symbols(doctree: nodes.document, page: str) -> None:
    """Mark the first place of each symbol that stands alone in the running text."""
    left = dict(symbols())
    for formula in list(doctree.findall(nodes.math)):
        tex = formula.astext().strip()
        if tex in left and isinstance(formula.parent, nodes.paragraph):
            made = mathml(formula, False)
            name = unescape(re.sub(r"<[^>]*>", "", made))  # as it is seen
            if re.search(r"\w", name):
                shown = f'<span class="math notranslate nohighlight">{made}</span>'
                formula.replace_self(link(page, left.pop(tex), shown, name))


def mark_papers(doctree: nodes.document) -> None:
    """Give the links to papers what they lead to."""
    for reference in list(doctree.findall(nodes.reference)):
        said = papers().get(reference.get("refuri", ""))
        if said:
            html = f'<a class="reference external" href="{escape(reference["refuri"])}"'
            html += f' data-meaning="{escape(said)}">{escape(reference.astext())}</a>'
            reference.replace_self(nodes.raw("", html, format="html"))


def mark(app: Sphinx, doctree: nodes.document, name: str) -> None:
    """Mark what a chapter says, on pages that are read with scripts."""
    if app.builder.name != "html" or not name.startswith("notebooks/"):
        return
    glossary, notation = (
        app.builder.get_relative_uri(name, f"book/{page}") for page in ("glossary", "notation")
    )
    terms = app.env.get_domain("std").get_objects()
    places = {name.lower(): place for name, _, kind, _, place, _ in terms if kind == "term"}
    mark_words(doctree, glossary, places)
    mark_symbols(doctree, notation)
    mark_papers(doctree)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("doctree-resolved", mark)
    return {"version": "1.0", "parallel_read_safe": True, "parallel_write_safe": True}
