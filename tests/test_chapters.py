"""The chapters: their shape, and figures in their text that come from results files."""

import ast
import json
import re
import statistics
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def chapter(request):
    return nbformat.read(request.param, as_version=4)


def prose(chapter) -> str:
    return "\n\n".join(cell.source for cell in chapter.cells if cell.cell_type == "markdown")


def test_a_chapter_has_its_shape(chapter) -> None:
    code = [cell.source for cell in chapter.cells if cell.cell_type == "code"]
    lines = [sum(bool(line.strip()) for line in source.splitlines()) for source in code]
    assert 25 <= len(chapter.cells) <= 40
    assert sum(lines) <= 150
    assert statistics.median(lines) <= 6
    assert 1500 <= len(re.findall(r"\w+", prose(chapter))) <= 2500
    assert max(lines) <= 25
    assert "**Predict.**" in prose(chapter)
    assert prose(chapter).count("<summary>Solution</summary>") >= 3
    assert "## What this does not show" in prose(chapter)
    assert "## Sources" in prose(chapter)


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


def test_a_chapter_has_a_control_and_a_live_plot(chapter) -> None:
    moving = [
        c.source for c in chapter.cells if "nbval-ignore-output" in c.metadata.get("tags", [])
    ]
    assert any("explore." in source for source in moving)
    assert any("plots.Live(" in source for source in moving)


def test_what_moves_is_followed_by_a_figure_that_is_compared(chapter) -> None:
    code = [cell for cell in chapter.cells if cell.cell_type == "code"]
    for cell, following in zip(code, [*code[1:], None], strict=True):
        if "nbval-ignore-output" in cell.metadata.get("tags", []):
            assert following is not None
            assert "nbval-ignore-output" not in following.metadata.get("tags", [])
            printed = [o.text for o in following.outputs if o.output_type == "stream"]
            assert re.search(r"\d", "".join(printed))


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
    for method, title in (("sf", "SF, ours"), ("bp", "BP, ours"), ("bp-l2", "BP, ours, scaled")):
        runs = [cora_ml[method, depth] for depth in (1, 2, 3, 4)]
        cells = [f"{statistics.mean(run):.2f} ± {statistics.stdev(run):.1f}" for run in runs]
        assert f"| {title} | {' | '.join(cells)} |" in prose(seven)


def test_leads_on_cora_ml_are_what_was_measured(seven, cora_ml) -> None:
    """Chapter 7 compares split by split, in a cell and in the text under it."""
    (cell,) = (c for c in seven.cells if c["id"] == "splits")
    (output,) = cell.outputs
    lead = {}
    for other in ("bp", "bp-l2"):
        for depth in (1, 2, 3, 4):
            pairs = zip(cora_ml["sf", depth], cora_ml[other, depth], strict=True)
            gaps = [sf - bp for sf, bp in pairs]
            mean, error = statistics.mean(gaps), statistics.stdev(gaps) / 5**0.5
            wins = f"ahead on {sum(gap > 0 for gap in gaps)} of 5 splits"
            assert f"{other:5} depth {depth}: {mean:+6.2f} ± {error:.2f}, {wins}" in output.text
            lead[other, depth] = mean
    for said, other, depth in (
        ("ahead by {:.0f} points with one layer", "bp", 1),
        ("by {:.1f} with two", "bp", 2),
        ("by {:.1f} with four", "bp", 4),
        ("a lead of {:.1f} points is left at one layer", "bp-l2", 1),
        (
            "With two layers backpropagation is ahead, on all five splits, by {:.1f} points",
            "bp-l2",
            2,
        ),
        ("With three and four its {:.1f} are noise", "bp-l2", 3),
        ("With three and four its {:.1f} are noise", "bp-l2", 4),
    ):
        assert said.format(abs(lead[other, depth])) in prose(seven)
