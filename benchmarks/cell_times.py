"""How long do the cells of a chapter take? Run each notebook once, and keep what takes a second.

    .venv/bin/python benchmarks/cell_times.py

One notebook after the other, in an empty folder, with its stored settings; the stored one stays
as it is. A row is one cell, or, where `cell` is null, a whole notebook without the kernel's start:
seconds on the clock, of one run on a machine that does nothing else.
"""

from __future__ import annotations

import os
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from provenance import RESULTS, ROOT, write

sys.path.insert(0, str(ROOT / "book" / "tools"))
from execute import run, select

LIMIT = 600  # seconds that one cell may take
SHOWN = 1.0  # seconds from which a cell has a row


def seconds(cell: Any) -> float:
    """From when the kernel takes a cell up to when it has answered."""
    times = cell.metadata["execution"]
    start, end = (
        datetime.fromisoformat(times[key]) for key in ("iopub.execute_input", "shell.execute_reply")
    )
    return (end - start).total_seconds()


def main() -> None:
    """Time every notebook, print, and write."""
    os.environ |= {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}  # for the kernels
    rows: list[dict[str, Any]] = []
    for path in select([], ROOT / "notebooks"):
        notebook = nbformat.read(path, as_version=4)
        with tempfile.TemporaryDirectory() as folder:
            run(notebook, Path(folder), LIMIT, timed=True)
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        took = {cell.id: round(seconds(cell), 1) for cell in cells}
        found = [{"cell": None, "seconds": round(sum(map(seconds, cells)), 1)}]
        found += [{"cell": k, "seconds": s} for k, s in took.items() if s >= SHOWN]
        rows += [{"notebook": path.stem[:2], **row} for row in found]
        print(path.stem, *found, flush=True)
    write(RESULTS / "cells.json", __doc__.splitlines()[0], {"threads": 1, "from": SHOWN}, rows)


if __name__ == "__main__":
    main()
