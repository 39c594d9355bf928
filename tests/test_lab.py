"""The controls of the chapters, in a real JupyterLab, with a real kernel and a real browser."""

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from browser import jupyterlab
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[1]
CHAPTERS = [  # those whose dashboard has all the controls that are moved here
    path.name
    for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    if r"[\"learner\", \"backbone\", \"depth\", \"temperature\"" in path.read_text(encoding="utf8")
]
DRAWN = ".widget-html img[alt*='updates.']"
STATUS = ".widget-html [role=status]"
BOARD = "board.ipynb"
CELL = """import torch
from fgnn_lite import explore
torch.set_num_threads(1)
explore.dashboard(graph="karate", depth=2, epochs=20)"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A running JupyterLab over a copy of the notebooks; its address."""
    root = tmp_path_factory.mktemp("lab")
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy(path, root)
    board = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    board.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    nbformat.write(board, root / BOARD)
    with jupyterlab(root, {"notebook-extension/tracker": {"windowingMode": "none"}}) as address:
        yield address


def run_all(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/lab/workspaces/{Path(name).stem}/tree/{name}")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.locator(DRAWN).wait_for(timeout=120_000)


def words(page: Page) -> str:
    return page.locator(DRAWN).get_attribute("alt")


def moved(page: Page, move) -> None:
    """Move a control, and wait until another picture is there and its run has ended."""
    before = page.locator(DRAWN).get_attribute("src")
    move()
    expect(page.locator(DRAWN)).not_to_have_attribute("src", before, timeout=60_000)
    at_rest(page)


def at_rest(page: Page) -> None:
    expect(button(page, "Stop")).to_be_disabled(timeout=60_000)
    expect(page.locator(STATUS)).to_contain_text("test accuracy", timeout=60_000)


def button(page: Page, name: str):
    return page.locator("button.jupyter-button", has_text=name)


def drop_down(page: Page, name: str):
    """The dashboard's: an explorer may have one of that name."""
    return page.get_by_label(name, exact=True).and_(page.locator(".jupyter-widgets select"))


def slider(page: Page, name: str):
    return page.locator(".widget-slider", has_text=name)


def fill(page: Page, name: str, value: int) -> None:
    """Write a number beside a slider, or into a field."""
    field = page.get_by_label(name, exact=True).and_(page.locator("input"))
    if slider(page, name).count():
        field = slider(page, name).locator(".widget-readout")
    field.fill(str(value))
    field.press("Enter")


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_controls_of_a_chapter_are_alive(lab: str, chromium, name: str) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    run_all(page, lab, name)
    at_rest(page)

    # the learner: one net in place of layers, or the other way round
    learner = drop_down(page, "learner")
    other = "bp" if learner.input_value() == "sf" else "sf"
    moved(page, lambda: learner.select_option(other))
    assert words(page).split(". ")[1].startswith("whole net" if other == "bp" else "layer 1")
    assert "In grey" in words(page)
    if other == "bp":
        moved(page, lambda: learner.select_option("sf"))

    # the depth, by its number
    for depth in (3, 2):
        moved(page, lambda depth=depth: fill(page, "depth", depth))
        assert re.search(rf"layer {depth}: [^;]*$", words(page).split(" In grey")[0])

    # temperature, by the arrow keys on its handle, and backbone: another result in words
    handle = slider(page, "temperature").locator(".noUi-handle")
    moved(page, lambda: [handle.press("ArrowRight") for _ in range(8)])
    moved(page, lambda: drop_down(page, "backbone").select_option("gat"))

    # and back
    page.locator("summary", has_text="The code for this run").click()
    expect(page.locator(".widget-html pre")).to_contain_text('backbone="gat"')
    moved(page, button(page, "Reset").click)
    expect(drop_down(page, "backbone")).to_have_value("gcn")
    page.close()


def test_train_stop_fail_and_go_on(lab: str, chromium) -> None:
    """A dashboard with every control, in a notebook of its own."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    run_all(page, lab, BOARD)
    at_rest(page)
    moved(page, lambda: fill(page, "depth", 3))
    handle = slider(page, "temperature").locator(".noUi-handle")
    moved(page, lambda: handle.press("ArrowRight"))
    assert "layer 3" in words(page)

    # a long run: train it, see it move, stop it
    fill(page, "epochs", 90_000)
    status = page.locator(STATUS)
    expect(status).to_contain_text("s left", timeout=30_000)
    before = page.locator(DRAWN).get_attribute("src")
    expect(page.locator(DRAWN)).not_to_have_attribute("src", before, timeout=30_000)
    expect(button(page, "Train")).to_be_disabled()
    button(page, "Stop").click()
    expect(status).to_contain_text("(stopped)", timeout=10_000)
    at_rest(page)
    moved(page, lambda: (button(page, "Train").click(), button(page, "Stop").click(delay=500)))
    expect(status).to_contain_text("(stopped)")

    # something that cannot be, said in words; and it lives on
    fill(page, "epochs", 5)
    expect(status).not_to_contain_text("(stopped)", timeout=30_000)
    at_rest(page)
    moved(page, lambda: drop_down(page, "backbone").select_option("gat"))
    before = page.locator(DRAWN).get_attribute("src")
    fill(page, "hidden", 130)
    expect(status).to_contain_text("this did not work: hidden must be divisible", timeout=30_000)
    assert page.locator(DRAWN).get_attribute("src") == before
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    moved(page, lambda: fill(page, "hidden", 32))
    page.close()
