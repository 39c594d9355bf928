"""Slides of the lessons: `_ext/slides.py`, as sources, and in a browser."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import browser as checks
import scripts

sys.path.insert(0, str(scripts.BOOK / "_ext"))
slides = scripts.load("_ext/slides")
DECKS = scripts.files("book/slides/*.md")
STYLE, SCRIPT = ((slides.SOURCES / f"slides.{kind}").read_text("utf8") for kind in ("css", "js"))


def test_every_course_of_the_guide_has_its_slides() -> None:
    guide = (scripts.BOOK / "instructor.md").read_text("utf8")
    plans = guide.partition("## Lesson plans")[2].partition("\n## ")[0]
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
    assert not re.search(r"^(?:ask|notes|output|diagram|playground|minutes):", page, re.M)


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
