"""The chapters: their shape, and figures in their text that come from results files."""

import ast
import json
import re
import statistics
from pathlib import Path

import nbformat
import pytest
import scripts

ROOT = Path(__file__).parents[1]
NOTEBOOKS = scripts.files("notebooks/[0-9][0-9]_*.ipynb")
NO_PLUMBING = r"^(?!import |from |diagrams\.draw\().*\S"


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def chapter(request):
    return nbformat.read(request.param, as_version=4)


def prose(chapter) -> str:
    return "\n\n".join(cell.source for cell in chapter.cells if cell.cell_type == "markdown")


def test_a_chapter_has_its_shape(chapter) -> None:
    code = [c.source for c in chapter.cells if c.cell_type == "code" and "quiz." not in c.source]
    lines = [len(re.findall(NO_PLUMBING, source, re.M)) for source in code]
    assert 25 <= len(chapter.cells) <= 48
    assert sum(lines[1:]) <= 100  # imports, schematics and quiz aside
    assert statistics.median(lines) <= 5
    assert 1500 <= len(re.findall(r"\w+", prose(chapter))) <= 2500
    assert max(lines) <= 25
    assert "**Predict.**" in prose(chapter)
    assert prose(chapter).count("<summary>Solution</summary>") >= 3
    assert "## What this does not show" in prose(chapter)
    assert "## Sources" in prose(chapter)


def test_nets_learn_where_the_settings_say(chapter) -> None:
    """A GPU is used where there is one; what stays on the CPU is a count, and says so."""
    for cell in chapter.cells[3:]:
        if cell.cell_type == "code":
            for line in cell.source.splitlines():
                assert '"cpu"' not in line or "probe_memory(" in line, line
            for call in re.findall(r"\bplots\.Live\((.*)\)", cell.source):
                assert "device=DEVICE" in call
            for call in re.findall(r"\.fit\(([^()]*)\)", cell.source):
                assert (
                    "device=DEVICE" in call or "**" in call or "train]" in call or "x[" in call
                ), call


def part(chapter, heading: str) -> str:
    """What stands under a heading of the second level, up to the next one."""
    return prose(chapter).partition(f"## {heading}\n")[2].partition("\n## ")[0]


def lacking(chapter) -> list[str]:
    """What a chapter lacks in its exercises and at its end."""
    found, asked, solved = [], set(), 0
    for cell in chapter.cells:
        if cell.cell_type == "code":
            asked |= set(re.findall(r'^fgnn\.check\("([\w-]+)", ', cell.source, flags=re.M))
        for folded in cell.source.split("<summary>Solution</summary>")[1:]:
            names = re.findall(r'check\("([\w-]+)", ', folded.partition("</details>")[0])
            if len(names) == 1 and names[0] in asked:
                solved += 1
            else:
                found.append(f"a cell that asks {names or 'a check'} before its solution")
    if solved < 3:
        found.append("three exercises")
    items = re.findall(r"^- (.*)", part(chapter, "What this does not show"), flags=re.M)
    if sum(len(re.findall(r"\w+", item)) >= 5 for item in items) < 3:
        found.append("three limits")
    sources = part(chapter, "Sources")
    if not re.search(r"\]\(https?://", sources):
        found.append("a link to a source")
    if not re.search(r"\b([Ss]ections?|Tables?) \d", sources):
        found.append("a place in a source")
    return found


def test_a_chapter_has_its_exercises_limits_and_sources(chapter) -> None:
    assert not lacking(chapter)


def first_check(chapter):
    return next(c for c in chapter.cells if c.cell_type == "code" and "fgnn.check(" in c.source)


def with_a_check_after_its_solution(chapter) -> None:
    cell = first_check(chapter)
    chapter.cells.remove(cell)
    chapter.cells.append(cell)


def with_a_check_in_a_comment(chapter) -> None:
    cell = first_check(chapter)
    cell.source = cell.source.replace("fgnn.check(", "# fgnn.check(")


def with_the_check_of_another(chapter) -> None:
    cell = first_check(chapter)
    cell.source = re.sub(r'check\("[\w-]+"', 'check("99-other"', cell.source)


def with_two_exercises(chapter) -> None:
    _, _, *others = [c for c in chapter.cells if "<summary>Solution" in c.source]
    for cell in others:
        chapter.cells.remove(cell)


def end(chapter, heading: str, words: str) -> None:
    """Other words under a heading."""
    (cell,) = (c for c in chapter.cells if f"## {heading}\n" in c.source)
    before, _, after = cell.source.partition(f"## {heading}\n")
    cell.source = f"{before}## {heading}\n\n{words}\n\n## {after.partition('## ')[2]}"


@pytest.mark.parametrize(
    ("broken", "missing"),
    [
        (lambda c: c.cells.remove(first_check(c)), "a cell that asks"),
        (with_a_check_after_its_solution, "a cell that asks"),
        (with_a_check_in_a_comment, "a cell that asks"),
        (with_the_check_of_another, "a cell that asks"),
        (with_two_exercises, "three exercises"),
        (lambda c: end(c, "What this does not show", ""), "three limits"),
        (lambda c: end(c, "What this does not show", "- a\n- b\n- c"), "three limits"),
        (lambda c: end(c, "Sources", "Hinton (2022), section 2."), "a link to a source"),
        (lambda c: end(c, "Sources", "[Hinton](https://arxiv.org/abs/1)."), "a place in a source"),
        (lambda c: end(c, "Sources", ""), "a link to a source"),
    ],
)
def test_what_a_chapter_lacks_is_seen(broken, missing) -> None:
    chapter = nbformat.read(ROOT / "notebooks" / "03_normalisation.ipynb", as_version=4)
    assert not lacking(chapter)
    broken(chapter)
    assert missing in " / ".join(lacking(chapter))


def test_a_chapter_begins_with_goals_needs_and_time(chapter) -> None:
    title, setup, settings = chapter.cells[:3]
    assert re.match(r"# \d+\. .*\?\n", title.source)  # a question
    assert re.search(r"\n\*\*.*\?\*\*\n", title.source)  # and the hook
    goals = title.source.split("ou will\n\n")[1].split("\n\n")[0]
    assert 3 <= len(re.findall(r"^- ", goals, flags=re.M)) <= 6
    assert re.search(r"^You need .*hour", title.source, flags=re.M)
    assert "find_spec" in setup.source
    assert settings.metadata.tags == ["parameters"]
    for line in ast.parse(settings.source).body:  # constants, and nothing that is computed
        assert isinstance(line, ast.Assign)
        names = [n for n in ast.walk(line) if isinstance(n, ast.Name)]
        assert names
        assert all(name.id.isupper() and isinstance(name.ctx, ast.Store) for name in names)
    tagged = [c for c in chapter.cells if "parameters" in c.metadata.get("tags", [])]
    assert tagged == [settings]


HOURS = {
    "an hour and a half": 1.5,
    "two hours": 2,
    "two hours and a half": 2.5,
}  # as chapters say it


def test_the_introduction_says_how_long_chapters_take() -> None:
    said = []
    for path in NOTEBOOKS:
        title = nbformat.read(path, as_version=4).cells[0].source
        said.append(HOURS[re.search(r"((?:an|two) hours?(?: and a half)?)", title)[1]])
    name = {hours: words for words, hours in HOURS.items()}
    intro = " ".join((ROOT / "book" / "intro.md").read_text(encoding="utf8").split())
    span = f"between {name[min(said)]} and {name[max(said)]}"
    assert f"each chapter takes {span}, with its exercises" in intro


def test_a_chapter_has_a_control_and_a_live_plot(chapter) -> None:
    moving = [
        c.source for c in chapter.cells if "nbval-ignore-output" in c.metadata.get("tags", [])
    ]
    code = [c.source for c in chapter.cells if c.cell_type == "code"]
    assert any("explore." in source for source in moving) or "playground(" in "\n".join(code)
    assert any("plots.Live(" in source for source in moving)


def test_what_moves_is_followed_by_a_figure_that_is_compared(chapter) -> None:
    code = [cell for cell in chapter.cells if cell.cell_type == "code"]
    for cell, following in zip(code, [*code[1:], None], strict=True):
        if "nbval-ignore-output" in cell.metadata.get("tags", []):
            assert following is not None
            assert "nbval-ignore-output" not in following.metadata.get("tags", [])
            printed = [o.text for o in following.outputs if o.output_type == "stream"]
            assert re.search(r"\d", "".join(printed))


def seconds(rows: list[dict], number: str) -> int:
    """How long a chapter computed with its stored settings, on one thread."""
    (row,) = (row for row in rows if (row["chapter"], row["change"]) == (number, ""))
    return row["cpu"]


@pytest.mark.parametrize("number", [path.stem[:2] for path in NOTEBOOKS])
def test_a_chapter_takes_less_than_a_minute(number) -> None:
    """As benchmarks/variations.py measured; another test asks for this chapter's present code."""
    rows = json.loads((ROOT / "results" / "variations.json").read_text())["rows"]
    assert 0 < seconds(rows, number) < 60


@pytest.fixture(scope="module")
def cora_ml():
    """Test accuracy in % of GCN on CoraML, as measured: method and depth -> split by split."""
    rows = json.loads((ROOT / "results" / "study.json").read_text())["rows"]
    rows = [row for row in rows if (row["protocol"], row["graph"]) == ("paper", "cora-ml")]
    found: dict[tuple[str, int], list[float]] = {}
    for row in sorted(rows, key=lambda row: row["split"]):
        if row["backbone"] == "gcn" and row["method"] in ("sf", "bp", "bp-l2"):
            assert row["split"] == len(found.setdefault((row["method"], row["depth"]), []))
            found[row["method"], row["depth"]].append(100 * row["test"])
    assert len(found) == 12
    assert {len(splits) for splits in found.values()} == {5}
    return found


@pytest.fixture(scope="module")
def seven():
    return nbformat.read(ROOT / "notebooks" / "07_single_forward.ipynb", as_version=4)


def test_the_table_of_cora_ml_is_what_was_measured(seven, cora_ml) -> None:
    """Chapter 7 quotes results/study.json: mean and standard deviation over splits."""
    for method, title in (("sf", "SF, ours"), ("bp", "BP, ours"), ("bp-l2", "BP, ours, unit rows")):
        runs = [cora_ml[method, depth] for depth in (1, 2, 3, 4)]
        cells = [f"{statistics.mean(run):.1f} ± {statistics.stdev(run):.1f}" for run in runs]
        assert f"| {title} | {' | '.join(cells)} |" in prose(seven)


def test_leads_on_cora_ml_are_what_was_measured(seven, cora_ml) -> None:
    """Chapter 7 compares split by split, in a cell and in the text under it."""
    (cell,) = (c for c in seven.cells if c["id"] == "splits")
    (output,) = cell.outputs
    lead = {}
    for other, name in (("bp", "BP"), ("bp-l2", "BP, unit rows")):
        for depth in (1, 2, 3, 4):
            pairs = zip(cora_ml["sf", depth], cora_ml[other, depth], strict=True)
            gaps = [sf - bp for sf, bp in pairs]
            mean = statistics.mean(gaps)
            wins = f"higher on {sum(gap > 0 for gap in gaps)} of 5 splits"
            assert f"{name:13} depth {depth}: {mean:+5.1f}, {wins}" in output.text
            lead[other, depth] = mean
    for said, other, depth in (
        ("higher by {:.0f} points with one layer", "bp", 1),
        ("by {:.1f} with two", "bp", 2),
        ("by {:.1f} with four", "bp", 4),
        ("{:.1f} points are left at one layer", "bp-l2", 1),
        ("backpropagation scores higher on all five splits, by {:.1f} points", "bp-l2", 2),
        ("with three and four by {:.1f} in the mean", "bp-l2", 3),
        ("with three and four by {:.1f} in the mean", "bp-l2", 4),
    ):
        assert said.format(abs(lead[other, depth])) in prose(seven)
