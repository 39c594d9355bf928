"""The controls of the chapters, in a real JupyterLab, with a real kernel and a real browser."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from browser import ARGUMENTS, browser_required, find_browser
from playwright.sync_api import Page, expect, sync_playwright

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[1]
CHAPTERS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
DRAWN = ".widget-html img[alt*='updates.']"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A running JupyterLab over a copy of the notebooks; its address."""
    root = tmp_path_factory.mktemp("lab")
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy(path, root)
    tracker = root / "settings" / "@jupyterlab" / "notebook-extension"
    tracker.mkdir(parents=True)
    (tracker / "tracker.jupyterlab-settings").write_text(json.dumps({"windowingMode": "none"}))
    variables = {
        "PYTHONPATH": str(ROOT),
        "JUPYTERLAB_SETTINGS_DIR": str(root / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(root / "workspaces"),
        "JUPYTER_CONFIG_DIR": str(root / "config"),
        "IPYTHONDIR": str(root / "ipython"),
    }
    log = (root / "log").open("w+")
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--port=0", "--allow-root"]
    command += [f"--notebook-dir={root}", "--IdentityProvider.token=", "--ip=127.0.0.1"]
    process = subprocess.Popen(command, env={**os.environ, **variables}, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 60
        while True:
            found = re.search(r"(http://127\.0\.0\.1:\d+)/lab", (root / "log").read_text())
            if found:
                break
            assert process.poll() is None, (root / "log").read_text()
            assert time.monotonic() < deadline, (root / "log").read_text()
            time.sleep(0.2)
        yield found.group(1)
    finally:
        process.terminate()
        process.wait(30)
        log.close()


@pytest.fixture(scope="module")
def chromium():
    executable = find_browser()
    if executable is None:
        if browser_required():
            pytest.fail("no browser is installed, and one is required here")
        pytest.skip("no chromium or google-chrome on PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


def run_all(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/lab/workspaces/{Path(name).stem}/tree/{name}")
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.locator(DRAWN).wait_for(timeout=120_000)


def words(page: Page) -> str:
    return page.locator(DRAWN).get_attribute("alt")


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_controls_of_a_chapter_are_alive(lab: str, chromium, name: str) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    run_all(page, lab, name)
    ready = page.locator(".widget-html [role=status]")
    expect(ready).to_contain_text("test accuracy", timeout=120_000)
    stop = page.locator("button.jupyter-button", has_text="stop")
    expect(stop).to_be_disabled()

    # the learner: one net in place of layers, or the other way round
    before = words(page)
    learner = page.get_by_label("learner")
    other = "backprop" if learner.input_value() == "single-forward" else "single-forward"
    learner.select_option(other)
    changed = "whole net" if other == "backprop" else "layer 1"
    expect(page.locator(DRAWN)).to_have_attribute("alt", re.compile(changed), timeout=60_000)
    expect(stop).to_be_disabled(timeout=60_000)
    assert words(page) != before

    # the depth, by its number
    learner.select_option("single-forward")
    row = page.locator(".widget-slider", has_text="depth")
    for depth in (3, 2):
        row.locator(".widget-readout").fill(str(depth))
        row.locator(".widget-readout").press("Enter")
        last = re.compile(rf"layer {depth}: [^;]*$")
        expect(page.locator(DRAWN)).to_have_attribute("alt", last, timeout=60_000)
        expect(stop).to_be_disabled(timeout=60_000)

    # temperature, by the arrow keys on its handle, and backbone: another result in words
    row = page.locator(".widget-slider", has_text="temperature")
    for move in (
        lambda: [row.locator(".noUi-handle").press("ArrowRight") for _ in range(8)],
        lambda: page.get_by_label("backbone").select_option("gat"),
    ):
        before = page.locator(DRAWN).get_attribute("src")
        move()
        expect(page.locator(DRAWN)).not_to_have_attribute("src", before, timeout=60_000)
        expect(ready).to_contain_text("test accuracy", timeout=60_000)
    page.close()
