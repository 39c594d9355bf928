"""Slides of the lessons: `_ext/slides.py`, as sources, and in a browser."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import browser as checks
import nbformat
import scripts
import test_prose

sys.path.insert(0, str(scripts.BOOK / "_ext"))
slides = scripts.load("_ext/slides")
DECKS = scripts.files("book/slides/*.md")
GUIDE = (scripts.BOOK / "instructor.md").read_text("utf8")
STYLE, SCRIPT = ((slides.SOURCES / f"slides.{kind}").read_text("utf8") for kind in ("css", "js"))


def test_every_course_of_the_guide_has_its_slides() -> None:
    plans = GUIDE.partition("## Lesson plans")[2].partition("\n## ")[0]
    linked = re.findall(r"slides/([\w-]+)\.html", plans)
    assert sorted(linked) == [path.stem for path in DECKS]
    assert len(re.findall(r"^### ", plans, re.M)) == len(DECKS)


@pytest.mark.parametrize("path", DECKS, ids=lambda path: path.stem)
def test_a_deck_has_pictures_questions_and_a_time_for_each_slide(path) -> None:
    title, *rest = re.split(r"^---$", path.read_text("utf8"), flags=re.M)
    assert re.search(r"^# ", title, re.M)
    starts = [int(re.search(r"^minutes: (\d+)–(\d+)$", each, re.M)[1]) for each in rest]
    ends = [int(re.search(r"^minutes: (\d+)–(\d+)$", each, re.M)[2]) for each in rest]
    assert all(start < end for start, end in zip(starts, ends, strict=True))
    assert starts[0] == 0
    assert ends[-1] >= 87
    assert 45 in ends
    assert sum("\nask: " in each for each in rest) >= len(rest) / 2
    assert sum("\ndiagram: " in each for each in rest) >= 2
    page = slides.deck(path, STYLE, SCRIPT)
    assert page.count("<section>") >= len(rest) + 1
    assert not re.search(r'(?:src|href)="https?:', page)
    assert not re.search(r"^(?:ask|notes|output|given|diagram|playground|minutes):", page, re.M)


# --- decks and plans -------------------------------------------------------------------------

Span = tuple[int, int]
PRESETS = json.loads((scripts.ROOT / "fgnn_lite/book/playground/presets.json").read_text("utf8"))
OF_PRESET = {preset["name"]: preset["chapter"] for preset in PRESETS["presets"]}


def plan(guide: str, name: str) -> dict[Span, set[int]]:
    """The rows of both lessons of a course: their minutes, and the chapters that they show.

    A row that names no chapter stays in that of the row above. The first row of 90 minutes stands
    for the rows of the shorter lesson.
    """
    course = re.split(r"^###? ", guide.partition(f"slides/{name}.html")[2], flags=re.M)[0]
    rows, chapters = {}, set()
    for start, end, shown in re.findall(r"^\| (\d+)–(\d+) \| (.*?) \| ", course, re.M):
        named = re.findall(r"(?:\{(?:section|chapter)\}`|chapter )(\d+)", shown)
        chapters = set(map(int, named)) or chapters
        if "the lesson of 45 minutes" not in shown:
            rows[int(start), int(end)] = chapters
    return rows


def sections(deck: str) -> list[tuple[Span, list[tuple[str, str]]]]:
    """The slides after the title: their minutes, and their lines of a kind, in order."""
    found = []
    for each in re.split(r"^---$", deck, flags=re.M)[1:]:
        lines = re.findall(f"^{slides.LINE.pattern}$", each, re.M)
        start, end = map(int, dict(lines)["minutes"].split("–"))
        found.append(((start, end), lines))
    return found


def strays(deck: str, rows: dict[Span, set[int]]) -> list[str]:
    """Where a deck leaves its plan, or gives an answer before its question."""
    parts = sections(deck)
    spans = list(dict.fromkeys(span for span, _ in parts))
    found = [f"row {a}–{b} has no slide" for a, b in rows if (a, b) not in spans]
    found += [f"slide {a}–{b} has no row" for a, b in spans if (a, b) not in rows]
    if spans != sorted(spans, key=lambda span: (span[0], span[1])):
        found.append("slides are not in the order of the plan")
    for span, lines in parts:
        kinds = [kind for kind, _ in lines]
        asked = kinds.index("ask") if "ask" in kinds else 0
        for at, (kind, words) in enumerate(lines):
            if kind in ("output", "given", "playground"):
                chapter = OF_PRESET[words] if kind == "playground" else int(words.split()[0])
                if chapter not in rows.get(span, {chapter}):
                    found.append(f"{words} is not of the row's chapter")
            if kind in ("output", "playground") and at < asked:
                found.append(f"{words} stands before its question")
            if kind == "given" and "ask" not in kinds[at:]:
                found.append(f"{words} is given, and nothing is asked")
    return found


@pytest.mark.parametrize("path", DECKS, ids=lambda path: path.stem)
def test_a_deck_follows_its_plan_and_asks_before_it_answers(path) -> None:
    assert not strays(path.read_text("utf8"), plan(GUIDE, path.stem))


def test_a_deck_that_leaves_its_plan_is_seen() -> None:
    guide = """<a href="../slides/one.html">

| 0–5 | {section}`2 Two stacks` | Why? |
| 5–9 | settings: `DEPTH = 1`, 3 layers | How? |
| 0–9 | the lesson of 45 minutes | |
| 9–20 | exercise 1 of chapter 4, then {chapter}`8` | {chapter}`1`? |

### Another course

| 20–30 | {chapter}`9` | |
"""
    rows = plan(guide, "one")
    assert rows == {(0, 5): {2}, (5, 9): {2}, (9, 20): {4, 8}}
    good = "# One\n---\nminutes: 0–5\n\ngiven: 02 a\n\nask: Why?\n\noutput: 02 b\n"
    good += "---\nminutes: 5–9\n\noutput: 02 c\n---\nminutes: 9–20\n\nplayground: Sixteen layers"
    assert strays(good, rows) == []
    for old, new, defect in (
        ("minutes: 5–9", "minutes: 0–5", "row 5–9 has no slide"),
        ("minutes: 5–9", "minutes: 6–9", "slide 6–9 has no row"),
        ("minutes: 5–9", "minutes: 9–20", "row 5–9 has no slide"),
        ("output: 02 c", "output: 03 c", "03 c is not of the row's chapter"),
        ("Sixteen layers", "The staircase", "The staircase is not of the row's chapter"),
        ("given: 02 a", "output: 02 a", "02 a stands before its question"),
        ("output: 02 c", "given: 02 c", "02 c is given, and nothing is asked"),
    ):
        assert defect in strays(good.replace(old, new), rows)


COUNTED = ("eight", "eighth"), ("nine", "ninth"), ("ten", "tenth"), ("eleven", "eleventh")


@pytest.mark.parametrize("path", DECKS, ids=lambda path: path.stem)
def test_a_title_says_which_slides_and_which_chapters(path) -> None:
    deck = path.read_text("utf8")
    title = deck.partition("\n---\n")[0]
    spans = [span for span, _ in sections(deck)]
    many, last = COUNTED[1 + sum(end <= 45 for _, end in spans) - 8]
    assert spans[1 + sum(end <= 45 for _, end in spans) - 2] == (42, 45)  # not in the longer lesson
    assert f"45 minutes: the first {many} slides. 90 minutes: all but the {last}" in title
    named = re.findall(r"\d+", re.search(r"^Chapters (.*) of \*", title, re.M)[1])
    assert set(map(int, named)) == set().union(*plan(GUIDE, path.stem).values())


def test_the_claims_and_their_verdicts_are_those_of_chapter_11() -> None:
    (path,) = scripts.files("notebooks/11_*.ipynb")
    cells = nbformat.read(path, as_version=4).cells
    (table,) = (cell.source for cell in cells if cell.id == "verdict-table")
    held = re.findall(r"^\| (?!claim)(.+?) \| \*\*(.+?)[.:]?\*\*", table, re.M)
    deck = (slides.SOURCES / "judging-a-paper.md").read_text("utf8")
    assert re.findall(r"^\d+\. (.+)$", deck, re.M) == [claim for claim, _ in held]
    answer = deck.partition("| claim |")[2]
    assert re.findall(r"^\| (?!---)(.+?) \| (.+?) \|$", answer, re.M) == held


@pytest.mark.parametrize("path", DECKS, ids=lambda path: path.stem)
def test_every_figure_of_a_deck_is_a_chapters(path) -> None:
    words = re.sub(r"^(?:minutes|output|given): .*$", " ", path.read_text("utf8"), flags=re.M)
    missing = [
        set(test_prose.unfounded_advice(words, f"{chapter:02}"))
        for chapter in set().union(*plan(GUIDE, path.stem).values())
    ]
    assert not set.intersection(*missing)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("output: 01 nowhere", "chapter 01 has no cell 'nowhere' with an output"),
        ("diagram: none", "must be one of"),
        ("playground: none", "must be one of"),
    ],
)
def test_what_a_slide_cannot_show_is_an_error(line, message) -> None:
    with pytest.raises(ValueError, match=message):
        slides.slide(f"# Title\n\n{line}")


def test_an_answer_follows_its_question_and_notes_come_last() -> None:
    made = slides.slide("# $x$ is *it*\n\nask: Why?\n\nnotes: So.\n\n- because\n\nask: And?")
    assert "<math" in made
    assert re.search(
        r'<div class="ask"><p>Why\?</p>\s*</div><div class="answer"><ul>.*because.*'
        r'<div class="ask"><p>And\?</p>\s*</div></div><div class="notes"><p>So\.</p>',
        made,
        re.S,
    )


@pytest.mark.browser
def test_keys_turn_slides_answers_and_notes(chromium, tmp_path) -> None:
    source = tmp_path / "deck.md"
    source.write_text("# One\n---\n# Two\n\nask: Why?\n\nBecause.\n\nnotes: Quiet.\n---\n# Three")
    target = tmp_path / "deck.html"
    target.write_text(slides.deck(source, STYLE, SCRIPT), encoding="utf8")
    page = chromium.new_page(viewport=checks.DESKTOP)
    page.goto(target.as_uri())
    one, two, three = (page.get_by_role("heading", name=name) for name in ("One", "Two", "Three"))
    checks.expect(one).to_be_visible()
    page.keyboard.press("ArrowRight")
    checks.expect(two).to_be_visible()
    checks.expect(one).to_be_hidden()
    checks.expect(page.get_by_text("Because.")).to_be_hidden()
    checks.expect(page.get_by_text("Quiet.")).to_be_hidden()
    page.keyboard.press("n")
    checks.expect(page.get_by_text("Quiet.")).to_be_visible()
    page.keyboard.press("ArrowRight")
    checks.expect(page.get_by_text("Because.")).to_be_visible()
    page.keyboard.press("ArrowRight")
    checks.expect(three).to_be_visible()
    page.reload()
    checks.expect(three).to_be_visible()
    page.keyboard.press("PageUp")
    checks.expect(two).to_be_visible()
    assert not checks.axe_violations(page)
    page.emulate_media(media="print")
    checks.expect(one).to_be_visible()
    checks.expect(three).to_be_visible()
    page.close()
