"""What happens when a teacher changes a chapter's settings? Run it, and keep what is printed.

    .venv/bin/python benchmarks/variations.py          # what is missing, or was made by other code
    .venv/bin/python benchmarks/variations.py 07 01    # of these chapters alone

Each variation is a line, or two, that are added to the settings cell of a chapter; then the whole
notebook runs in an empty folder, and the stored one stays as it is. A row of the results file
results/variations.json holds

- `printed`: of each cell the lines that are not in the stored notebook, figures in words,
- `error`: if it stopped, with what message, and in which cell,
- `cpu`: seconds of computing, Python's start included, and `times`: by how much that is more than
  with the stored settings, which are a variation, too, without a line,
- `cuda_bytes`: the most that the CUDA allocator gave, 0 where there is none.
"""

from __future__ import annotations

import ast
import hashlib
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from provenance import RESULTS, ROOT, load_rows, write

sys.path.insert(0, str(ROOT / "book" / "tools"))
from execute import clean, run

LIMIT = 600  # seconds that one cell may take
END = """import time
import torch
print(time.process_time(), torch.cuda.max_memory_allocated() if torch.cuda.is_available() else 0)"""
FILE = RESULTS / "variations.json"
ABOUT = "Chapters with other settings: lines that they then print, and errors."
VARIATIONS: dict[str, tuple[str, ...]] = {
    "01": (
        "",
        'BACKBONE = "gat"',
        "SHALLOW, DEEP = 1, 16",
        "SHALLOW, DEEP = 2, 64",
        "SHALLOW, DEEP = 2, 32; DEPTHS = (2, 32)",
        "HIDDEN = 256",
        'BACKBONE = "gin"',
        'BACKBONE = "gat"; HIDDEN = 66',
    ),
    "02": (
        "",
        "THETA = 0.5",
        "EPOCHS = 300; THETAS = (0.5, 2.0, 4.0)",
        "DEPTH = 1",
        "SEEDS = (0)",
    ),
    "03": ("", "THETA = 2.0", "EPOCHS = 300; SEEDS = (0,)", "DEPTH = 1"),
    "04": (
        "",
        "SHARES = (0, 0.1, 0.3)",
        "EPOCHS = 200; SEEDS = (0,)",
        "HIDDEN = 30",
    ),
    "05": (
        "",
        "THETA = 0.5",
        "EPOCHS = 1000; NEGATIVES = (9,); SEEDS = (0,)",
        "NEGATIVES = (1, 3, 10)",
    ),
    "06": ("", "THETA = 0.5", "SCALES = (1, 8); SEEDS = (0,)"),
    "07": (
        "",
        "SEEDS = (0,)",
        "EPOCHS = 20",
        'BACKBONE = "gat"; SEEDS = (0,)',
        "TEMPERATURE = 0",
    ),
    "08": (
        "",
        "NODES, EDGES = 5_000, 10_000",
        'BACKBONE = "gat"',
        "NODES, EDGES = 20_000, 200_000",
    ),
    "09": (
        "",
        "EPOCHS = 300; SEEDS = (0,)",
        "DEPTH = 2; SEEDS = (0,)",
        "DEPTH = 1",
    ),
    "10": ("", "THETA = 0.5", "EPOCHS = 400; SEEDS = (0,)", "DEPTH = 0"),
    "11": (
        "",
        'GRAPH = "citeseer-full"; DEPTH = 4',
        "MARGIN = 3.0",
        'MINE = "ff-la"',
        "DEPTH = 5",
    ),
    "12": ("", "HIDDEN = 8", "EPOCHS = 400; SEEDS = (0,)", "SHARES = (0.1, 1.5)"),
    "13": ("", "FOLDS = (0, 1, 2)", "TEMPERATURE = 1.0", "DEPTH = 1", "FOLDS = (10,)"),
    "14": (
        "",
        "EPOCHS = 20",
        "DEPTH = 5; SEEDS = (0,)",
        "HIDDEN = 256; SEEDS = (0,)",
        "HIDDEN = 9",
    ),
    "15": ("", "EPOCHS = 20", "CLUSTERS = 20", "HIDDEN = 16", "CLUSTERS = 1"),
}


def find(chapter: str) -> Path:
    """The notebook of a chapter."""
    found = (ROOT / "notebooks").glob(f"{chapter}_*.ipynb")
    (path,) = (path for path in found if "-" not in path.stem)  # no copy of it
    return path


def source(notebook: nbformat.NotebookNode) -> str:
    """A fingerprint of the code below the set-up cell: rows of other code are made again.

    Imports are left out: where a name comes from changes no figure.
    """
    _, *code = (cell.source for cell in notebook.cells if cell.cell_type == "code")
    code = [without_imports(text) for text in code]
    return hashlib.sha256("\n".join(code).encode()).hexdigest()[:12]


def without_imports(code: str) -> str:
    """The lines of a cell that import nothing."""
    kept = code.splitlines()
    for node in reversed(ast.parse(code).body):
        if isinstance(node, ast.Import | ast.ImportFrom):
            del kept[node.lineno - 1 : node.end_lineno]
    return "\n".join(kept)


def vary(notebook: nbformat.NotebookNode, change: str) -> None:
    """Add a line to the settings cell; names must be there."""
    (cell,) = (c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    known, new = (
        {n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)}
        for text in (cell.source, change)
    )
    if not new <= known:
        raise ValueError(f"settings must be among {sorted(known)}; got {sorted(new - known)}")
    cell.source += f"\n{change}"


def lines(cell: nbformat.NotebookNode) -> list[str]:
    """What a cell printed, and its figures in words."""
    found = []
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            found += output.text.splitlines()
        elif output.output_type != "error":
            found += output.data.get("text/plain", "").splitlines()
    return found


def measure(chapter: str, change: str) -> dict[str, Any]:
    """Run a chapter with changed settings, and say what is then different."""
    path = find(chapter)
    stored, notebook = (nbformat.read(path, as_version=4) for _ in range(2))
    row: dict[str, Any] = {"chapter": chapter, "change": change, "code": source(stored)}
    vary(notebook, change)
    end = nbformat.v4.new_code_cell(END, id="end")
    notebook.cells.append(end)
    row |= {"error": None, "cpu": None, "cuda_bytes": 0}
    with tempfile.TemporaryDirectory() as folder:
        try:
            run(notebook, Path(folder), LIMIT)
            seconds, peak = "".join(each.text for each in end.outputs).split()
            row |= {"cpu": round(float(seconds)), "cuda_bytes": int(peak)}
        except CellExecutionError as error:
            (failed,) = (
                cell.id
                for cell in notebook.cells
                if any(o.output_type == "error" for o in cell.get("outputs", []))
            )
            message = f"{error.ename}: {error.evalue}".strip()
            row["error"] = {"cell": failed, "message": message}
        except CellTimeoutError:
            row["error"] = {"cell": "", "message": f"a cell took more than {LIMIT} seconds"}
    clean(notebook, "varied")
    before = {cell.id: lines(cell) for cell in stored.cells if cell.cell_type == "code"}
    printed = {
        cell.id: [line for line in lines(cell) if line not in before[cell.id]]
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.id in before
    }
    return row | {"printed": {name: new for name, new in printed.items() if new}}


def main(chapters: list[str]) -> None:
    """Measure what is missing; one row after the other is written."""
    os.environ["PYTHONPATH"] = str(ROOT)  # for the kernels, which run elsewhere
    os.environ["OMP_NUM_THREADS"] = "1"
    known = {(row["chapter"], row["change"]): row for row in load_rows(FILE)}
    codes = {chapter: source(nbformat.read(find(chapter), as_version=4)) for chapter in VARIATIONS}
    wanted = [(chapter, change) for chapter in VARIATIONS for change in VARIATIONS[chapter]]
    known = {key: row for key, row in known.items() if key in wanted}
    for chapter, change in wanted:
        row = known.get((chapter, change))
        if (row and row["code"] == codes[chapter]) or (chapters and chapter not in chapters):
            continue
        known[chapter, change] = measure(chapter, change)
        print(chapter, change, known[chapter, change], flush=True)
        rows = [known[key] for key in wanted if key in known]
        for row in rows:
            usual = known.get((row["chapter"], ""), {}).get("cpu")
            row["times"] = round(row["cpu"] / usual, 1) if row["cpu"] and usual else None
        write(FILE, ABOUT, {"limit": LIMIT}, rows)


if __name__ == "__main__":
    main(sys.argv[1:])
