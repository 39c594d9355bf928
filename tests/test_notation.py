"""The notation: the last column of its tables is the chapter in which a symbol first stands.

A symbol stands in a chapter if a formula of its text has it; a size, such as N, also if it is in a
comment on the code, or an argument. Another test asks that every symbol is on the page.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from pathlib import Path

import pytest
from test_glossary import CHAPTERS
from test_prose import GREEK, formulas

PAGE = (Path(__file__).parents[1] / "book" / "notation.md").read_text(encoding="utf8")
LETTERS = {*GREEK.split(), "odot"}
ATOM = re.compile(
    r"(\\(?:tilde|hat|bar)(?![A-Za-z])\s*\{?)?"  # an accent
    r"(\\(?:boldsymbol|mathcal|mathbb|operatorname)\{\\?\w+\}|\\[A-Za-z]+|[A-Za-z]|\[\|?)"
    r"(?(1)\}?)('?)"
    r"(?:_(\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}|\\[A-Za-z]+|[\w+-]))?"  # an index
)


def atoms(tex: str, indices: bool = True) -> set[str]:
    """The symbols of a formula, with font and accent, and with the kind of their index.

    Indices that count are `_i`, two letters `_ij`; a sign or a word is part of the name. What an
    index is made of belongs to the formula, but not to the name in a table.
    """
    tex = re.sub(r"_\{\\mathrm\{(\w+)\}\}", r"_{!\1}", tex)
    tex = re.sub(r"\\(?:text|mathrm|begin|end)\{[^}]*\}", " ", tex)
    tex = re.sub(r"\[(?=[^]]*\\mid)", "[|", tex)  # columns side by side
    found = set()
    for accent, base, prime, index in ATOM.findall(tex):
        index = index.removeprefix("{").removesuffix("}")
        if index and index not in "+-" and index[0] != "!":
            found |= atoms(index) if indices else set()
            index = "ij" if re.fullmatch(r"[a-z]{2}", index) else "i"
        if not re.fullmatch(r"\\[A-Za-z]+", base) or base[1:] in LETTERS:
            found.add(accent.rstrip(" {") + base + prime + (f"_{index}" if index else ""))
    return found


@functools.cache
def places() -> dict[str, set[int]]:
    """A symbol -> the chapters in which it stands."""
    found = defaultdict(set)
    for number, chapter in CHAPTERS.items():
        for cell in chapter.cells:
            if cell.cell_type == "code":
                said = " ".join(re.findall(r"#.*|^def .*", cell.source, flags=re.M))
                here = set(re.findall(r"\b[A-Z]\b", said))
            else:
                here = {atom for formula in formulas(cell.source) for atom in atoms(formula)}
            for atom in here:
                found[atom].add(number)
    return found


def stands(symbol: str) -> set[int]:
    """The chapters in which a symbol stands; one without an index may have one there."""
    names = [symbol] if "_" in symbol else [symbol, f"{symbol}_i", f"{symbol}_ij"]
    return {number for name in names for number in places().get(name, ())}


def rows(page: str) -> list[tuple[str, str]]:
    """First and last column of the tables of symbols."""
    tables = re.findall(r"^\| symbol \|.*\n\| ---.*\n((?:\|.*\n)+)", page, flags=re.M)
    lines = [
        re.split(r" *\| *", line.strip("| ")) for table in tables for line in table.splitlines()
    ]
    return [(line[0], line[-1]) for line in lines]


def misplaced(page: str) -> list[str]:
    """Rows whose last column is not where their symbols stand."""
    found = []
    for cell, column in rows(page):
        bare = re.sub(r"\([^()]*(?:\([^()]*\)[^()]*)*\)", " ", cell)  # without arguments
        where = {atom: stands(atom) for tex in formulas(bare) for atom in atoms(tex, indices=False)}
        said = [int(number) for number in re.findall(r"\d+", column)]
        first = {min(numbers) for numbers in where.values() if numbers}
        right = all(where.values()) and said and said == sorted(said) and said[0] in first
        right = right and first <= set(said) <= set().union(*where.values())
        if column == "this page":
            right = where and not any(where.values())
        if not right:
            found.append(f"{cell}: {column}, but {where}")
    return found


def test_a_symbol_comes_from_the_chapter_that_has_it_first() -> None:
    assert len(rows(PAGE)) > 50
    assert not misplaced(PAGE)


@pytest.mark.parametrize(
    ("row", "right"),
    [
        ("| $\\theta$ | a threshold | 2 |", True),
        ("| $\\theta$ | a threshold | 1 |", False),
        ("| $\\theta$ | a threshold | 3 |", False),
        ("| $\\theta$, $K$ | a threshold | 2 |", True),
        ("| $\\theta$, $\\boldsymbol{S}_l$ | a threshold, a state | 2, 9 |", True),
        ("| $\\theta$, $\\boldsymbol{S}_l$ | a threshold, a state | 2 |", False),
        ("| $\\theta$, $\\boldsymbol{S}_l$ | a threshold, a state | 9 |", False),
        ("| $\\boldsymbol{\\Omega}_l$ | stands nowhere | this page |", True),
        ("| $\\boldsymbol{\\Omega}_l$ | stands nowhere | 1 |", False),
        ("| $\\theta$ | a threshold | this page |", False),
    ],
)
def test_a_wrong_chapter_is_seen(row, right) -> None:
    page = f"| symbol | meaning | chapter |\n| --- | --- | --- |\n{row}\n"
    assert (not misplaced(page)) == right


def test_symbols_keep_what_tells_them_apart() -> None:
    tex = r"\tilde{\boldsymbol{D}}^{-1/2} \hat A_{ij} \sqrt{L} x_{\mathcal{N}(i)} g_+ \mathcal{E}'"
    graph = {r"\tilde\boldsymbol{D}", r"\hatA_ij", "L", "x_i", "g_+", r"\mathcal{E}'"}
    assert atoms(tex, indices=False) == graph
    assert atoms(tex) == graph | {"i", "j", r"\mathcal{N}"}
    tex = (
        r"[\, \boldsymbol{S}_{l-1} \mid 0] \odot \operatorname{sg}(\boldsymbol{Z}_{\mathrm{virt}})"
    )
    layers = {"[|", r"\boldsymbol{S}_i", r"\odot", r"\operatorname{sg}", r"\boldsymbol{Z}_!virt"}
    assert atoms(tex, indices=False) == layers
    assert atoms(tex) == layers | {"l"}
