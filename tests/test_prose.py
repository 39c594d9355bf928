"""The book's words: every figure comes from somewhere, and every symbol is in the notation.

A figure in a chapter's text must be printed by one of its cells, stand in its code or in the
settings of a results file that the chapter reads, be a fact of a data set, or be quoted from a
paper, which is listed here with its place. A cell with a comment `results/NAME.json` may also hold
means and standard deviations over that file's splits or seeds. Small whole numbers count things and
are free. An entry of the glossary is held to its chapter, and the other pages to what the project
states for machines.
"""

from __future__ import annotations

import functools
import json
import re
import statistics
from collections import defaultdict
from pathlib import Path

import nbformat
import pytest
import scripts
import test_glossary

import fgnn_lite as fgnn

ROOT = Path(__file__).parents[1]
CHAPTERS = scripts.files("notebooks/[0-9a-z][0-9]_*.ipynb")
FREE = 12  # whole numbers up to this one count things: layers, classes, steps
QUOTED = {  # chapter -> figures of a paper, with their place
    "02": "1.4",  # Hinton (2022), section 3.2
    "07": "87.75 1.4 87.95 88.15 1.5 88.48 1.2 31.72 4.8 86.84 1.0 88.65 86.61 2.3",  # Table 3e
    "11": "18",  # abstract
}


def plain(text: str) -> str:
    """A cell's words, without code, formulas, addresses, comments and names of chapters."""
    text = re.sub(r"```.*?```", " ", text, flags=re.S)
    text = re.sub(r"<!--.*?-->", " ", text, flags=re.S)
    text = re.sub(r"\$\$.*?\$\$", " ", text, flags=re.S)
    text = re.sub(r"\$[^$\n]+\$", " ", text)
    text = re.sub(r"`[^`\n]+`", " ", text)
    text = re.sub(r"\]\([^)]*\)", "] ", text)
    text = re.sub(r"<[^>]+>", " ", text)
    text = re.sub(r"^#+ .*$", " ", text, flags=re.M)
    text = re.sub(r"\b[Cc]hapters?\s+\d+(?:(?:,| and| to) \d+)*", " ", text)
    places = r"\b(?:[Tt]ables?|[Ss]ections?|[Ff]igures?)\s+[\d.]+\w*(?:(?:,| and| to) [\d.]+\w*)*"
    return re.sub(places, " ", text)


MINUS = "\N{MINUS SIGN}"
SIGN = rf"(?:(?<![\w.,/)\]])([-+{MINUS}]))?"  # "3-4", "(a)-1" and "x - 1" have none
NUMBER = re.compile(rf"{SIGN}(?<![\w.,/])(\d{{1,3}}(?:,\d{{3}})+|\d+)(\.\d+)?(?![\w/])")


def figures(text: str) -> list[str]:
    """The numbers of a text with the signs that are written, but no years."""
    found = []
    for sign, whole, rest in NUMBER.findall(plain(text)):
        number = whole.replace(",", "") + rest
        if not re.fullmatch(r"(19|20)\d\d", number):
            found.append(sign.replace(MINUS, "-") + number)
    return found


Source = tuple[str, float]  # the sign that is printed, if one is, and the number without it


def values(text: str) -> list[Source]:
    """The numbers that are printed, or that stand in code."""
    text = re.sub(r"(?<=\d)[_,](?=\d{3}(?!\d))", "", text).replace(MINUS, "-")
    number = rf"{SIGN}(?<![\w.])(\d+(?:\.\d+)?(?:e-?\d+)?)"
    return [(sign, float(rest)) for sign, rest in re.findall(number, text)]


def comes_from(number: str, sources: list[Source]) -> bool:
    """Is it one of these, rounded? Shares may be told in per cent, and leads without their sign.

    A minus must be printed; so must a plus, if the number is printed with any sign at all.
    """
    sign, wanted = re.fullmatch(r"([-+]?)(.*)", number).groups()
    half = 0.5 * 10 ** -len(wanted.partition(".")[2]) + 1e-9
    scales = (1,) if sign else (1, 100)
    signs = {s for s, v in sources for k in scales if abs(k * v - float(wanted)) <= half}
    return bool(signs) if not sign else sign in signs or (sign == "+" and signs == {""})


def counts(number: str) -> bool:
    """Is it a small whole number, which counts things? With a sign it is a difference."""
    return number.isdigit() and int(number) <= FREE


@functools.cache
def facts() -> list[Source]:
    """Sizes of the graphs that come with the library."""
    found = []
    for name in ("karate", "digits"):
        data = fgnn.load_graph(name)
        parts = (data.train_mask, data.val_mask, data.test_mask)
        sizes = (data.num_nodes, data.num_edges, data.num_classes, data.num_features)
        found += [*sizes, sizes[0] + sizes[2], *(int(part.sum()) for part in parts)]
    found += [2995, 4230, 7650]  # and of CoraML, CiteSeer-full and Photo
    return [("", float(size)) for size in found]


@functools.cache
def of_results(name: str) -> tuple[list[Source], list[Source]]:
    """The settings of a results file; means and deviations of its scores, in per cent."""
    file = json.loads((ROOT / "results" / f"{name}.json").read_text())
    groups = defaultdict(list)
    for row in file["rows"]:
        if row.get("test") is not None and row.get("split") != 5:  # where settings are chosen
            measured = ("split", "seed", "test", "val", "updates", "seconds")
            measured += ("even", "own_1", "own_2")  # of attention.json
            measured += ("nmi", "matched")  # of clusters.json
            key = tuple(sorted((k, str(v)) for k, v in row.items() if k not in measured))
            for score in ("test", "nmi", "matched"):
                if score in row:
                    groups[score, *key].append(100 * row[score])
    several = [group for group in groups.values() if len(group) > 1]
    spread = [found(group) for group in several for found in (statistics.fmean, statistics.stdev)]
    return values(json.dumps(file["settings"])), [("", value) for value in spread]


def unfounded(notebook: nbformat.NotebookNode, quoted: str = "") -> list[str]:
    """Figures of a notebook that come from nowhere."""
    sources = [*facts(), *values(quoted)]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            sources += values(cell.source)
            for name in re.findall(r'load_results\("([\w-]+)"\)', cell.source):
                sources += of_results(name)[0]
            for output in cell.outputs:
                data = output.get("data", {})
                if output.output_type == "stream":
                    sources += values(output.text)
                elif "text/html" not in data and "image/png" not in data:
                    sources += values(data.get("text/plain", ""))
    found = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            named = re.findall(r"<!-- results/([\w-]+)\.json -->", cell.source)
            here = sources + [value for name in named for value in of_results(name)[1]]
            found += [
                f"{number} in cell {cell.get('id')}"
                for number in figures(cell.source)
                if not counts(number) and not comes_from(number, here)
            ]
    return found


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_figure_comes_from_somewhere(path) -> None:
    notebook = nbformat.read(path, as_version=4)
    assert not unfounded(notebook, QUOTED.get(path.stem[:2], ""))


@pytest.mark.parametrize(
    ("text", "defects"),
    [
        ("It got 91.3 % right, in chapter 14 and table 20, see $15$, `16` and 2022.", []),
        ("About 91 %, that is 0.91 of 1,797 digits, with 30 updates of 12 layers.", []),
        ("It got 91.4 %.", ["91.4"]),
        ("It got 92 % of 1,796.", ["92", "1796"]),
        ("On five splits 87.31 \N{PLUS-MINUS SIGN} 1.2.", ["87.31", "1.2"]),
        ("On five splits 87.31 \N{PLUS-MINUS SIGN} 1.2. <!-- results/study.json -->", []),
        ("Behind by 3.5, at \N{MINUS SIGN}3.5 or -3.5, and ahead by 1.5, at +1.5, with 91 %.", []),
        ("From 30\N{EN DASH}91, 30-91 or 30 to 91, (0.5)-1.5, and -3.46 not.", ["-3.46"]),
        ("At +3.5, \N{MINUS SIGN}1.5 (-0.5) and -91 %.", ["+3.5", "-1.5", "-0.5", "-91"]),
        ("It moves by \N{MINUS SIGN}7 or +7, and 7 layers.", ["-7", "+7"]),
    ],
)
def test_a_figure_from_nowhere_is_seen(text, defects) -> None:
    printed = nbformat.v4.new_output("stream", text="accuracy 0.913, leads -3.5, +1.5, +0.5")
    cells = [
        nbformat.v4.new_code_cell("EPOCHS = 30", outputs=[]),
        nbformat.v4.new_code_cell("...", outputs=[printed]),
        nbformat.v4.new_markdown_cell(text),
    ]
    found = unfounded(nbformat.v4.new_notebook(cells=cells))
    assert [defect.split()[0] for defect in found] == defects


FREE_LETTERS = set("cijklte")  # indices of nodes, classes, layers, negatives, steps; and e
GREEK = """alpha beta gamma delta epsilon varepsilon zeta eta theta kappa lambda mu nu xi pi rho
sigma tau phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega ell"""


def formulas(text: str) -> list[str]:
    """The formulas of a text."""
    text = re.sub(r"```.*?```|`[^`\n]+`", " ", text, flags=re.S)
    return ["".join(f) for f in re.findall(r"\$\$(.*?)\$\$|\$([^$\n]+)\$", text, flags=re.S)]


def symbols(text: str) -> set[str]:
    """The symbols of the formulas of a text: with their font, without index and accent."""
    found = set()
    for tex in formulas(text):
        tex = re.sub(r"\\(?:text|mathrm|operatorname|begin|end|mathsf)\*?\{[^}]*\}", " ", tex)
        for font, letter in re.findall(r"\\(boldsymbol|mathcal|mathbb)\{(\\?\w+)\}", tex):
            if letter != "0":
                found.add(f"{font} {letter}")
        tex = re.sub(r"\\(?:boldsymbol|mathcal|mathbb)\{\\?\w+\}", " ", tex)
        found |= set(re.findall(r"\\([A-Za-z]+)", tex)) & set(re.findall(r"\w+", GREEK))
        found |= set(re.findall(r"[A-Za-z]", re.sub(r"\\[A-Za-z]+", " ", tex))) - FREE_LETTERS
    return found


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_symbol_is_in_the_notation(path) -> None:
    known = symbols((ROOT / "book" / "notation.md").read_text(encoding="utf8"))
    cells = nbformat.read(path, as_version=4).cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    entries = {name.removeprefix("boldsymbol ") for name in known}  # of a matrix, written plainly
    assert symbols(text) - entries <= known


def test_symbols_are_told_apart() -> None:
    text = r"$\boldsymbol{W}_l x_i^{2} \hat{\tau} \operatorname{norm}(\mathcal{E})$, `$q$`, $N$"
    assert symbols(text) == {"boldsymbol W", "x", "tau", "mathcal E", "N"}


# --- the other pages -------------------------------------------------------------------------

STATED = ("pyproject.toml", "book/tools/environment.sh", "LICENSE-text.md")  # versions, mostly
PAGES = scripts.files("book/*.md")
EXAMPLES = {"how_to_use.md": "130"}  # widths that GAT cannot have: see the test


def unfounded_words(text: str, name: str = "") -> list[str]:
    """Figures of a page that the project states nowhere."""
    stated = [(ROOT / path).read_text(encoding="utf8") for path in STATED]
    sources = values("\n".join([*stated, EXAMPLES.get(name, "")]))
    text = re.sub(r"^```\{glossary\}.*?^```$", " ", text, flags=re.M | re.S)
    chapters = r"^\| \d+ (?=\| \[)|\d+(?:, \d+)* \|$"  # in the first or last column of a table
    text = re.sub(chapters, " ", text, flags=re.M)
    return [n for n in figures(text) if not counts(n) and not comes_from(n, sources)]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_figure_of_a_page_is_stated(path) -> None:
    if path.name != "instructor.md":  # which has its own test
        assert not unfounded_words(path.read_text(encoding="utf8"), path.name)


@pytest.mark.parametrize("terms", test_glossary.ENTRIES, ids=lambda terms: terms[0])
def test_every_figure_of_the_glossary_is_its_chapters(terms) -> None:
    words = test_glossary.ENTRIES[terms]
    code = [cell for cell in test_glossary.place(words).cells if cell.cell_type == "code"]
    entry = nbformat.v4.new_markdown_cell(words)
    assert not unfounded(nbformat.v4.new_notebook(cells=[*code, entry]))


def test_an_example_of_a_width_is_one() -> None:
    width = int(EXAMPLES["how_to_use.md"])
    with pytest.raises(ValueError, match="hidden must be divisible by GAT's 4 heads"):
        fgnn.make_learner("sf", backbone="gat", hidden=width)


@pytest.mark.parametrize(
    ("words", "defects"),
    [
        ("No chapter takes more than 45 seconds. Python 3.11, three pages.", ["45"]),
        ("It is 18 times leaner, with ipywidgets 7.7 or 8.1, see [x](18), `18`.", ["18", "8.1"]),
    ],
)
def test_a_figure_that_is_stated_nowhere_is_seen(words, defects) -> None:
    page = (ROOT / "book" / "intro.md").read_text(encoding="utf8")
    assert unfounded_words(f"{page}\n\n{words}\n") == defects


def broken(path: Path) -> list[str]:
    """Lines with a tab, or the like, of a page or of a notebook's Markdown."""
    texts = [path.read_text(encoding="utf8")]
    if path.suffix == ".ipynb":
        cells = nbformat.read(path, as_version=4).cells
        texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    return [line for text in texts for line in re.findall(r".*[\x00-\t\v-\x1f].*", text)]


CLASS = [
    path
    for kind in ("slides", "teaching", "worksheets")
    for path in scripts.files(f"book/{kind}/*.md")
]


@pytest.mark.parametrize("path", [*PAGES, *CLASS, *CHAPTERS], ids=lambda path: path.name)
def test_no_text_holds_a_tab(path) -> None:
    """A tab is what a program may leave of a `\\tau`; others are left of `\\beta` and `\\rho`."""
    assert not broken(path)


def test_a_tab_is_seen(tmp_path) -> None:
    page, chapter = tmp_path / "page.md", tmp_path / "chapter.ipynb"
    page.write_text("At $\tau = 1$\nand $\\tau = 2$, $\boldsymbol{x}$\n", encoding="utf8")
    cell = nbformat.v4.new_markdown_cell("At $\tau = 1$")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), chapter)
    assert len(broken(page)) == 2
    assert len(broken(chapter)) == 1


# --- the page for teachers -------------------------------------------------------------------

GUIDE = (ROOT / "book" / "instructor.md").read_text(encoding="utf8")
VARIATIONS = scripts.benchmark("variations")
VARIED = json.loads((ROOT / "results" / "variations.json").read_text())["rows"]


def parts(guide: str) -> dict[str, str]:
    """The part under each chapter's heading, by number; all the rest under ``""``."""
    pieces = re.split(r"^(?=#+ )", guide, flags=re.M)
    found: dict[str, str] = defaultdict(str)
    for piece in pieces:
        chapter = re.match(r"### Chapter (\d+):", piece)
        found[chapter[1].zfill(2) if chapter else ""] += piece
    return found


# test_teaching holds these two, and the seconds of cells, to the cells and to the files they name
CARD = re.compile(r"^\*\*Numbers to say\*\*\n\n((?:\|.*\n)+)", re.M)
TIMES = re.compile(r"([\d.]+) against ([\d.]+) on the digits\s+\(`results/time-by-depth\.json`\)")


def unfounded_advice(text: str, chapter: str) -> list[str]:
    """Figures of a part that neither a variation nor the chapter has; minutes are a plan."""
    rows = [row for row in VARIED if chapter in ("", row["chapter"])]
    sources = values(json.dumps([{**row, "code": ""} for row in rows], ensure_ascii=False))
    for path in scripts.files(f"notebooks/{chapter or 'none'}_*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            sources += values(cell.source)
            for output in cell.get("outputs", []):
                shown = output.get("data", {}).get("text/plain", "")
                sources += values(output.get("text") or shown)
    text = re.sub(TIMES, " ", re.sub(CARD, " ", text))
    text = re.sub(r"^\| \d+–\d+ \||\b\d+ minutes", " ", text, flags=re.M)
    of_cells = r"^\| \{chapter\}`\d+` \| \d+ \|.*$"
    text = re.sub(of_cells, " ", text, flags=re.M)
    return [
        number for number in figures(text) if not counts(number) and not comes_from(number, sources)
    ]


def test_every_figure_for_teachers_was_measured() -> None:
    found = {chapter: unfounded_advice(text, chapter) for chapter, text in parts(GUIDE).items()}
    assert not {chapter: numbers for chapter, numbers in found.items() if numbers}


@pytest.mark.parametrize("chapter", VARIATIONS.VARIATIONS)
def test_variations_were_run_with_the_code_as_it_is(chapter) -> None:
    notebook = nbformat.read(VARIATIONS.find(chapter), as_version=4)
    rows = [row for row in VARIED if row["chapter"] == chapter]
    known = {row["change"] for row in rows if row["code"] == VARIATIONS.source(notebook)}
    command = f".venv/bin/python benchmarks/variations.py {chapter}"
    assert known == set(VARIATIONS.VARIATIONS[chapter]), f"run {command}, then read the guide again"


def test_another_address_is_no_other_code() -> None:
    """`make address` rewrites the set-up cell: what was measured stays good."""
    notebook = nbformat.read(VARIATIONS.find("01"), as_version=4)
    setup, settings = (cell for cell in notebook.cells[:3] if cell.cell_type == "code")
    before = VARIATIONS.source(notebook)
    setup.source += "\n# moved"
    assert VARIATIONS.source(notebook) == before
    settings.source += "\nDEPTH = 1"
    assert VARIATIONS.source(notebook) != before


@pytest.mark.parametrize("row", VARIED, ids=lambda row: f"{row['chapter']} {row['change']}")
def test_every_variation_is_reported(row) -> None:
    if row["change"]:
        assert f"`{row['change']}`" in parts(GUIDE)[row["chapter"]]
    if row["error"]:
        assert f"`{row['error']['message']}`" in GUIDE


def lessons(guide: str) -> list[tuple[int, list[tuple[int, int]]]]:
    """The lesson plans: how long each is said to be, and from when to when its rows go."""
    plans = re.findall(r"^\*\*(45|90) minutes\*\*\n\n((?:\|.*\n)+)", guide, flags=re.M)
    spans = [re.findall(r"^\| (\d+)\N{EN DASH}(\d+) \|", table, flags=re.M) for _, table in plans]
    return [
        (int(length), [(int(a), int(b)) for a, b in rows])
        for (length, _), rows in zip(plans, spans, strict=True)
    ]


def test_lessons_last_as_long_as_they_say_and_use_every_chapter() -> None:
    assert [length for length, _ in lessons(GUIDE)] == 4 * [45, 90]
    for length, rows in lessons(GUIDE):
        starts, ends = zip(*rows, strict=True)
        assert (0, *ends) == (*starts, length)
    plans = GUIDE.partition("## Lesson plans")[2].partition("## Chapter by chapter")[0]
    assert set(re.findall(r"\{chapter\}`(\d+)`", plans)) == {str(n) for n in range(1, 13)}


def test_a_figure_that_was_not_measured_is_seen() -> None:
    text = "| 15–22 | In 45 minutes 16 layers take 1.6 times the memory, not 777.7 |"
    assert unfounded_advice(text, "01") == ["777.7"]
