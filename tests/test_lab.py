"""The dashboards of the chapters, in a real JupyterLab, with a real kernel and a real browser."""

import ast
import re
from pathlib import Path

import nbformat
import pytest
import scripts
from browser import jupyterlab
from patience import patience
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("lab")]
WHOLE = 1000 * patience(60)  # milliseconds that a whole notebook may take
ROOT = Path(__file__).parents[1]
DASHBOARD = "explore.dashboard("
CHAPTERS = [
    path
    for path in scripts.files("notebooks/[0-9][0-9]_*.ipynb")
    if any(
        DASHBOARD in cell.source
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "code"
    )
]
DRAWN = ".widget-html img[alt*='updates.']"
STATUS = ".widget-html [role=status]"
SCORE = re.compile("test (accuracy|ROC-AUC)")
BOARD = "board.ipynb"
CELL = """import torch
from fgnn_lite.book import explore
torch.set_num_threads(1)
explore.dashboard(graph="karate", depth=2, epochs=20)"""


def code_of(path: Path) -> tuple[str, str]:
    """A chapter's code below the set-up cell: what comes before the dashboard's cell, and that."""
    cells = nbformat.read(path, as_version=4).cells
    _, *code = (cell.source for cell in cells if cell.cell_type == "code")
    (place,) = (k for k, source in enumerate(code) if DASHBOARD in source)
    return "\n".join(code[:place]), code[place]


def names(tree: ast.AST, kind: type) -> set[str]:
    found = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, kind)}
    if isinstance(tree, ast.FunctionDef) and kind is ast.Store:
        return {tree.name}
    return found | {alias.asname or alias.name for alias in getattr(tree, "names", [])}


def needed(path: Path) -> str:
    """The dashboard's cell, with few updates, and above it what makes the names it uses."""
    before, dashboard = code_of(path)
    wanted, kept = names(ast.parse(dashboard), ast.Load), [dashboard]
    for statement in reversed(ast.parse(before).body):
        if names(statement, ast.Store) & wanted:
            wanted |= names(statement, ast.Load)
            kept.append(ast.unparse(statement))
    head = ["import fgnn_lite as fgnn", "import torch", "torch.set_num_threads(1)"]
    *above, dashboard = reversed(kept)
    return "\n".join([*head, *above, "EPOCHS = 10", dashboard])  # short: nbval runs the whole


def write(path: Path, code: str) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    nbformat.write(notebook, path)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A running JupyterLab over the chapters with a dashboard, and a board; its address."""
    root = tmp_path_factory.mktemp("lab")
    for path in CHAPTERS:
        write(root / path.name, needed(path))
    write(root / BOARD, CELL)
    with jupyterlab(root, {"notebook-extension/tracker": {"windowingMode": "none"}}) as address:
        yield address


def run_all(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/lab/workspaces/{Path(name).stem}/tree/{name}")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.locator(DRAWN).wait_for(timeout=WHOLE)


def words(page: Page) -> str:
    return page.locator(DRAWN).get_attribute("alt")


def moved(page: Page, move) -> None:
    """Move a control, and wait until another picture is there and its run has ended."""
    before = page.locator(DRAWN).get_attribute("src")
    move()
    expect(page.locator(DRAWN)).not_to_have_attribute("src", before)
    at_rest(page)


def at_rest(page: Page) -> None:
    expect(button(page, "Stop")).to_be_disabled()
    expect(page.locator(STATUS)).to_contain_text(SCORE)


def button(page: Page, name: str):
    return page.locator("button.jupyter-button", has_text=name)


def control(page: Page, name: str):
    """The dashboard's: an explorer may have one of that name."""
    return page.locator(".widget-inline-hbox").filter(has=page.get_by_text(name, exact=True))


def drop_down(page: Page, name: str):
    return control(page, name).locator("select")


def press(page: Page, name: str, times: int = 1) -> None:
    """A slider, by an arrow key."""
    for _ in range(times):
        control(page, name).locator(".noUi-handle").press("ArrowRight")


def fill(page: Page, name: str, value: int) -> None:
    """Write a number beside a slider, or into a field."""
    field = control(page, name).locator(".widget-readout, input").first
    field.fill(str(value))
    field.press("Enter")


def move(page: Page, name: str) -> None:
    """Give a control another value, whatever its kind."""
    box = control(page, name)
    if box.locator("select").count():
        now = drop_down(page, name).evaluate("list => list.selectedIndex")
        size = box.locator("option").count()
        drop_down(page, name).select_option(index=(now + 1) % size)
    elif box.locator(".noUi-handle").count():
        press(page, name)
    elif box.locator("[type=checkbox]").count():
        box.locator("[type=checkbox]").click()
    else:
        fill(page, name, 30)


def values(page: Page) -> list[str]:
    """What all controls show."""
    seen = page.locator(".widget-inline-hbox").locator("select, input, .widget-readout")
    return seen.evaluate_all("all => all.map(e => `${e.value} ${e.checked} ${e.textContent}`)")


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_the_controls_of_a_chapter_are_alive(lab: str, chromium, path: Path) -> None:
    shown = ast.literal_eval(re.search(r"^shown = (.*)$", code_of(path)[1], flags=re.M)[1])
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    run_all(page, lab, path.name)
    at_rest(page)
    first = words(page), values(page)
    assert len(first[1]) >= len(shown)
    shown.sort(key=lambda name: name == "learner")  # it comes last: it hides what it lacks
    for name in shown:
        while not control(page, name).is_visible():
            moved(page, lambda: move(page, "learner"))
        moved(page, lambda name=name: move(page, name))
        assert words(page) != first[0]
        assert "In grey" in words(page)
    moved(page, button(page, "Reset").click)
    assert (words(page), values(page)) == first
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    page.close()


def test_train_stop_fail_and_go_on(lab: str, chromium) -> None:
    """A dashboard with every control, in a notebook of its own."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    run_all(page, lab, BOARD)
    at_rest(page)
    moved(page, lambda: drop_down(page, "learner").select_option("BP"))
    assert "whole net: " in words(page)
    assert "In grey, before: SF: " in words(page)
    moved(page, lambda: drop_down(page, "learner").select_option("SF"))
    moved(page, lambda: fill(page, "depth", 3))
    assert re.search(r"layer 3: [^;]*$", words(page).split(" In grey")[0])
    moved(page, lambda: press(page, "temperature", 8))
    page.locator("summary", has_text="The code for this run").click()
    expect(page.locator(".widget-html pre")).to_contain_text("depth=3")
    expect(page.locator(".widget-html pre")).to_contain_text("temperature=16")

    # a long run: train it, see it move, stop it
    fill(page, "epochs", 90_000)
    status = page.locator(STATUS)
    expect(status).to_contain_text("s left")
    before = page.locator(DRAWN).get_attribute("src")
    expect(page.locator(DRAWN)).not_to_have_attribute("src", before)
    expect(button(page, "Train")).to_be_disabled()
    button(page, "Stop").click()
    expect(status).to_contain_text("(stopped)")
    at_rest(page)
    moved(page, lambda: (button(page, "Train").click(), button(page, "Stop").click(delay=500)))
    expect(status).to_contain_text("(stopped)")

    # something that cannot be, said in words; and it lives on
    fill(page, "epochs", 5)
    expect(status).not_to_contain_text("(stopped)")
    at_rest(page)
    moved(page, lambda: drop_down(page, "backbone").select_option("GAT"))
    before = page.locator(DRAWN).get_attribute("src")
    fill(page, "hidden", 130)
    expect(status).to_contain_text("this did not work: hidden must be divisible")
    assert page.locator(DRAWN).get_attribute("src") == before
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    moved(page, lambda: fill(page, "hidden", 32))
    page.close()
