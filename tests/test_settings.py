"""Settings cells: each says which values it allows, and the chapter runs at the ends of that.

`ENDS` holds two variations of every notebook, as `benchmarks/variations.py` knows them: lines that
are added to its settings cell. Between them stand the ends of all ranges, and every name, that the
comments of the cell state; one test holds the comments to them, and at night they run. By day every
cell is run twice in a row, with the chapter's own nets and few updates, and must print the same.

What a comment states is read by `fgnn_lite.book.settings`, which refuses all else when the cell
is run.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import nbformat
import pytest
import scripts
from nbclient.exceptions import CellExecutionError
from patience import patience
from test_run_twice import EXECUTE, differences

import fgnn_lite
from fgnn_lite.book.settings import Rule, check_settings, rules

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
        "HIDDEN = 1; DEPTH = 1; EPOCHS = 1; SHARES = (0,)",
        "DEPTH = 9; EPOCHS = 5; SHARES = (0.5, 1); LR = 1.0",
    ),
    "13": (
        "HIDDEN = 1; DEPTH = 1; TEMPERATURE = 0.001; FOLDS = (0,)",
        "DEPTH = 5; TEMPERATURE = 999.0; FOLDS = (9,); LR = 1.0",
    ),
    "14": ("HIDDEN = 10; DEPTH = 2", "DEPTH = 5; LR = 1.0"),
    "15": ("CLUSTERS = 2; HIDDEN = 1; DEPTH = 1", "CLUSTERS = 100; DEPTH = 5; LR = 1.0"),
    "a1": (
        'BACKBONE = "sage"; DEPTH = 1; TEMPERATURE = 1 / 64',
        'BACKBONE = "gat"; DEPTH = 8; TEMPERATURE = 64',
    ),
    "a2": (
        'LEARNER = "ff-la"; LAYER, UPDATES = 1, 1; NODE = 0; THETA = 0.0; DEPTH = 1',
        'LEARNER = "sf-top-to-loss"; LAYER, UPDATES = 3, 300; NODE = 33; THETA = 6.0; DEPTH = 16',
        'LEARNER = "ff-vn"; UPDATES = 30; THETA = 0.4; DEPTH = 4',
    ),
    "a3": (
        'GRAPH = "citeseer-full"; HOPS = 2',
        'GRAPH = "digits"; HOPS = 64',
    ),
    "a4": ('DATA = "images"', 'DATA = "graph"'),
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
    "13": "FOLDS = (0, 9)",
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
    stated = rules(source)
    every = set().union(*used.values())
    found = [f"{name}: no range" for name in values(source) if name not in stated]
    for name, rule in stated.items():
        quoted = [word for word in rule.names if f'"{word}"' in source]  # there may be others
        found += [f"{name}: {word}" for word in quoted if word not in every]
        if rule.names:
            continue
        first, last = min(used[name]), max(used[name])
        if rule.choices and (first, last) != (rule.choices[0], rule.choices[-1]):
            found.append(f"{name}: {rule.words}")
        elif rule.above is not None and first <= rule.above:
            found.append(f"{name}: above {rule.above}")
        elif rule.high is not None and (first, last) != (rule.low, rule.high):
            found.append(f"{name}: from {rule.low} to {rule.high}")
        elif rule.high is None and rule.low is not None and first != rule.low:
            found.append(f"{name}: at least {rule.low}")
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
        ("DEPTH = 4  # L: 1, 2 or 4", ["DEPTH: 1, 2 or 4"]),
        ('DEPTH = "a"  # "a", "b" or "c"', ["DEPTH: b", "DEPTH: c"]),
    ],
)
def test_an_end_that_is_not_tried_is_seen(line, missing) -> None:
    other = ["DEPTH = 'a'"] if '"a"' in line else ["DEPTH = 2"]
    assert not_tried(line, other) == missing


# --- what a comment does not allow is refused ------------------------------------------------

SOURCES = {path.stem[:2]: path for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}
CELLS = {
    chapter: settings(nbformat.read(path, as_version=4)).source for chapter, path in SOURCES.items()
}
NAMES = [(chapter, name) for chapter, cell in CELLS.items() for name in values(cell)]


def refused(code: str) -> str:
    """What a settings cell is refused with; "" if it is not."""
    try:
        check_settings(code, values(code))
    except ValueError as error:
        return str(error)
    return ""


def test_the_changes_for_teachers_are_refused_where_they_stop_a_chapter() -> None:
    """By the settings cell, with the message that the guide has."""
    rows = json.loads((ROOT / "results" / "variations.json").read_text("utf8"))["rows"]
    for row in rows:
        message = refused(f"{CELLS[row['chapter']]}\n{row['change']}")
        error = {"cell": "settings", "message": f"ValueError: {message}"} if message else None
        assert row["error"] == error
    assert sum(row["error"] is not None for row in rows) > 5


@pytest.mark.parametrize("chapter", ENDS)
def test_what_is_stored_and_the_ends_are_allowed(chapter) -> None:
    for change in ("", *ENDS[chapter], *changes(chapter)):
        assert not refused(f"{CELLS[chapter]}\n{change}")


def wild(rule: Rule, value: Any) -> list[Any]:
    """Values that a rule does not allow, for a setting that has an allowed one."""
    if rule.names:
        return ["wild", "", 1, None, (value,), value.upper()]
    if rule.several:
        first = value[0]
        bad = [(), list(value), first, str(value), None, (first, value), (str(first),)]
        return bad + [(first, each) for each in wild_numbers(rule, first)]
    return [(value,), [value], *wild_numbers(rule, value)]


def wild_numbers(rule: Rule, value: Any) -> list[Any]:
    """Numbers just beyond the ends, and what is no number."""
    bad = [str(value), None, True, math.nan, math.inf, -math.inf, 1j, -1]
    step = 1 if rule.whole else 2**-30
    bad += [] if rule.low is None else [float(rule.low) - step, rule.low - 1]
    bad += [] if rule.high is None else [float(rule.high) + step, rule.high + 1]
    bad += [] if rule.above is None else [float(rule.above), -0.0]
    bad += [value + 0.5, float(value)] if rule.whole else []
    bad += [max(rule.choices) - 1, 0] if rule.choices else []
    bad += [value * 1.05] if rule.step else []
    return bad


@pytest.mark.parametrize(("chapter", "name"), NAMES)
def test_a_wild_value_is_refused_in_one_line(chapter, name) -> None:
    """Of every setting: another type, beyond an end, no such name, in the line or below it."""
    before = values(CELLS[chapter])
    rule = rules(CELLS[chapter])[name]
    for value in wild(rule, before[name]):
        with pytest.raises(ValueError, match=rf"^{name} must be [^\n]+; got [^\n]+$") as caught:
            check_settings(CELLS[chapter], before | {name: value})
        assert caught.value._render_traceback_() == [f"ValueError: {caught.value}"]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("DEPTH = 0  # L, at least 1", "DEPTH must be a whole number, at least 1; got 0"),
        ("DEPTH = 2  # at least 1\nDEPTH = 0", "DEPTH must be a whole number, at least 1; got 0"),
        (
            "A = 1; DEPTH = 2  # at least 1\nDEPTH = 9.5  # more",
            "DEPTH must be a whole number, at least 1; got 9.5",
        ),
        ('H = "64"  # at least 1', "H must be a whole number, at least 1; got '64'"),
        ("LR = -0.0  # above 0", "LR must be a number, above 0; got -0.0"),
        (
            "SEEDS = (0)  # one or more whole numbers, each at least 0",
            "SEEDS must be one or more whole numbers in parentheses, each at least 0,"
            " for instance (0,); got 0",
        ),
        (
            "RATES = [1]  # each above 0",
            "RATES must be one or more numbers in parentheses, each above 0,"
            " for instance (1,); got [1]",
        ),
        (
            "SHARES = (0.1, 1.5)  # each from 0 to 1",
            "SHARES must be one or more numbers, each from 0 to 1; got 1.5",
        ),
        (
            "K = (3, 1)  # rising, from 1 to 9",
            "K must be one or more whole numbers, rising, each from 1 to 9; got (3, 1)",
        ),
        (
            'BACKBONE = "gin"  # "gcn", "sage" or "gat"',
            "BACKBONE must be one of 'gcn', 'sage', 'gat'; got 'gin'. Did you mean 'gcn'?",
        ),
        (
            'BACKBONE = "gat"  # "gcn" or "gat"\nH = 66  # a multiple of 4 for GAT, at least 1',
            "H must be a whole number, a multiple of 4 for GAT, at least 1; got 66",
        ),
        ('BACKBONE = "gcn"  # "gcn" or "gat"\nH = 66  # a multiple of 4 for GAT, at least 1', ""),
        (
            "T = 2.0  # a power of 4, from 1/64 to 64",
            "T must be a number, a power of 4, from 1/64 to 64; got 2.0",
        ),
        ("T = 1 / 16  # a power of 4, from 1/64 to 64", ""),
        (
            "T = 0.3  # a multiple of 0.2, from 0 to 6",
            "T must be a number, a multiple of 0.2, from 0 to 6; got 0.3",
        ),
        ("T = 0.2 * 3  # a multiple of 0.2, from 0 to 6", ""),
        (
            "LAYER, UPDATES = 3, 7  # from 1 to 3, and 1, 3, 10 or 30",
            "UPDATES must be 1, 3, 10 or 30; got 7",
        ),
        (
            "LAYER, UPDATES = 10, 7  # from 1 to 3, and 1, 3, 10 or 30",
            "LAYER must be a whole number, from 1 to 3; got 10",
        ),
        (
            "NODES, EDGES = 500, 12_501  # at least 100, EDGES <= NODES**2/20",
            "EDGES must be a whole number, at least 100, at most NODES**2/20; got 12501",
        ),
        ("NODES, EDGES = 500, 12_500  # at least 100, EDGES <= NODES**2/20", ""),
        ("SEEDS = tuple(range(3))  # each at least 0", ""),
        (
            "SEEDS = (\n    0,  # each at least 0\n    -1,\n)",
            "SEEDS must be one or more whole numbers, each at least 0; got -1",
        ),
        ("DEPTH = 2  # a power of 0, at least 1", ""),
        ('print("no settings")\nDEPTH = 0  # at least 1', ""),
        ("depth = 0  # at least 1", ""),
        ("DEPTH = 0", ""),
    ],
)  # fmt: skip
def test_the_line_says_what_is_allowed_and_what_came(code, message) -> None:
    assert refused(code) == message


def test_a_device_is_one_that_is_here(monkeypatch) -> None:
    code = 'DEVICE = "cuda"  # a GPU if there is one, or "cpu"'
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert refused(code) == "DEVICE must be one of 'auto', 'cpu'; got 'cuda'. Did you mean 'cpu'?"
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 1)
    assert not refused(code)


@pytest.mark.parametrize(
    "code", ["%time\nA = 1  # at least 1", "A = (  # at least 1", "A = 1\0", ""]
)
def test_what_cannot_be_read_is_no_settings_cell(code) -> None:
    assert rules(code) == {}


@pytest.mark.parametrize("chapter", ENDS)
def test_no_other_cell_is_one_of_settings(chapter) -> None:
    cells = nbformat.read(SOURCES[chapter], as_version=4).cells
    assert [cell.id for cell in cells if rules(cell.source)] == ["settings"]


def test_outside_jupyter_nothing_is_watched() -> None:
    fgnn_lite.watch_settings()


@pytest.mark.slow
def test_run_all_stops_at_a_wrong_setting_with_one_line(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = varied("10", "DEPTH = 0")
    for cell in notebook.cells:
        cell.outputs, cell.execution_count = [], None
    with pytest.raises(CellExecutionError):
        EXECUTE.run(notebook, tmp_path, patience(60))
    first, second, *others = notebook.cells
    message = "DEPTH must be a whole number, at least 1; got 0"
    (error,) = second.outputs
    assert (error.ename, error.evalue) == ("ValueError", message)
    assert error.traceback == [f"ValueError: {message}"]
    assert not first.outputs
    assert not any(cell.outputs or cell.execution_count for cell in others)


@pytest.mark.slow
def test_a_kernel_checks_settings_once_and_no_other_cell(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    code = {
        "first": "import fgnn_lite as fgnn\nfgnn.watch_settings()",
        "again": "fgnn.watch_settings()\nlen(get_ipython().ast_transformers)",
        "good": "DEPTH = 2  # at least 1\nSEEDS = (0,)  # each at least 0",
        "wild": "DEPTH = 2  # at least 1\nSEEDS = (0,)  # each at least 0\nSEEDS = (0)",
        "mended": "DEPTH = 2  # at least 1\nSEEDS = (1)  # each at least 0\nSEEDS = (0,)",
        "below": "DEPTH = 0",
        "other": "DEPTH = 0  # at least 1\nDEPTH",
        "own": "DEPTH = wild  # at least 1",
    }
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(text, id=name) for name, text in code.items()]
    )
    for cell in notebook.cells:
        cell.metadata.tags = ["raises-exception"]
    EXECUTE.run(notebook, tmp_path, patience(60))
    shown = {cell.id: cell.outputs for cell in notebook.cells if cell.outputs}
    assert list(shown) == ["again", "wild", "other", "own"]
    assert shown["again"][0].data["text/plain"] == "1"
    assert len(shown["wild"][0].traceback) == 1
    assert shown["other"][0].output_type == "execute_result"
    assert "check_settings" not in "".join(shown["own"][0].traceback)


# --- and what they allow runs ----------------------------------------------------------------


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
