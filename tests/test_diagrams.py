"""The schematics: their grammar, their words, what they claim of the learners, and their pages."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as xml
from pathlib import Path

import browser as checks
import pytest

import fgnn_lite as fgnn
from fgnn_lite.book import diagrams
from fgnn_lite.book.diagrams.marks import LEGEND, WIDE
from fgnn_lite.book.diagrams.steps import SCHEDULE, STEPPED
from fgnn_lite.book.diagrams.stills import STILLS
from fgnn_lite.book.diagrams.table import rows
from fgnn_lite.book.diagrams.words import WORDS
from fgnn_lite.learners.top_down import SETTLING, order

ROOT = Path(__file__).parents[1]
each = pytest.mark.parametrize("name", diagrams.DIAGRAMS)
still = pytest.mark.parametrize("name", STILLS)
MARKS = {mark for mark, _, _ in LEGEND}
HELPERS = {"fd-f", "fd-e", "fd-g", "fd-t", "fd-h"}  # frames, edges, guides and words
NO_STOP = {"bp", "checkpoint", "message-passing", "virtual-nodes"}
SAID = {  # mark -> what the words call it
    "fd-n": r"[Nn]ode",
    "fd-v": r"square",
    "fd-l": r"[Ll]ayer",
    "fd-o": r"loss|cross-entropy",
    "fd-d": r"dashed",
    "fd-b": r"\b[Rr]ed\b",
    "fd-s": r"\b[Bb]ars?\b",
    "fd-k": r"shaded|Shaded",
    "fd-g": r"dotted",
}


def pictures(name: str) -> list[xml.Element]:
    """The SVGs of a schematic, its legend's left out."""
    whole = diagrams.draw(name).html.split('<p class="fd-legend">')[0]
    return [xml.fromstring(found) for found in re.findall(r"<svg.*?</svg>", whole)]


def classes(name: str) -> set[str]:
    return {part.get("class") for one in pictures(name) for part in one.iter()} - {None}


def chapters() -> dict[str, list[str]]:
    """The schematics of each chapter, in order."""
    found = {}
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        code = "\n".join(
            "".join(cell["source"]) for cell in json.loads(path.read_text("utf8"))["cells"]
        )
        found[path.stem[:2]] = re.findall(r'diagrams\.draw\("([\w-]+)"\)', code)
    return found


# --- marks and words -------------------------------------------------------------------------


@each
def test_a_schematic_is_small_and_is_drawn_with_the_marks_of_all(name) -> None:
    assert len(diagrams.draw(name).html.encode()) < (12_000 if name in STILLS else 18_000)
    assert classes(name) <= MARKS | HELPERS


@each
def test_a_picture_has_a_role_a_title_and_words(name) -> None:
    for one in pictures(name):
        assert one.get("role") == "img"
        assert len(one.get("aria-label")) > 15
        assert one.find("title").text


@still
def test_words_name_every_kind_of_mark_that_is_drawn(name) -> None:
    (one,) = pictures(name)
    assert one.get("aria-label") == WORDS[name].alt == repr(diagrams.draw(name))
    for mark, pattern in SAID.items():
        assert (mark in classes(name)) <= bool(re.search(pattern, WORDS[name].alt)), mark


@each
def test_the_legend_has_the_marks_of_the_picture(name) -> None:
    legend = diagrams.draw(name).html.split('<p class="fd-legend">')[1]
    assert [means for mark, _, means in LEGEND if f">{means}</span>" in legend] == [
        means for mark, _, means in LEGEND if mark in classes(name)
    ]


@each
def test_no_word_leaves_the_picture(name) -> None:
    for one in pictures(name):
        high = float(one.get("viewBox").split()[3])
        for text in one.iter("text"):
            long = 7.1 * len(text.text)  # a letter of 13 units is 7.1 wide, on average
            x, y = float(text.get("x")), float(text.get("y"))
            side = re.sub(r".*:", "", text.get("style", "middle"))
            left = {"start": x, "middle": x - long / 2, "end": x - long}[side]
            assert left > -1, text.text
            assert left + long < WIDE + 1, text.text
            assert 7 < y < high - 7, text.text


@still
def test_the_method_stands_beside_it_in_a_few_lines(name) -> None:
    lines = WORDS[name].algorithm.strip().splitlines()
    parts = [line.partition("|")[0].strip() for line in lines]
    assert 5 <= len(lines) <= 10
    assert [part for part in parts if part][-4:] == ["train", "predict", "passes", "memory"]


def test_a_notebook_stores_the_page_and_the_words() -> None:
    one = diagrams.draw("sf")
    assert one._repr_mimebundle_() == {"text/html": one._repr_html_(), "text/plain": repr(one)}


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(ValueError, match=r"name must be one of .*'ff-la'.*'map'.*got 'ffla'"):
        diagrams.draw("ffla")


# --- what they claim -------------------------------------------------------------------------


def test_every_learner_has_a_schematic_and_a_page_shows_them_all() -> None:
    assert set(diagrams.OF_LEARNERS) == {
        *fgnn.LEARNERS,
        *fgnn.LINK_LEARNERS,
        *fgnn.GRAPH_LEARNERS,
        *fgnn.CLUSTER_LEARNERS,
    }
    assert set(diagrams.OF_LEARNERS.values()) <= set(diagrams.DIAGRAMS)
    page = (ROOT / "book" / "methods.md").read_text("utf8")
    shown = re.findall(r"^```\{diagram\} (\S+)", page, re.M)
    assert sorted(shown) == sorted(diagrams.DIAGRAMS)


def test_every_chapter_shows_its_own_near_its_head() -> None:
    shown = [name for names in chapters().values() for name in names]
    assert len(shown) == len(set(shown))
    assert set(diagrams.DIAGRAMS) == set(shown)
    for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")):
        cells = json.loads(path.read_text("utf8"))["cells"]
        assert any("diagrams.draw(" in "".join(cell["source"]) for cell in cells[3:10]), path.name


@pytest.mark.parametrize("name", [*STILLS, *STEPPED])
def test_a_bar_is_where_the_gradient_stops_and_nowhere_else(name) -> None:
    assert ("fd-s" in classes(name)) == (name not in NO_STOP)


def test_a_learner_is_drawn_with_bars_if_its_layers_learn_alone() -> None:
    for learner in fgnn.LEARNERS:
        drawn = diagrams.OF_LEARNERS[learner]
        if drawn != "map":
            alone = fgnn.make_learner(learner).local or learner == "dfa"
            assert ("fd-s" in classes(drawn)) == alone


def test_the_map_tells_learners_as_they_are() -> None:
    ways = {
        name.replace(" ", "-"): row["way"]
        for row in rows()
        for name in row["method"].lower().split(", ")
    }
    for learner in fgnn.LEARNERS:
        if learner == "mlp":  # BP without edges
            continue
        made, way = fgnn.make_learner(learner), ways[learner.removeprefix("sf-")]
        assert (way == "in turn") == made.layer_wise
        assert (way == "together") == (not made.layer_wise and (made.local or learner == "dfa"))


def test_the_schedule_is_that_of_the_library() -> None:
    _, first, second, predict = SCHEDULE
    alternating, simultaneous = (
        [[k + 1 for k in group] for group in order(updates, 4)]
        for updates in ("alternating", "simultaneous")
    )
    assert [list(first[1][1]), list(second[1][1])] == alternating
    assert [list(first[2][1])] == simultaneous
    assert (first[1][0], second[1][0], second[2][0]) == ("oooo", "nono", "nnnn")
    steps = fgnn.make_learner("sf-top-to-input").steps
    assert f"then {steps} such steps, 0 to {steps - 1}" in predict[0]
    assert f"count from step {SETTLING} on" in predict[0]


@pytest.mark.parametrize("frame", range(6))
def test_an_update_keeps_what_autograd_keeps(frame) -> None:
    """On the way up H of each layer but the last, each freed when its reader is passed."""
    words = {text.text for text in pictures("update")[frame].iter("text")}
    kept = [{"H₁"}, {"H₁", "H₂"}, {"H₁", "H₂"}, {"H₁"}, set(), set()][frame]
    assert {word for word in words if word.startswith("H")} == kept
    moved = [set(), {"dW₂"}, set(), {"dW₃"}, {"dW₃", "dW₂"}, {"dW₃", "dW₂", "dW₁"}][frame]
    assert {word for word in words if word.startswith("dW")} == moved
    assert ("Z" in words) == (frame == 0)


# --- in a browser ----------------------------------------------------------------------------

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>t</title>
<meta name="viewport" content="width=device-width"></head>
<body style="margin:16px"><main><h1>Schematics</h1>{parts}</main></body></html>"""
CROWDED = """() => {
  const found = [];
  for (const svg of document.querySelectorAll('.fgnn-diagram svg[role="img"]')) {
    const view = svg.getBoundingClientRect();
    if (!view.width) continue;
    const name = svg.closest('.fgnn-diagram').dataset.fd;
    const size = 13 * view.width / svg.viewBox.baseVal.width;
    const texts = [...svg.querySelectorAll('text')];
    const boxes = texts.map(text => text.getBoundingClientRect());
    if (texts.length && size < 11) found.push(`${name}: letters of ${size} px`);
    texts.forEach((text, i) => {
      const a = boxes[i], said = `${name}: ${text.textContent}`;
      if (a.left < view.left - 1 || a.right > view.right + 1) found.push(`${said} is outside`);
      boxes.slice(0, i).forEach((b, j) => {
        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (wide > 1 && high > size / 3) found.push(`${said} is over ${texts[j].textContent}`);
      });
    });
  }
  return found;
}"""


@pytest.fixture
def page_of(tmp_path):
    """Write a page of some schematics."""

    def written(*names, extra=""):
        parts = "".join(diagrams.draw(name).html for name in names)
        path = tmp_path / "page.html"
        path.write_text(PAGE.format(parts=parts + extra), encoding="utf8")
        return path

    return written


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("wide", [360, 1200])
def test_all_can_be_read_at_a_desk_and_on_a_phone(opened, page_of, wide, theme) -> None:
    size = {"viewport": {"width": wide, "height": 800}, "color_scheme": theme}
    page, watch = opened(page_of(*diagrams.DIAGRAMS), **size)
    assert page.evaluate(CROWDED) == []
    assert checks.overflow(page) == []
    assert checks.low_contrast(page) == []
    assert checks.axe_violations(page) == []
    assert watch.problems() == []
    ground = page.locator(".fgnn-diagram").first.evaluate("e => getComputedStyle(e).background")
    assert ("rgb(255, 255, 255)" in ground) == (theme == "light")


@pytest.mark.browser
def test_words_that_lie_over_each_other_are_seen(opened, page_of) -> None:
    bad = (
        '<div class="fgnn-diagram" data-fd="x"><svg role="img" viewBox="0 0 330 30">'
        '<text x="20" y="15">one</text><text x="24" y="15">two</text></svg></div>'
    )
    page, _ = opened(page_of("norm", extra=bad))
    assert page.evaluate(CROWDED) == ["x: two is over one"]


@pytest.mark.browser
@pytest.mark.parametrize("name", STEPPED)
def test_steps_are_made_with_buttons_and_with_keys(opened, page_of, name) -> None:
    page, watch = opened(page_of("sf", name))
    frames, said = page.locator("figure"), page.locator("[role=status]")
    words = [text.get_text() for text in checks.BeautifulSoup(
        diagrams.draw(name).html, "html.parser").find_all("figcaption")]  # fmt: skip
    last = len(words)

    def shows(k):
        assert [frames.nth(i).is_visible() for i in range(last)] == [i == k for i in range(last)]
        assert said.inner_text() == f"Step {k + 1} of {last}. {words[k]}"

    shows(0)
    page.get_by_role("button", name="next").click()
    shows(1)
    page.keyboard.press("ArrowRight")
    shows(2)
    page.keyboard.press("ArrowLeft")
    page.get_by_role("button", name="back").click()
    shows(0)
    page.keyboard.press("ArrowLeft")
    shows(last - 1)
    checks.emulate(page, media="print")
    assert all(frames.nth(i).is_visible() for i in range(last))
    assert watch.problems() == []


@pytest.mark.browser
def test_without_scripts_all_steps_are_shown(opened, page_of) -> None:
    page, _ = opened(page_of(*STEPPED), java_script_enabled=False)
    frames = page.locator("figure")
    assert frames.count() == sum(len(frames()) for _, _, frames in STEPPED.values())
    assert all(frame.is_visible() for frame in frames.all())
    assert page.locator("button").count() == 0
