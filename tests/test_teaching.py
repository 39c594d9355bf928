"""For a class: worksheets, objectives, and a bank whose keys the published book leaves out."""

from __future__ import annotations

import html
import io
import json
import random
import re
import sys
import zipfile
from collections import defaultdict
from itertools import combinations
from statistics import fmean

import nbformat
import pytest
import scripts
import test_prose
import torch
from answers import bank
from test_quiz import goals
from torch.nn.functional import cross_entropy, softplus

from fgnn_lite import augment, graphs
from fgnn_lite.book.exercises import EXERCISES, check
from fgnn_lite.book.quiz import QUESTIONS

sys.path.insert(0, str(scripts.BOOK / "_ext"))
worksheets = scripts.load("_ext/worksheets")
exam = scripts.load("tools/exam")

BUILT = scripts.ROOT / "_build" / "html"
BANK = exam.entries("questions")
FOLD = re.compile(r"\n {2,3}(?=\S)")  # where an item of a list goes on
KEYS = {name: FOLD.sub(" ", key) for name, key in exam.entries("keys").items()}
OF_SHEETS = FOLD.sub(" ", (exam.BANK / "worksheets.md").read_text(encoding="utf8"))
GUIDE = (scripts.BOOK / "instructor.md").read_text(encoding="utf8")
KINDS = ("calculate", "read a figure", "find the fault", "judge a claim", "write")
ABOUT = re.compile(r"(.+) · objective (\d+[a-d]) · (\d+) points · (\d+) minutes")
CODE = re.compile(r"^```python\n(.*?)^```", re.M | re.S)
SHEETS = {path.stem: path.read_text("utf8") for path in scripts.files("book/worksheets/*.md")}


def test_the_guide_says_how_long_cells_take() -> None:
    """By the clock, to the second, as measured: the whole chapter, and what takes five or more."""
    rows = json.loads((scripts.ROOT / "results" / "cells.json").read_text("utf8"))["rows"]
    took = {(row["notebook"], row["cell"]): row["seconds"] for row in rows}
    wanted = {}
    for (number, cell), seconds in sorted(took.items(), key=lambda pair: -pair[1]):
        if number.isdigit():
            _, long = wanted.setdefault(int(number), (f"{took[number, None]:.0f}", []))
            if cell and seconds >= 5:
                long.append(f"`{cell}` {seconds:.0f}")
    table = GUIDE.partition("| chapter | all cells, s |")[2].partition("\n\n")[0]
    found = re.findall(r"^\| \{chapter\}`(\d+)` \| (\d+) \| (.*?) \|$", table, re.M)
    assert {int(k): (whole, long.split(", ")) for k, whole, long in found} == {
        k: (whole, long or ["none"]) for k, (whole, long) in wanted.items()
    }


def test_a_lesson_on_one_chapter_has_no_gap() -> None:
    """Of every chapter there is one, from minute 0 to 90."""
    chapters = GUIDE.partition("\n## Chapter by chapter")[2].partition("\n## ")[0]
    found = re.split(r"^### Chapter ", chapters, flags=re.M)[1:]
    assert [part.split(":")[0] for part in found] == [str(k) for k in range(1, 16)]
    for part in found:
        _, _, table = part.partition("\n**In 90 minutes**\n")
        rows = re.findall(r"^\| (\d+)–(\d+) \|", table.partition("\n**")[0], re.M)
        assert [start for start, _ in rows] == ["0", *(end for _, end in rows[:-1])]
        assert rows[-1][1] == "90"


def about(name: str) -> tuple[str, str, int, int]:
    kind, objective, points, minutes = ABOUT.fullmatch(BANK[name].splitlines()[1]).groups()
    return kind, objective, int(points), int(minutes)


def objectives(guide: str) -> dict[str, dict[str, list[str]]]:
    """The table of the guide: goals, exercises, questions and bank of each objective."""
    table = guide.partition("\n## Learning objectives")[2].partition("\n## ")[0]
    rows = [line.split("|")[1:-1] for line in table.splitlines() if line.startswith("| **")]
    columns = "goals", "exercises", "questions", "bank"
    return {
        re.match(r" \*\*(\w+)\*\* ", first)[1]: {
            column: re.findall(r"[\w.-]+", cell) for column, cell in zip(columns, rest, strict=True)
        }
        for first, *rest in rows
    }


OBJECTIVES = objectives(GUIDE)
CHAPTERS = {name: int(name[:-1]) for name in OBJECTIVES}


def cells(key: str) -> list[str]:
    """The cells that a key names in a comment, as `07 splits`."""
    return re.findall(r"\d\d [\w-]+", "".join(re.findall(r"<!--(.*?)-->", key)))


def printed(cell: str) -> str:
    """What a cell has stored, pictures by their alt text."""
    chapter, cell_id = cell.split()
    (path,) = scripts.files(f"notebooks/{chapter}_*.ipynb")
    (found,) = (c for c in nbformat.read(path, as_version=4).cells if c.id == cell_id)
    assert found.outputs, cell
    texts = [o.get("text") or o.data.get("text/plain", "") for o in found.outputs]
    return "\n".join(texts)


def sourceless(key: str, *sources: str) -> list[str]:
    """Figures of a key that are in none of these texts; powers of e, points and items count not."""
    known = test_prose.facts() + test_prose.values("\n".join(sources))
    text = re.sub(r"e\^\S+|^- \d+ points?|^\d+\. |[Dd]epth \d", " ", key, flags=re.M)
    found = test_prose.figures(text)
    return [n for n in found if not test_prose.counts(n) and not test_prose.comes_from(n, known)]


# --- the questions ---------------------------------------------------------------------------


def test_the_questions_of_every_kind_cover_all_chapters() -> None:
    assert len(BANK) == 52
    assert list(BANK) == list(KEYS)
    kinds = [about(name)[0] for name in BANK]
    assert {kind: kinds.count(kind) >= 4 for kind in KINDS} == dict.fromkeys(KINDS, True)
    assert set(kinds) == set(KINDS)
    numbers = [int(name.split(".")[0]) for name in BANK]
    assert set(numbers) == set(range(1, 16))
    assert all(numbers.count(n) >= 3 for n in numbers)


@pytest.mark.parametrize("name", BANK)
def test_a_key_gives_all_points_and_a_question_has_time(name) -> None:
    _, objective, points, minutes = about(name)
    given = [int(n) for n in re.findall(r"^- (\d+) points?\b", KEYS[name], re.M)]
    assert sum(given) == points
    assert points <= minutes <= 15
    assert objective[:-1] == name.split(".")[0]
    for part in re.findall(r"^\(([a-d])\)| \(([a-d])\) [A-Z]", BANK[name], re.M):
        assert f"({''.join(part)})" in KEYS[name]
    for worth, item in re.findall(r"^- (\d+) points?(.*)$", KEYS[name], re.M):
        assert item.count("(1)") in (0, int(worth))  # points within an item


@pytest.mark.parametrize("name", BANK)
def test_every_figure_of_a_key_has_a_source(name) -> None:
    computed = bank.FIGURES[name]() if name in bank.FIGURES else []
    missing = [text for text in computed if text not in KEYS[name]]
    assert not missing
    shown = [printed(cell) for cell in cells(KEYS[name])]
    assert not sourceless(KEYS[name], BANK[name], *computed, *shown)


@pytest.mark.parametrize("name", [name for name in BANK if cells(KEYS[name])])
def test_a_figure_that_a_question_quotes_was_printed(name) -> None:
    shown = re.findall(r"^output: (.+)$", BANK[name], re.M)
    assert shown == cells(KEYS[name]) or name == "10.4"
    asked = BANK[name].partition("(d)")[2] if name == "10.4" else BANK[name]
    lines = asked.splitlines()[2 if name != "10.4" else 0 :]
    asked = "\n".join(line for line in lines if not line.startswith("output: "))
    asked = re.sub(r"^output: .+$", " ", asked, flags=re.M)
    assert not sourceless(asked, *map(printed, cells(KEYS[name])))


def test_a_figure_without_a_source_is_seen() -> None:
    key = "- 2 points, (a): the loss is 0.37, with 3 layers\n<!-- 01 depth -->"
    assert sourceless(key, "0.35") == ["0.37"]
    assert sourceless(key, "0.374") == []


def code(text: str) -> str:
    (found,) = CODE.findall(text)
    return found


def run(source: str, name: str):
    known = (torch, softplus, cross_entropy, random, combinations, fmean, defaultdict)
    space = {each.__name__: each for each in known}
    exec(source, space)
    return space[name]


def test_the_faults_of_a_stack_are_there_and_the_mended_one_learns() -> None:
    faulty, mended = code(BANK["2.2"]), code(KEYS["2.2"])
    loss = "softplus(g[0] - theta).mean() + softplus(theta - g[1:]).mean()"
    (right,) = re.findall(r"`(softplus.*?)`", KEYS["2.2"])
    assert loss in faulty
    inputs = torch.rand(3, 20, 8, generator=torch.manual_seed(0))
    inputs[0, :, 0] += 1
    inputs = torch.nn.functional.normalize(inputs, dim=2)

    def goodness(layer, x):
        return layer(x).relu().square().sum(dim=2)

    def layers():
        torch.manual_seed(0)
        return [torch.nn.Linear(8, 16), torch.nn.Linear(16, 16)]

    one, _ = layers()
    run(faulty, "train")([one], inputs)
    assert goodness(one, inputs)[0].mean() < goodness(one, inputs)[1:].mean()  # the wrong way
    with pytest.raises(RuntimeError, match="second time"):
        run(faulty.replace(loss, right), "train")(layers(), inputs)
    last = "        inputs = layer(inputs).relu()\n"
    assert last in faulty
    whole = faulty.replace(loss, right).replace(last, "".join(
        f"        {line}\n" for line in mended.splitlines()
    ))  # fmt: skip
    one, two = layers()
    run(whole, "train")([one, two], inputs)
    h = one(inputs).relu()
    h = h / (h.norm(dim=2, keepdim=True) + 1e-8)
    for layer, x in ((one, inputs), (two, h)):
        assert goodness(layer, x)[0].mean() > 1.5 * goodness(layer, x)[1:].mean()


def test_the_test_that_finds_no_leak_and_the_mended_one() -> None:
    karate = graphs.load_graph("karate")
    faulty, mended = run(code(BANK["6.3"]), "leaks"), run(code(KEYS["6.3"]), "leaks")

    def into_features(data):
        new = data.clone()
        new.x = torch.cat([data.x, data.y[:, None].float()], dim=1)
        return new

    def into_edges(data):
        new = data.clone()
        new.train_mask = torch.ones_like(data.train_mask)
        return augment.add_virtual_nodes(new)

    assert faulty(augment.add_virtual_nodes, karate)  # it is in order
    assert not faulty(into_features, karate)
    assert not mended(augment.add_virtual_nodes, karate)
    assert mended(into_features, karate)
    assert mended(into_edges, karate)
    assert check("06-leak", lambda f, data: "nothing") is not None


def test_the_faults_of_a_layer_of_single_forward_are_there() -> None:
    from torch_geometric.nn import GCNConv

    source = code(BANK["7.3"])
    for fault in ("z[virtual].detach()", "* tau", "return conv(x, edges).relu()"):
        assert fault in source
    graph = augment.add_virtual_nodes(graphs.load_graph("karate"))
    torch.manual_seed(0)
    conv = GCNConv(graph.num_features, 8)
    train, virtual = graph.train_mask, graph.virtual_mask
    x = torch.nn.functional.normalize(graph.x)
    out = run(source, "train_layer")(conv, x, graph.edge_index, train, virtual, graph.y[train])
    assert out.requires_grad
    lengths = out.detach().norm(dim=1)
    assert lengths.max() > 1.5 * lengths.min()
    z = torch.rand(6, 3, requires_grad=True)
    whole, cut = (cross_entropy(z[:2] @ v.T, torch.tensor([0, 1])) for v in (z[2:], z[2:].detach()))
    for loss, rows in ((whole, 6), (cut, 2)):
        (grad,) = torch.autograd.grad(loss, z)
        assert int(grad.any(dim=1).sum()) == rows


def test_the_split_that_leaks_and_the_mended_one() -> None:
    edges = graphs.load_graph("karate").edge_index
    faulty, mended = run(code(BANK["10.1"]), "hide"), run(code(KEYS["10.1"]), "hide")
    torch.manual_seed(0)
    random.seed(0)
    seen, positive, negative = faulty(edges, 70)
    pairs = [set(map(tuple, part.T.tolist())) for part in (seen, positive, negative, edges)]
    assert any((j, i) in pairs[0] for i, j in pairs[1])
    assert pairs[2] & pairs[3]
    assert not check("10-split", faulty)
    assert check("10-split", mended)


def test_the_step_size_chosen_by_the_test_scores() -> None:
    chosen = run(code(BANK["11.3"]), "tuned_score")
    assert chosen(bank.ROWS) == 83.5
    assert check("11-choose", chosen).right is False
    table = re.findall(r"^\| (\d) \| (0\.\d+) \| (\d+) \| (\d+) \|$", BANK["11.3"], re.M)
    assert [tuple(map(float, row)) for row in table] == [tuple(r.values()) for r in bank.ROWS]


# --- objectives ------------------------------------------------------------------------------


def test_three_to_five_objectives_a_chapter_hold_all_its_goals() -> None:
    for chapter in range(1, 16):
        names = [name for name, n in CHAPTERS.items() if n == chapter]
        assert names == [f"{chapter}{letter}" for letter in "abcde"[: len(names)]]
        assert 3 <= len(names) <= 5
        held = {int(goal) for name in names for goal in OBJECTIVES[name]["goals"]}
        assert held == set(range(1, len(goals(f"{chapter:02}")) + 1))


def test_every_exercise_and_every_question_belongs_to_an_objective() -> None:
    named = {exercise for each in OBJECTIVES.values() for exercise in each["exercises"]}
    assert named == set(EXERCISES)
    asked = [
        (f"{CHAPTERS[name]:02}", int(k))
        for name, each in OBJECTIVES.items()
        for k in each["questions"]
    ]
    assert sorted(asked) == [
        (number, k) for number in QUESTIONS for k in range(1, len(QUESTIONS[number]) + 1)
    ]
    assert {name: about(name)[1] for name in BANK} == {
        number: name for name, each in OBJECTIVES.items() for number in each["bank"]
    }


@pytest.mark.parametrize("name", OBJECTIVES)
def test_an_objective_is_practised_and_examined(name) -> None:
    each, chapter = OBJECTIVES[name], CHAPTERS[name]
    assert each["exercises"]
    assert each["bank"]
    assert all(int(exercise[:2]) <= chapter for exercise in each["exercises"])
    for k in each["questions"]:
        assert str(QUESTIONS[f"{chapter:02}"][int(k) - 1]["goal"]) in each["goals"]


# --- courses ---------------------------------------------------------------------------------

COURSES = re.split(r"^### ", GUIDE.partition("## Lesson plans")[2], flags=re.M)[1 : len(SHEETS) + 1]


def needed(text: str) -> set[int]:
    """The chapters that a chapter says that its reader needs."""
    sentence = re.search(r"\bYou need ([^.;]*)", text)[1]
    found = set()
    for numbers in re.findall(r"chapters? (\d+(?:(?:, | and | to )\d+)*)", sentence):
        found |= set(map(int, re.findall(r"\d+", numbers)))
        for first, last in re.findall(r"(\d+) to (\d+)", numbers):
            found |= set(range(int(first), int(last) + 1))
    return found


def test_what_a_chapter_needs_is_read() -> None:
    assert needed("You need chapters 1 and 5 to 8, and about two hours. See 9.") == {1, 5, 6, 7, 8}
    assert needed("You need PyTorch, chapter 1 for the words, and 3 pens; chapter 2 helps.") == {1}


@pytest.mark.parametrize("course", COURSES, ids=lambda course: course.partition(",")[0])
def test_a_course_has_what_its_chapters_need_in_front_of_them(course) -> None:
    listed = re.search(r"^A whole course: (.*?)\n\n", course, re.M | re.S)[1]
    order = list(map(int, re.findall(r"\{chapter\}`(\d+)`", listed)))
    assert len(order) >= 3
    for at, chapter in enumerate(order):
        (path,) = scripts.files(f"notebooks/{chapter:02}_*.ipynb")
        first = nbformat.read(path, as_version=4).cells[0].source
        assert needed(first) <= set(order[:at]), chapter


# --- numbers to say --------------------------------------------------------------------------

CARDS = test_prose.CARD.findall(GUIDE)
SAID = [row.strip("| ") for card in CARDS for row in card.splitlines()[2:]]


def misquoted(row: str) -> list[str]:
    """Figures of a row of a card that none of the cells it names has printed."""
    named = re.findall(r"\{chapter\}`(\d+)`, `([\w-]+)`", row)
    text = re.sub(r"\{chapter\}`\d+`", " ", row)
    return sourceless(text, *(printed(f"{int(n):02} {cell}") for n, cell in named))


def test_every_lesson_has_a_card_of_five_to_seven_numbers() -> None:
    assert [len(test_prose.CARD.findall(course)) for course in COURSES] == [1] * len(SHEETS)
    for card in CARDS:
        head, _, *rows = card.splitlines()
        assert "number | printed in | graph, setting | baseline | cheap rival" in head
        assert 5 <= len(rows) <= 7
        assert all(len(row.split(" | ")) == 5 for row in rows)
        assert all(test_prose.figures(row.split(" | ")[0]) for row in rows)


@pytest.mark.parametrize("row", SAID, ids=lambda row: row.split(" | ")[0])
def test_a_number_to_say_is_printed_by_the_cell_that_it_names(row) -> None:
    assert re.match(r"\{chapter\}`\d+`, `", row.split(" | ")[1])
    assert not misquoted(row)


def test_a_number_that_no_named_cell_printed_is_seen() -> None:
    row = "1.6 times, 1.7 times | {chapter}`1`, `depth` | | |"
    assert misquoted(row) == ["1.7"]
    assert misquoted(row.replace("depth", "price")) == ["1.6", "1.7"]


def test_the_guide_says_what_an_update_takes_on_the_digits() -> None:
    rows = json.loads((scripts.ROOT / "results" / "time-by-depth.json").read_text("utf8"))["rows"]
    took = {
        row["method"]: f"{1e3 * row['update_seconds']:.1f}"
        for row in rows
        if (row["graph"], row["depth"]) == ("digits", 4)
    }
    assert test_prose.TIMES.findall(GUIDE) == [(took["sf"], took["bp sparse"])]


# --- worksheets ------------------------------------------------------------------------------


def test_every_course_has_its_worksheet_key_and_board() -> None:
    plans = GUIDE.partition("## Lesson plans")[2].partition("\n## ")[0]
    courses = re.split(r"^### ", plans, flags=re.M)[1:]
    linked = [re.findall(r"worksheets/([\w-]+)\.html", course) for course in courses]
    assert sorted(linked) == [[name] for name in SHEETS]
    assert all(course.count("**The board**") == 1 for course in courses)
    keys = re.split(r"^## ", OF_SHEETS, flags=re.M)[1:]
    assert [key.split()[0] for key in keys] == [
        re.search(r"worksheets/([\w-]+)\.html", course)[1] for course in courses
    ]
    for key in keys:
        boxes = re.findall(r"^(?:## |\*\*)(\d)\.", SHEETS[key.split()[0]], re.M)
        assert boxes == re.findall(r"^(\d)\. ", key, re.M)


@pytest.mark.parametrize("name", SHEETS)
def test_a_worksheet_keeps_to_the_minutes_of_its_plan(name) -> None:
    course = GUIDE.partition(f"worksheets/{name}.html")[2].partition("\n### ")[0]
    edges = {int(n) for row in re.findall(r"^\| (\d+)–(\d+) \|", course, re.M) for n in row}
    given = re.findall(r"^minutes: (.+)$", SHEETS[name], re.M)
    assert len(given) == SHEETS[name].count("\n---\n") + 1
    spans = [tuple(map(int, span.split("–"))) for each in given for span in each.split(", ")]
    assert {n for span in spans for n in span} <= edges
    assert [
        starts for starts, _ in (map(int, e.split(",")[0].split("–")) for e in given)
    ] == sorted(int(each.split("–")[0]) for each in given)
    _, last = SHEETS[name].split("The lesson of 45 minutes ends here.")
    assert "\nminutes: 4" in last or "\nminutes: 5" in last


def test_every_figure_of_a_worksheets_key_has_a_source() -> None:
    keys = re.split(r"^## ", OF_SHEETS, flags=re.M)[1:]
    for key in keys:
        name = key.split()[0]
        computed = bank.SHEETS[name]()
        assert not [text for text in computed if text not in key]
        shown = [printed(cell) for cell in cells(key)]
        assert not sourceless(key, SHEETS[name], *computed, *shown), name


@pytest.mark.browser
@pytest.mark.parametrize("name", SHEETS)
def test_a_worksheet_is_one_page(chromium, tmp_path, name) -> None:
    import browser as checks

    target = tmp_path / f"{name}.html"
    target.write_text(worksheets.sheet(SHEETS[name]), encoding="utf8")
    page = chromium.new_page()
    page.goto(target.as_uri())
    assert not checks.axe_violations(page)
    assert re.findall(rb"/Type /Pages\s*/Count (\d+)", page.pdf(prefer_css_page_size=True)) == [
        b"1"
    ]
    page.evaluate("document.querySelector('main').style.paddingTop = '120mm'")
    assert re.findall(rb"/Type /Pages\s*/Count (\d+)", page.pdf(prefer_css_page_size=True)) == [
        b"2"
    ]
    page.close()


def test_a_worksheet_has_pictures_lines_and_axes() -> None:
    made = worksheets.sheet("# A\n\ndiagram: bp\n\nspace: 2\n\naxes: 30\n---\n## B\n\n$x$")
    assert made.count("<section>") == 2
    assert made.count('<p class="line">') == 2
    assert 'style="height: 30mm"' in made
    assert "<svg" in made
    assert "<math" in made
    with pytest.raises(ValueError, match="must be one of"):
        worksheets.sheet("# A\n\ndiagram: none")


# --- what is left out ------------------------------------------------------------------------


def sentences(text: str) -> list[str]:
    """Those that are long enough to stand in the keys alone, without marks."""
    parts = re.split(r"[.:;]\s", test_prose.plain(text))
    return [words for words in map(bare, parts) if len(words) > 40]


def bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text)).lower()


def published(name: str, content: bytes) -> str:
    """The words of a file; of a wheel and the like, those of all files in it."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return " ".join(f"{n} {published(n, packed.read(n))}" for n in packed.namelist())
    text = content.decode("utf8", errors="ignore")
    if name.endswith(".html"):
        text = html.unescape(re.sub(r"<[^>]+>", "", text))
    return text


@pytest.mark.browser
def test_no_key_is_in_the_built_book() -> None:
    if not (BUILT / "index.html").is_file():
        pytest.skip("the book is not built: run `make book` first")
    secrets = sentences("\n".join([*KEYS.values(), OF_SHEETS]))
    assert all(map(sentences, KEYS.values()))
    control = bare(
        "Expect 8, for the layers, or 13, for the weights. Stored: 1.6 with an edge list"
    )
    found, seen = [], False
    for path in sorted(BUILT.rglob("*")):
        if path.is_file() and path.suffix in {
            ".html",
            ".md",
            ".txt",
            ".js",
            ".json",
            ".whl",
            ".ipynb",
        }:
            words = bare(published(path.name, path.read_bytes()))
            seen = seen or control in words
            found += [(path.name, secret) for secret in secrets if secret in words]
        assert path.name != "teaching"
    assert not found
    assert seen  # a sentence that is in the book is found
    assert (BUILT / "worksheets" / "graphs.html").is_file()


def test_the_folder_is_left_out_of_the_book_and_of_the_package() -> None:
    config = (scripts.ROOT / "_config.yml").read_text(encoding="utf8")
    assert "book/teaching" in re.search(r"^exclude_patterns: \[(.*)\]$", config, re.M)[1]
    assert "teaching" not in (scripts.ROOT / "_toc.yml").read_text(encoding="utf8")
    assert "teaching" not in (scripts.ROOT / "pyproject.toml").read_text(encoding="utf8")


# --- a page of chosen questions --------------------------------------------------------------


def test_chosen_questions_become_a_page_with_or_without_keys() -> None:
    plain, whole = exam.paper(["1.2", "2.2"]), exam.paper(["1.2", "2.2"], keys=True)
    points, minutes = (sum(about(name)[k] for name in ("1.2", "2.2")) for k in (2, 3))
    for page in (plain, whole):
        assert f"{points} points, {minutes} minutes" in page
        assert page.count("<h2>") == 2
        assert page.count("<img ") == 1
        assert "softplus(theta - g[1:])" in page
    assert "the messages of one layer" not in plain
    assert "the messages of one layer" in whole
    assert '<p class="line">' in plain
    assert "output:" not in plain


def test_a_question_that_is_not_there_is_named(tmp_path, capsys) -> None:
    assert exam.main(["1.9", "--to", str(tmp_path / "exam.html")]) == 1
    assert "question must be one of 1.1, 1.2" in capsys.readouterr().err
    assert exam.main(["12.4", "--to", str(tmp_path / "exam.html")]) == 0
    assert "homophily" in (tmp_path / "exam.html").read_text("utf8")


@pytest.mark.parametrize("name", BANK)
def test_every_question_can_be_shown(name) -> None:
    assert json.dumps(exam.paper([name], keys=True))
