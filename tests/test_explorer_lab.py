"""Explorers and questions in a real JupyterLab: keys and clicks are theirs, and so is the theme."""

import json

import pytest
from browser import jupyterlab
from patience import patience
from playwright.sync_api import expect

from fgnn_lite.book import explore, quiz

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("explorer-lab")]
WHOLE = 1000 * patience(60)  # milliseconds that a whole notebook may take
DARK = {"apputils-extension/themes": {"theme": "JupyterLab Dark"}}
CODE = """from fgnn_lite.book.explore import explorer

rows = [{"depth": d, "t": t, "seed": s, "y": d * t + s} for d in (1, 2) for t in (1, 2, 4)
        for s in (0, 1)]
explorer(rows, "depth", "y", ["t"], seeds="seed", digits=1)"""
NODES = """import fgnn_lite as fgnn
from fgnn_lite.book import explore

club, digits = fgnn.load_results("karate"), fgnn.load_results("goodness")
by = ["learner", "layer", "updates"]
explore.nodes(fgnn.load_graph("karate"), club["rows"], by, club["settings"]["places"])"""
GOODNESS = """explore.histograms(digits["rows"], by, digits["settings"]["edges"])"""


def store(path, codes, outputs=()):
    """Write a notebook of these cells, the first of them with these outputs."""
    cell = {"cell_type": "code", "metadata": {}, "execution_count": None}
    cells = [{**cell, "id": name, "source": code, "outputs": []} for name, code in codes.items()]
    cells[0]["outputs"] = [
        {"output_type": "display_data", "metadata": {}, "data": {"text/html": html}}
        for html in outputs
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    book = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(book))


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A running, dark JupyterLab with two notebooks; its address."""
    root = tmp_path_factory.mktemp("lab")
    codes = {"a": CODE, "b": NODES, "c": GOODNESS, "d": "print('below')"}
    store(root / "explorer.ipynb", codes)
    rows = [{"learner": name, "depth": d, "y": d} for name in ("bp", "sf") for d in (1, 2)]
    shown = explore.explorer(rows, "depth", "y", ["learner"])
    store(root / "clone.ipynb", {"a": "1 + 1"}, [shown.html])
    asked = "from fgnn_lite.book import quiz\n\nquiz.ask('07')"
    held = [quiz.predict("07-accuracy").html, quiz.ask("07").html]
    codes = {"a": "1 + 1", "b": asked, "c": "quiz.compare('07-accuracy', 96, 80)"}
    store(root / "quiz.ipynb", codes, held)
    with jupyterlab(root, DARK) as address:
        yield address


def test_in_jupyterlab(lab, chromium):
    with chromium.new_page() as page:
        page.goto(f"{lab}/lab/workspaces/a/tree/explorer.ipynb")
        page.locator(".jp-Notebook .jp-Cell").first.wait_for()
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        root, club, goodness = (page.locator(".fgnn-explorer").nth(k) for k in range(3))
        slider = root.get_by_role("slider", name="t", exact=True)
        slider.wait_for(timeout=WHOLE)
        words = root.locator(".fx-words")
        expect(words).to_have_text("y: highest 2.5 (depth 2), lowest 1.5 (depth 1).")
        address = page.url
        assert root.locator(".fx-off").count() == root.get_by_text("Trust Notebook").count() == 0
        slider.click()  # in its middle: the second of three values
        for key, said in (
            ("ArrowLeft", "highest 2.5 (depth 2), lowest 1.5 (depth 1)."),
            ("ArrowRight", "highest 4.5 (depth 2), lowest 2.5 (depth 1)."),
            ("ArrowUp", "highest 8.5 (depth 2), lowest 4.5 (depth 1)."),
            ("ArrowDown", "highest 4.5 (depth 2), lowest 2.5 (depth 1)."),
        ):
            page.keyboard.press(key)
            expect(words).to_contain_text(said)
            assert slider.evaluate("slider => slider === document.activeElement")
        root.locator(".fx-marks .fx-m").first.focus()
        page.keyboard.press("ArrowRight")
        expect(root.locator(".fx-tip b")).to_have_text("4.5 (4.0 to 5.0, 2 seeds)")

        goodness.wait_for(timeout=WHOLE)
        node = club.locator(".fx-n").nth(16)
        node.click()
        expect(club.locator(".fx-words")).to_contain_text("Node 16, of class 3")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        expect(club.locator(".fx-words")).to_contain_text("Node 17, of class")
        assert page.locator(".jp-Cell").count() == 4  # Enter and arrows were not JupyterLab's

        plot = goodness.locator(".fx-plot")
        plot.scroll_into_view_if_needed()
        box = plot.bounding_box()
        page.mouse.move(box["x"] + 5, box["y"] + 60)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 80, steps=4)
        page.mouse.up()
        expect(goodness.locator("label b").last).to_have_text("3")
        expect(goodness.get_by_role("status")).to_contain_text("of the positives")  # come to rest
        assert page.url == address  # Lab's, not the explorers'

        page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")
        paper = root.evaluate("root => getComputedStyle(root).backgroundColor")
        assert paper == "rgb(20, 24, 30)"


def test_in_a_notebook_that_is_not_trusted(lab, chromium):
    """A fresh clone, nothing run: a table, and how to trust it; then picture and controls."""
    with chromium.new_page() as page:
        page.goto(f"{lab}/lab/workspaces/b/tree/clone.ipynb")
        output = page.locator(".jp-Notebook .jp-OutputArea-output").first
        output.wait_for()
        line = output.get_by_text("Trust Notebook")
        expect(line).to_be_visible()
        assert output.locator("input, select, button, svg, canvas").count() == 0
        assert output.locator("table").is_visible()
        lines = [text for text in output.inner_text().splitlines() if text.strip()]
        assert lines[0] == "y by depth"
        assert lines[2:5] == [
            "Shown: learner BP.",
            "y: highest 2.000 (depth 2), lowest 1.000 (depth 1).",
            "The numbers as a table",
        ]
        assert [text.split() for text in lines[5:]] == [
            ["depth", "y"],
            ["1", "1.000"],
            ["2", "2.000"],
        ]

        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
        page.get_by_role("menuitem", name="View", exact=True).click()
        page.get_by_role("menuitem", name="Activate Command Palette").click()
        page.locator(".lm-CommandPalette-input:visible").fill("Trust Notebook")
        page.locator(".lm-mod-active[data-command='notebook:trust']:visible").wait_for()
        page.keyboard.press("Enter")
        page.locator(".jp-Dialog button.jp-mod-accept").click()
        expect(output.locator("select").first).to_be_visible()
        assert output.locator(".fx-marks .fx-m").count() == 2
        assert output.get_by_text("Trust Notebook").count() == 0


def test_questions_in_jupyterlab(lab, chromium):
    """Not trusted: to be read, with no field that does nothing; run: answered, by its own keys."""
    with chromium.new_page() as page:
        page.goto(f"{lab}/lab/workspaces/c/tree/quiz.ipynb")
        stored = page.locator(".jp-Notebook .jp-OutputArea-output")
        stored.first.wait_for()
        expect(stored.first.get_by_text("Trust Notebook")).to_be_visible()
        assert stored.first.locator("input, button").count() == 0
        stored.nth(1).get_by_text("The answers").first.click()
        expect(stored.nth(1).get_by_text(quiz.QUESTIONS["07"][0]["choices"][0][1])).to_be_visible()

        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        expect(page.locator(".fq-compare")).to_contain_text("80", timeout=WHOLE)
        field = page.locator(".fq-ask[data-live] fieldset").first
        field.locator("label").nth(2).click()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(field.get_by_role("status")).to_contain_text("Yes.")
