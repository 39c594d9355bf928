"""Questions to click and predictions to enter: what they ask, and what a page does with answers."""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from pathlib import Path

import nbformat
import pytest
import scripts
import torch
from bs4 import BeautifulSoup

from fgnn_lite.book import quiz
from fgnn_lite.book.quiz import PREDICTIONS, QUESTIONS

sys.path.insert(0, str(Path(__file__).parent))
import browser as checks

CHAPTERS = {path.stem[:2]: path for path in scripts.files("notebooks/[0-9][0-9]_*.ipynb")}
ALL = [(number, k) for number, asked in QUESTIONS.items() for k in range(len(asked))]
MOST_BYTES = 13_000
VOID = {"input", "br"}
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>t</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>A chapter</h1>{}</main></body></html>"""


def words(text: str) -> int:
    return len(re.findall(r"\w+", text))


def goals(number: str) -> list[str]:
    """What a chapter says that its reader will do."""
    title = nbformat.read(CHAPTERS[number], as_version=4).cells[0].source
    return re.findall(r"^- (.*)", title.split("ou will\n\n")[1].split("\n\n")[0], flags=re.M)


def code(number: str) -> list[str]:
    cells = nbformat.read(CHAPTERS[number], as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "code"]


def unclosed(html: str) -> list[str]:
    """Tags that are not closed in the order in which they were opened."""
    found, stack = [], []
    html = re.sub(r"(?s)(<script[^>]*>).*?(</script>)|(<style>).*?(</style>)", r"\1\2\3\4", html)
    for end, tag in re.findall(r"<(/?)([a-z]+)[^<>]*>", html):
        if not end and tag not in VOID:
            stack.append(tag)
        elif end and (not stack or stack.pop() != tag):
            found.append(tag)
    return found + stack


# --- what is asked ---------------------------------------------------------------------------


def test_every_chapter_has_questions_and_one_prediction() -> None:
    assert list(QUESTIONS) == list(CHAPTERS)
    assert [name[:2] for name in PREDICTIONS] == list(CHAPTERS)
    assert {len(asked) for asked in QUESTIONS.values()} <= {2, 3, 4}


@pytest.mark.parametrize(("number", "k"), ALL)
def test_a_question_has_one_right_choice_and_an_answer_to_each(number, k) -> None:
    asked = QUESTIONS[number][k]
    assert set(asked) == {"goal", "question", "right", "choices"}
    choices = [choice for choice, _ in asked["choices"]]
    assert 3 <= len(choices) == len(set(choices)) <= 4
    assert asked["right"] in "ABCD"[: len(choices)]
    assert asked["question"].endswith("?")
    for choice, answer in asked["choices"]:
        assert words(answer) >= 5
        assert words(choice) >= 1
        assert answer != choice
        assert not re.match(r"(?i)(yes|no|right|wrong)\b[,.:]", answer)  # the card says that
    assert len({answer for _, answer in asked["choices"]}) == len(choices)


@pytest.mark.parametrize(("number", "k"), ALL)
def test_a_question_is_about_a_goal_of_its_chapter(number, k) -> None:
    assert 1 <= QUESTIONS[number][k]["goal"] <= len(goals(number))


@pytest.mark.parametrize("number", QUESTIONS)
def test_a_chapters_questions_are_about_more_than_one_goal(number) -> None:
    assert len({asked["goal"] for asked in QUESTIONS[number]}) > 1


def test_neither_place_nor_length_gives_the_right_choice_away() -> None:
    asked = [QUESTIONS[number][k] for number, k in ALL]
    places = Counter(each["right"] for each in asked)
    assert set(places) == set("ABCD")
    assert max(places.values()) <= len(asked) / 2
    longest = sum(
        max(each["choices"], key=lambda pair: len(pair[0]))
        is each["choices"]["ABCD".index(each["right"])]
        for each in asked
    )
    assert len(asked) / 6 <= longest <= len(asked) / 2
    assert all(len({each["right"] for each in asked}) > 1 for asked in QUESTIONS.values())


@pytest.mark.parametrize("name", PREDICTIONS)
def test_a_prediction_can_be_entered_and_compared(name) -> None:
    known = PREDICTIONS[name]
    assert known["ask"].endswith("?")
    if "choices" in known:
        assert 2 <= len(set(known["choices"])) == len(known["choices"])
        bounds = known.get("bounds", [])
        assert bounds == sorted(bounds)
        assert not bounds or len(bounds) + 1 == len(known["choices"])
    else:
        low, high = known["range"]
        assert low < high
        assert known["step"] > 0


@pytest.mark.parametrize("number", CHAPTERS)
def test_a_chapter_asks_predicts_and_compares_once(number) -> None:
    source = "\n".join(code(number))
    (name,) = (name for name in PREDICTIONS if name[:2] == number)
    assert re.findall(r"quiz\.(\w+)\(\s*\"([\w-]+)\"", source) == [
        ("predict", name),
        ("compare", name),
        ("ask", number),
    ]


@pytest.mark.parametrize("number", CHAPTERS)
def test_what_is_compared_is_what_a_cell_has_computed(number) -> None:
    (cell,) = (source for source in code(number) if "quiz.compare(" in source)
    nodes = list(ast.walk(ast.parse(cell)))
    (call,) = (
        n for n in nodes if isinstance(n, ast.Call) and "quiz.compare" in ast.unparse(n.func)
    )
    _, measured, predicted = call.args
    assert any(isinstance(node, ast.Name) for node in ast.walk(measured))  # not typed
    assert ast.unparse(predicted).startswith("my_")


# --- what comes of it ------------------------------------------------------------------------


@pytest.mark.parametrize("number", QUESTIONS)
def test_a_quiz_is_small_and_sound(number) -> None:
    html = quiz.ask(number).html
    assert len(html.encode()) < MOST_BYTES
    assert unclosed(html) == []
    page = BeautifulSoup(html, "html.parser")
    fields = page.select("fieldset")
    assert len(fields) == len(QUESTIONS[number])
    for field, asked in zip(fields, QUESTIONS[number], strict=True):
        assert field.legend.text.endswith(f"{asked['question']} Goal {asked['goal']}")
        said = [label.span.text[2:] for label in field("label")]
        assert said == [choice for choice, _ in asked["choices"]]
        assert len({radio["name"] for radio in field("input", type="radio")}) == 1
        told = [item.text for item in field.select("details:not([open]) li")]
        right = "ABCD".index(asked["right"])
        for k, (line, (_, answer)) in enumerate(zip(told, asked["choices"], strict=True)):
            assert line == f"{'Yes.' if k == right else 'No.'} {answer}"
    names = {field["data-name"] for field in fields}
    assert len(names) == len(fields)


def test_a_tag_that_is_not_closed_is_seen() -> None:
    assert unclosed("<p><b>a</p></b>") == ["p", "b"]
    assert unclosed("<p>a<input>") == ["p"]


NASTY = '<b>"it\'s" & </script> ü'


def test_what_is_said_is_escaped(monkeypatch) -> None:
    asked = {"goal": 1, "question": NASTY, "right": "B", "choices": [[NASTY, NASTY], ["b", "c"]]}
    monkeypatch.setitem(QUESTIONS, "99", [asked])
    known = {"ask": NASTY, "choices": [NASTY, "b"], "unit": NASTY}
    monkeypatch.setitem(PREDICTIONS, "99-x", known)
    whole = [quiz.ask("99"), quiz.predict("99-x"), quiz.compare("99-x", NASTY, NASTY)]
    for card in whole:
        assert unclosed(card.html) == []
        assert NASTY not in card.html
        assert NASTY in str(BeautifulSoup(card.html, "html.parser").get_text()) or card is whole[1]
    held = BeautifulSoup(whole[1].html, "html.parser").select_one('[type="text/html"]').string
    assert unclosed(held) == []
    assert BeautifulSoup(held, "html.parser").input["value"] == NASTY


def test_the_script_of_all_cards_is_the_same() -> None:
    cards = [quiz.ask("07"), quiz.predict("07-accuracy"), quiz.compare("07-accuracy", 1)]
    pages = [BeautifulSoup(card.html, "html.parser") for card in cards]
    for tag in ("script", "style"):
        assert len({page.select_one(f"{tag}:not([type])").string for page in pages}) == 1
    page = BeautifulSoup("".join(card.html for card in cards), "html.parser")
    sys.path.insert(0, str(scripts.BOOK / "_ext"))
    scripts.load("_ext/finish").share(page)  # a finished page has them once
    assert len(page.select("script:not([type])")) == len(page("style")) == 1


@pytest.mark.parametrize(
    ("name", "measured", "said"),
    [
        ("07-accuracy", 96.49, "96 %"),
        ("07-accuracy", torch.tensor(96.5), "97 %"),
        ("02-accuracy", 82.6, "85 %"),
        ("10-smallest", 0.5, "0.50"),
        ("08-depth", float("inf"), "none"),
        ("03-winner", "without norm", "without norm"),
        ("01-factor", {"a": 1.58, "b": 4.81}, "a: 1.6 times, b: 4.8 times"),
        ("06-cause", {"c": -0.3}, "c: 0 points"),
        ("09-gain", -3.1, "It costs a point or more"),
        ("09-gain", 0.0, "It changes less than a point"),
        ("09-gain", 1, "It gains a point or more"),
    ],
)
def test_what_was_measured_is_rounded(name, measured, said) -> None:
    card = quiz.compare(name, measured)
    assert repr(card) == f"You predicted: nothing yet. Measured: {said}"
    shown = BeautifulSoup(card.html, "html.parser").select("dl div")[1].text
    assert all(part in shown for part in said.replace(": ", ", ").split(", "))


def test_what_stands_in_a_cell_is_compared_as_well() -> None:
    card = quiz.compare("07-accuracy", 96, 80)
    assert repr(card) == "You predicted: 80. Measured: 96 %"
    assert "data-name" not in card.html  # what was entered on the page does not take its place
    assert "to the nearest 5" in quiz.compare("02-accuracy", 81).html
    assert "to the nearest" not in card.html


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: quiz.ask("16"), ValueError, "chapter must be one of .*'15'.*; got '16'"),
        (lambda: quiz.ask(7), TypeError, "chapter must be one of .*; got 7"),
        (lambda: quiz.predict("07"), ValueError, "name must be one of .*'07-accuracy'"),
        (lambda: quiz.predict(None), TypeError, "name must be one of"),
        (lambda: quiz.compare("7", 1), ValueError, "name must be one of .*'07-accuracy'"),
        (lambda: quiz.compare("03-winner", "both"), ValueError, "measured .*'with norm'"),
        (lambda: quiz.compare("07-accuracy", None), TypeError, "measured must be .*; got None"),
        (lambda: quiz.compare("07-accuracy", {"a": []}), TypeError, r"measured must be .*\[\]"),
    ],
)
def test_bad_input_is_refused(call, error, said) -> None:
    with pytest.raises(error, match=said):
        call()


# --- in a browser ----------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path):
    """A page with a number, one with a choice, and one that shares its script."""

    def write(name: str, *cards: quiz.Card) -> Path:
        path = tmp_path / f"{name}.html"
        path.write_text(PAGE.format("".join(card.html for card in cards)), encoding="utf8")
        return path

    number = [quiz.predict("07-accuracy"), quiz.compare("07-accuracy", 96.2), quiz.ask("07")]
    write("number", *number)
    write("choice", quiz.predict("03-winner"), quiz.compare("03-winner", {"with norm": 60}))
    whole = BeautifulSoup(write("shared", *number).read_text("utf8"), "html.parser")
    sys.path.insert(0, str(scripts.BOOK / "_ext"))
    scripts.load("_ext/finish").share(whole)
    (tmp_path / "shared.html").write_text(str(whole), encoding="utf8")
    return tmp_path


def reload(page) -> None:
    """Load a page again, with what it has kept.

    From disk Chromium can load a page before what the last one wrote has reached its store: about 1
    in 200 loads on a busy machine, when nothing lies between the two. The next load has it.
    """
    stored = "() => localStorage.getItem('fgnn-quiz')"
    kept = page.evaluate(stored)
    page.reload()
    for _ in range(5):
        if page.evaluate(stored) == kept:
            return
        page.wait_for_timeout(checks.LIMIT / 50)
        page.reload()


def choose(page, letter: str):
    """Choose in the first question, by keyboard; give its field."""
    field = page.locator(".fq-ask fieldset").first
    field.locator("input").first.focus()
    page.keyboard.press("Space")
    for _ in range("ABCD".index(letter)):
        page.keyboard.press("ArrowDown")
    return field


@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "how"), [("number", "http"), ("number", "file"), ("shared", "http")]
)
def test_by_keyboard_answered_remembered_and_forgotten(site, opened, name, how) -> None:
    asked = QUESTIONS["07"][0]
    right = "ABCD".index(asked["right"])
    other = next(k for k in range(3) if k != right)
    with checks.server(site) as base:
        base = base if how == "http" else site.as_uri()
        page, watch = opened(site / f"{name}.html", base)
        said = page.locator(".fq-ask fieldset").first.get_by_role("status")
        field = choose(page, "ABCD"[other])
        checks.expect(said).to_be_hidden()  # an arrow key chooses, and does not answer yet
        page.keyboard.press("Enter")
        checks.expect(said).to_have_text(f"No. {asked['choices'][other][1]}")
        choose(page, asked["right"])
        checks.expect(said).to_be_hidden()
        page.keyboard.press("Tab")
        page.keyboard.press("Space")  # the button
        checks.expect(said).to_have_text(f"Yes. {asked['choices'][right][1]}")
        page.get_by_role("spinbutton").fill("80")
        page.get_by_role("button", name="Keep").click()
        compared = page.locator(".fq-compare")
        checks.expect(compared).to_contain_text("You predicted80 %")
        checks.expect(compared).to_contain_text("Measured96 %")
        reload(page)
        checks.expect(said).to_have_text(f"Yes. {asked['choices'][right][1]}")
        checks.expect(field.get_by_role("radio").nth(right)).to_be_checked()
        checks.expect(page.get_by_role("spinbutton")).to_have_value("80")
        checks.expect(compared).to_contain_text("You predicted80 %")
        checks.expect(page.locator(".fq-kept")).to_contain_text(
            f"1 of {len(QUESTIONS['07'])} right"
        )
        page.get_by_role("button", name="Forget them").click()
        checks.expect(page.get_by_text("Forgotten.")).to_be_attached()
        checks.expect(field.get_by_role("radio").nth(right)).not_to_be_checked()
        checks.expect(compared).to_contain_text("You predicted–")
        assert page.evaluate("() => localStorage.getItem('fgnn-quiz')") == "{}"
        reload(page)
        checks.expect(page.locator(".fq-kept")).to_contain_text(
            f"0 of {len(QUESTIONS['07'])} right"
        )
        checks.expect(page.get_by_role("spinbutton")).to_have_value("")
        assert watch.problems() == []


@pytest.mark.browser
def test_what_is_not_kept_yet_stays_while_something_else_is(site, opened) -> None:
    page, _ = opened(site / "number.html")
    second = page.locator(".fq-ask fieldset").nth(1).get_by_role("radio").nth(2)
    second.check()
    page.get_by_role("spinbutton").fill("200")
    page.get_by_role("spinbutton").press("Enter")
    said = page.locator(".fq-predict").get_by_role("status")
    checks.expect(said).to_have_text("Enter a number from 0 to 100.")
    choose(page, "A")
    page.keyboard.press("Enter")
    checks.expect(second).to_be_checked()
    checks.expect(page.get_by_role("spinbutton")).to_have_value("200")
    page.locator(".fq-ask fieldset").nth(2).get_by_role("button").click()
    checks.expect(page.get_by_text("Choose an answer first.")).to_be_visible()


@pytest.mark.browser
def test_a_choice_is_compared_and_another_page_sees_it(site, opened) -> None:
    with checks.server(site) as base:
        page, watch = opened(site / "choice.html", base)
        checks.expect(page.locator(".fq-none")).to_be_visible()
        page.get_by_role("radio", name="without norm").check()
        checks.expect(page.locator(".fq-own")).to_have_text("without norm")
        checks.expect(page.locator(".fq-none")).to_be_hidden()
        other, _ = checks.open_page(page.context, base, f"{base}/number.html")
        other.get_by_role("button", name="Forget them").click()
        checks.expect(page.locator(".fq-own")).to_have_text("–")  # in the other tab, too
        assert watch.problems() == []


@pytest.mark.browser
def test_where_nothing_can_be_stored_it_says_so_and_works(site, chromium) -> None:
    context = chromium.new_context()
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })"
    )
    page, watch = checks.open_page(context, site.as_uri(), (site / "number.html").as_uri())
    checks.expect(page.locator(".fq-kept")).to_contain_text("stores nothing here")
    page.get_by_role("spinbutton").fill("80")
    page.get_by_role("spinbutton").press("Enter")
    checks.expect(page.locator(".fq-own")).to_have_text("80 %")
    assert watch.problems() == []
    context.close()


@pytest.mark.browser
def test_what_lies_there_from_elsewhere_does_no_harm(site, opened) -> None:
    page, watch = opened(site / "number.html")
    for text in ("no JSON", "null", "3", '{"07-accuracy": {"a": 1}}'):
        page.evaluate("text => localStorage.setItem('fgnn-quiz', text)", text)
        reload(page)
        checks.expect(page.locator(".fq-kept")).to_contain_text(
            f"0 of {len(QUESTIONS['07'])} right"
        )
    assert watch.problems() == []


@pytest.mark.browser
@pytest.mark.parametrize("name", ["number", "choice"])
def test_it_looks_well_and_axe_finds_nothing(site, opened, name) -> None:
    page, watch = opened(site / f"{name}.html")
    if name == "number":
        for letter in ("A", "D"):
            choose(page, letter)
            page.keyboard.press("Enter")
    for size, theme in checks.LOOKS:
        checks.resize(page, size)
        checks.emulate(page, color_scheme=theme)
        assert checks.overflow(page) == []
        assert checks.low_contrast(page) == []
        assert checks.axe_violations(page) == []
    assert checks.unseen_focus(page) == []
    assert watch.problems() == []


@pytest.mark.browser
def test_without_scripts_and_on_paper_the_answers_are_there(site, chromium, opened) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "number.html").as_uri())
    answer = QUESTIONS["07"][0]["choices"][0][1]
    checks.expect(page.get_by_text(answer)).to_be_hidden()
    page.locator("summary").first.click()
    checks.expect(page.get_by_text(answer)).to_be_visible()
    checks.expect(page.locator(".fq-off").first).to_be_visible()
    assert page.get_by_role("spinbutton").count() == 0
    context.close()
    page, _ = opened(site / "number.html")
    checks.expect(page.locator("summary").first).to_be_hidden()
    checks.emulate(page, media="print")
    checks.expect(page.locator("summary").first).to_be_visible()
    checks.expect(page.get_by_role("button", name="Forget them")).to_be_hidden()
