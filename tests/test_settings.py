"""Settings cells: each says which values it allows, and the chapter runs at the ends of that.

`ENDS` holds two variations of every notebook, as `benchmarks/variations.py` knows them: lines that
are added to its settings cell. Between them stand the ends of all ranges, and every name, that the
comments of the cell state; one test holds the comments to them, and at night they run. By day every
cell is run twice in a row, with the chapter's own nets and few updates, and must print the same.
"""

from __future__ import annotations

import ast
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import nbformat
import pytest
import scripts
from nbclient.exceptions import CellExecutionError
from patience import patience
from test_run_twice import EXECUTE, differences

ROOT = Path(__file__).parents[1]
VARIATIONS = scripts.benchmark("variations")
SHORT = {  # for both runs, if not said; the second, too, where every cell is run twice
    "EPOCHS": (1, 4),
    "SEEDS": ((0,), (0,)),
    "SEED": (0, 1),
    "DEVICE": ("cpu", "auto"),
}
ENDS = {
    "01": (
        'BACKBONE = "sage"; HIDDEN = 1; DEPTH = 1; SHALLOW, DEEP = 1, 1; DEPTHS = (1,)',
        'BACKBONE = "gat"; HIDDEN = 4; DEPTH = 20; SHALLOW, DEEP = 9, 3',
    ),
    "02": (
        "HIDDEN = 1; DEPTH = 1; THETA = 0.01; THETAS = (0.01,)",
        "DEPTH = 5; THETA = 9.0; LR = 1.0",
    ),
    "03": ("HIDDEN = 1; DEPTH = 2; THETA = 0.01", "DEPTH = 5; THETA = 9.0; LR = 1.0"),
    "04": ("HIDDEN = 4; DEPTH = 1; SHARES = (0,)", "DEPTH = 5; SHARES = (0.3, 1); LR = 1.0"),
    "05": (
        "HIDDEN = 1; DEPTH = 1; THETA = 0.01; NEGATIVES = (1,)",
        "DEPTH = 5; THETA = 9.0; NEGATIVES = (2, 9); LR = 1.0",
    ),
    "06": (
        "HIDDEN = 1; DEPTH = 1; THETA = 0.01; SCALES = (0.01,)",
        "DEPTH = 5; THETA = 9.0; SCALES = (1, 99); LR = 1.0",
    ),
    "07": (
        'BACKBONE = "sage"; HIDDEN = 1; DEPTH = 1; DEPTHS = (1,); TEMPERATURE = 0.001;'
        " TEMPERATURES = (0.001,)",
        'BACKBONE = "gat"; HIDDEN = 4; DEPTH = 20; DEPTHS = (2,); TEMPERATURE = 999.0;'
        " TEMPERATURES = (1, 999)",
    ),
    "08": (
        'BACKBONE = "sage"; HIDDEN = 1; DEPTH = 1; DEPTHS = (1,); NODES, EDGES = 100, 100',
        'BACKBONE = "gat"; HIDDEN = 4; DEPTH = 20; DEPTHS = (2,); NODES, EDGES = 500, 12_500',
    ),
    "09": (
        'BACKBONE = "sage"; HIDDEN = 1; DEPTH = 1',
        'BACKBONE = "gat"; HIDDEN = 4; DEPTH = 9; LR = 1.0',
    ),
    "10": ("HIDDEN = 1; DEPTH = 1; THETA = 0.01", "DEPTH = 5; THETA = 9.0; LR = 1.0"),
    "11": (
        'DEPTH = 1; MARGIN = 0.01; MINE, YOURS = "ff-la", "ff-vn"; HIDDEN = 1; RATES = (0.01,)',
        'GRAPH = "citeseer-full"; DEPTH = 4; MARGIN = 99.0; RATES = (0.01, 1.0);'
        ' MINE, YOURS = "sf-top-to-input", "sf-top-to-loss"',
    ),
    "12": (
        "HIDDEN = 1; DEPTH = 1; EPOCHS = 4; SHARES = (0,)",
        "DEPTH = 9; EPOCHS = 5; SHARES = (0.5, 1); LR = 1.0",
    ),
    "a1": (
        'BACKBONE = "sage"; DEPTH = 1; TEMPERATURE = 1 / 64',
        'BACKBONE = "gat"; DEPTH = 8; TEMPERATURE = 64',
    ),
    "a2": (
        'LEARNER = "ff-la"; LAYER, UPDATES = 1, 1; NODE = 0; THETA = 0.0; DEPTH = 1',
        'LEARNER = "sf-top-to-loss"; LAYER, UPDATES = 3, 300; NODE = 33; THETA = 6.0; DEPTH = 16',
        'LEARNER = "ff-vn"; UPDATES = 30; THETA = 0.4; DEPTH = 4',
    ),
    "a3": ('GRAPH = "digits"', 'GRAPH = "cora-ml"'),
}
TWICE = {  # what else is short there
    "01": "SHALLOW, DEEP = 2, 4; DEPTHS = (2, 3)",
    "02": "THETAS = (0.5, 2)",
    "04": "SHARES = (0.5, 1)",
    "05": "NEGATIVES = (2, 9)",
    "06": "SCALES = (1, 9)",
    "07": "DEPTHS = (1, 2); TEMPERATURES = (1, 16)",
    "08": "DEPTHS = (1, 2); NODES, EDGES = 500, 12_500",
    "11": "RATES = (0.01, 0.1)",
    "12": "SHARES = (0.5, 1)",
}


def settings(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The settings cell."""
    (cell,) = (c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    return cell


def values(code: str) -> dict[str, Any]:
    """What settings are, name by name."""
    found: dict[str, Any] = {}
    exec(code, found)
    del found["__builtins__"]
    return found


def shortened(chapter: str, change: str, k: int) -> str:
    """A variation with the `k`-th of the short values, where it says nothing else."""
    cell = settings(nbformat.read(VARIATIONS.find(chapter), as_version=4))
    free = values(cell.source).keys() - values(change).keys()
    short = [f"{name} = {pair[k]!r}" for name, pair in SHORT.items() if name in free]
    return "; ".join([change, *short] if change else short)


def changes(chapter: str) -> list[str]:
    """The variations at the ends, made short."""
    return [shortened(chapter, change, min(k, 1)) for k, change in enumerate(ENDS[chapter])]


def several(value: Any) -> tuple[Any, ...]:
    """A value, or those of a tuple."""
    return value if isinstance(value, tuple) else (value,)


def not_tried(source: str, tried: list[str]) -> list[str]:
    """What the comments of a settings cell state and no variation has, or do not state at all."""
    used: dict[str, set[Any]] = {}
    for code in (source, *tried):
        for name, value in values(code).items():
            used.setdefault(name, set()).update(several(value))
    found = []
    for line in source.splitlines():
        code, _, words = line.partition("#")
        names = [n.id for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Name)]
        number = r"(\d[\d./]*(?<![./]))"
        low = [float(Fraction(n)) for n in re.findall(rf"at least {number}", words)]
        above = [float(Fraction(n)) for n in re.findall(rf"above {number}", words)]
        pairs = re.findall(rf"from {number} to {number}", words)
        strings = re.findall(r'"([\w-]+)"', words)
        for name, (first, last) in zip(names[: len(pairs)], pairs, strict=False):
            ends = float(Fraction(first)), float(Fraction(last))
            if (min(used[name]), max(used[name])) != ends:
                found.append(f"{name}: from {first} to {last}")
        found += [f"{n}: at least {k:g}" for n in names for k in low if min(used[n]) != k]
        found += [f"{n}: above {k:g}" for n in names for k in above if not min(used[n]) > k]
        every = set().union(*(used[name] for name in names))
        found += [f"{names[0]}: {word}" for word in strings if word not in every]
        if not (low or above or pairs or strings or "`" in words or " or " in words):
            found.append(f"{names[0]}: no range")
    return found


@pytest.mark.parametrize("chapter", ENDS)
def test_settings_say_what_they_allow_and_its_ends_are_tried(chapter) -> None:
    cell = settings(nbformat.read(VARIATIONS.find(chapter), as_version=4))
    assert not not_tried(cell.source, changes(chapter))


def test_every_notebook_is_among_them() -> None:
    assert [p.stem[:2] for p in sorted((ROOT / "notebooks").glob("*.ipynb"))] == list(ENDS)


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ("DEPTH = 4  # L, from 1 to 8", ["DEPTH: from 1 to 8"]),
        ("DEPTH = 4  # L, at least 2", []),
        ("DEPTH = 4  # L, at least 1", ["DEPTH: at least 1"]),
        ("DEPTH = 4  # L", ["DEPTH: no range"]),
        ("DEPTH = 4.0  # above 2", ["DEPTH: above 2"]),
        ('DEPTH = "a"  # "a", "b" or "c"', ["DEPTH: b", "DEPTH: c"]),
    ],
)
def test_an_end_that_is_not_tried_is_seen(line, missing) -> None:
    other = ["DEPTH = 'a'"] if '"a"' in line else ["DEPTH = 2"]
    assert not_tried(line, other) == missing


def varied(chapter: str, change: str) -> nbformat.NotebookNode:
    """A notebook's code with other settings."""
    notebook = nbformat.read(VARIATIONS.find(chapter), as_version=4)
    VARIATIONS.vary(notebook, change)
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return notebook


@pytest.mark.whole
@pytest.mark.parametrize("chapter", ENDS)
def test_every_cell_of_a_chapter_runs_twice(chapter, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # for the kernel, which runs elsewhere
    change = shortened(chapter, TWICE.get(chapter, ""), 1)
    try:
        assert not differences(varied(chapter, change), tmp_path)
    except CellExecutionError as error:
        pytest.fail(f"{change}: {error.ename}: {error.evalue}", pytrace=False)


@pytest.mark.nightly
@pytest.mark.parametrize("chapter", ENDS)
def test_a_chapter_runs_with_what_its_settings_allow(chapter, tmp_path, monkeypatch) -> None:
    """One variation after the other in one kernel, of which each finds nothing of the others."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    whole = nbformat.v4.new_notebook()
    for k, change in enumerate(changes(chapter)):
        cells = varied(chapter, change).cells
        for cell in cells:
            cell.id = f"{cell.id[:40]}-{k}"  # it tells which
        whole.cells += cells
        whole.cells.append(nbformat.v4.new_code_cell("%reset -f", id=f"reset-{k}"))
    try:
        EXECUTE.run(whole, tmp_path, patience(60))
    except CellExecutionError as error:
        failed = [c.id for c in whole.cells if any(o.output_type == "error" for o in c.outputs)]
        pytest.fail(f"{', '.join(failed)}: {error.ename}: {error.evalue}", pytrace=False)
