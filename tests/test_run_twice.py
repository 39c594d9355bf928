"""What a cell prints when it is run twice in a row; `test_settings.py` asks it of every notebook.

A reader runs a cell again, after a look at it or a change in it. A cell that adds to what its first
run left behind, or that changes what a cell above has made, then prints other figures: wrong ones.
"""

from __future__ import annotations

import copy
from pathlib import Path

import nbformat
import pytest
import scripts
from patience import patience

EXECUTE = scripts.load("tools/execute")
lines = scripts.benchmark("variations").lines  # what a cell printed, and its figures in words
IGNORED = "nbval-ignore-output"


def doubled(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with every code cell a second time, right below the first."""
    found = copy.deepcopy(notebook)
    found.cells = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            again = nbformat.v4.new_code_cell(cell.source, id=f"{cell.id[:56]}-again")
            again.metadata.tags = ["raises-exception"]  # what fails is an output, like any other
            found.cells += [copy.deepcopy(cell), again]
    return found


def differences(notebook: nbformat.NotebookNode, folder: Path) -> list[str]:
    """What cells print, or how they fail, when they are run again in a folder.

    Returns:
        For each cell that differs its name and the two texts. Cells whose output may move are run
        twice like the others, and must not fail.
    """
    ran = doubled(notebook)
    twice = ran.cells
    EXECUTE.run(ran, folder, patience(60))
    for cell in twice:  # what is printed may arrive in pieces
        cell.outputs = EXECUTE.merge_streams(cell.outputs)
    found = []
    for first, second in zip(twice[::2], twice[1::2], strict=True):
        failed = [o for o in second.outputs if o.output_type == "error"]
        found += [f"{first.id}, run again: {o.ename}: {o.evalue}" for o in failed]
        if failed or IGNORED in first.metadata.get("tags", []):
            continue
        old, new = lines(first), lines(second)
        if old != new:
            found.append(f"{first.id}: {old}, and again: {new}")
    return found


@pytest.mark.whole
def test_a_cell_that_differs_is_seen(tmp_path) -> None:
    cells = {
        "start": "import random\n\nnumbers, gone = [], [1]",
        "same": "print(len(numbers))",
        "grows": "numbers.append(1)\nprint(len(numbers))",
        "fails": "gone.pop()\nprint('gone')",
        "moves": "print(random.random())",
        "parts": "import time\n\nprint('a', end='', flush=True)\ntime.sleep(0.5)\nprint('b')",
    }
    code = [nbformat.v4.new_code_cell(source, id=name) for name, source in cells.items()]
    code[4].metadata.tags = [IGNORED]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("Words."), *code])
    seen = [
        "grows: ['1'], and again: ['2']",
        "fails, run again: IndexError: pop from empty list",
    ]
    assert differences(notebook, tmp_path) == seen
