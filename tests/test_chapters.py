"""The chapters: their shape, and figures in their text that come from results files."""

import json
import re
import statistics
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


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
    assert "**Predict.**" in prose(chapter)
    assert prose(chapter).count("<summary>Solution</summary>") >= 3
    assert "## What this does not show" in prose(chapter)
    assert "## Sources" in prose(chapter)


def test_a_chapter_has_a_control_and_a_live_plot(chapter) -> None:
    moving = [
        c.source for c in chapter.cells if "nbval-ignore-output" in c.metadata.get("tags", [])
    ]
    assert any("explore.Dashboard(" in source for source in moving)
    assert any("plots.Live()" in source for source in moving)


def test_what_moves_is_followed_by_a_figure_that_is_compared(chapter) -> None:
    code = [cell for cell in chapter.cells if cell.cell_type == "code"]
    for cell, following in zip(code, [*code[1:], None], strict=True):
        if "nbval-ignore-output" in cell.metadata.get("tags", []):
            assert following is not None
            assert "nbval-ignore-output" not in following.metadata.get("tags", [])
            printed = [o.text for o in following.outputs if o.output_type == "stream"]
            assert re.search(r"\d", "".join(printed))


def test_the_table_of_cora_ml_is_what_was_measured() -> None:
    """Chapter 7 quotes results/paper-protocol.json."""
    text = prose(nbformat.read(ROOT / "notebooks" / "07_single_forward.ipynb", as_version=4))
    rows = json.loads((ROOT / "results" / "paper-protocol.json").read_text())["rows"]
    for method, title in (("sf", "SF, ours"), ("bp", "BP, ours"), ("bp-l2", "BP, ours, scaled")):
        means = []
        for depth in (1, 2, 3, 4):
            wanted = ("gcn", method, depth)
            found = [r["test"] for r in rows if (r["backbone"], r["method"], r["depth"]) == wanted]
            assert len(found) == 5
            means.append(f"{100 * statistics.mean(found):.2f}")
        assert f"| {title} | {' | '.join(means)} |" in text
