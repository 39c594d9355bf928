"""Run the notebooks from the first cell to the last and store what they print.

``python book/tools/execute.py`` does all of ``notebooks/``; names, numbers or paths pick some:
``python book/tools/execute.py 07 notebooks/01_backprop_memory.ipynb``.

A cell that fails stops the run, names the cell, and leaves the stored notebook as it was. What is
stored is clean: no widget state, no timings, one text block per stream, execution counts from 1,
and the alt text and the width that our figures carry are copied to where the book's builder reads
them.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

ROOT = Path(__file__).resolve().parents[2]
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
SKIP_TAG = "nbval-ignore-output"


class NotebookError(RuntimeError):
    """A notebook that cannot be stored as it is; the message names the cell."""


def select(names: list[str], folder: Path) -> list[Path]:
    """Return the notebooks meant by paths, names or number prefixes; all of them if none."""
    everything = sorted(folder.glob("*.ipynb"))
    if not names:
        return everything
    chosen = []
    for name in names:
        stem = Path(name).stem
        found = [p for p in everything if p.stem == stem or p.stem.startswith(f"{stem}_")]
        if len(found) != 1:
            have = ", ".join(p.stem for p in everything) or "none"
            raise NotebookError(f"{name!r} names {len(found)} notebooks; there are: {have}")
        chosen += found
    return chosen


def run(notebook: Any, folder: Path, timeout: int, timed: bool = False) -> None:
    """Execute all cells in place, in `folder`, with the kernel of this interpreter.

    If `timed`, the metadata of each cell say when it began and ended.
    """
    # No kernel folders: what is left is ipykernel's own entry, which starts sys.executable.
    specs = KernelSpecManager(kernel_dirs=[], ensure_native_kernel=True)
    manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=specs)
    client = NotebookClient(
        notebook,
        km=manager,
        timeout=timeout,
        startup_timeout=timeout,
        iopub_timeout=timeout,  # a kernel that answers late is not one that prints nothing
        record_timing=timed,
        store_widget_state=False,
        extra_arguments=["--log-level=40"],
        resources={"metadata": {"path": str(folder)}},
    )
    client.owns_km = True  # so that the kernel ends with the run
    client.execute()


def merge_streams(outputs: list[Any]) -> list[Any]:
    """Join neighbouring stream outputs of the same name into one."""
    merged: list[Any] = []
    for output in outputs:
        last = merged[-1] if merged else None
        if (
            output["output_type"] == "stream"
            and last is not None
            and last["output_type"] == "stream"
            and last["name"] == output["name"]
        ):
            last["text"] += output["text"]
        else:
            merged.append(output)
    return merged


def drop_widgets(cell: Any, where: str) -> None:
    """Take live widgets out of the stored outputs: without a kernel they are dead."""
    kept = []
    for output in cell.outputs:
        data = output.get("data", {})
        if WIDGET_VIEW in data:
            if SKIP_TAG not in cell.metadata.get("tags", []):
                raise NotebookError(f"{where} shows a widget: tag the cell {SKIP_TAG!r}")
            del data[WIDGET_VIEW]
            if set(data) <= {"text/plain"}:  # nothing but the widget's own name
                continue
        kept.append(output)
    cell.outputs = kept


def copy_alt_text(cell: Any, where: str) -> None:
    """Write the figure's alt text and width into the cell's metadata, where myst-nb looks."""
    found = {
        (meta["alt"], meta.get("width"))
        for output in cell.outputs
        for mime, meta in output.get("metadata", {}).items()
        if mime.startswith("image/") and isinstance(meta, dict) and meta.get("alt")
    }
    if len(found) > 1:
        raise NotebookError(f"{where} has {len(found)} figures with alt texts: one figure a cell")
    if found:
        options = cell.metadata.setdefault("mystnb", {}).setdefault("image", {})
        alt, width = found.pop()
        options["alt"] = " ".join(alt.split())
        if width:
            options["width"] = f"{width}px"


def clean(notebook: Any, name: str) -> None:
    """Bring an executed notebook into the form in which it is stored."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    count = 0
    seen: set[str] = set()
    for index, cell in enumerate(notebook.cells, start=1):
        stem = re.sub(r"[^A-Za-z0-9_-]", "-", name)
        if not cell.get("id") or cell["id"] in seen:
            cell["id"] = f"{stem}-{index}"[:64]
        seen.add(cell["id"])
        for key in ("execution", "collapsed", "scrolled", "ExecuteTime"):
            cell.metadata.pop(key, None)
        if cell.cell_type != "code":
            continue
        where = f"{name}: cell {index}"
        count += 1 if cell.source.strip() else 0
        cell.execution_count = count if cell.source.strip() else None
        drop_widgets(cell, where)
        cell.outputs = merge_streams(cell.outputs)
        copy_alt_text(cell, where)
        for output in cell.outputs:
            if output["output_type"] == "execute_result":
                output["execution_count"] = cell.execution_count


def dumps(notebook: Any) -> str:
    """Return the notebook's JSON, the same for the same content."""
    text = nbformat.writes(notebook, version=nbformat.NO_CONVERT)
    return json.dumps(json.loads(text), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def describe(error: Exception, notebook: Any) -> str:
    """Say which cell failed, and how."""
    for index, cell in enumerate(notebook.cells, start=1):
        failed = any(o["output_type"] == "error" for o in cell.get("outputs", []))
        if cell.cell_type == "code" and failed:
            first = cell.source.strip().splitlines()[0]
            return f"cell {index} ({cell.get('id')}: {first!r})\n{error}"
    return str(error)


def execute(path: Path, timeout: int = 600) -> None:
    """Run one notebook and store it; on failure the stored file stays as it was."""
    notebook = nbformat.read(path, as_version=4)
    try:
        run(notebook, path.parent, timeout)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        raise NotebookError(f"{path.name}: {describe(error, notebook)}") from error
    clean(notebook, path.stem)
    nbformat.validate(notebook)
    text = dumps(notebook)
    if path.read_text(encoding="utf8") != text:
        path.write_text(text, encoding="utf8")


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Run notebooks and store their outputs.")
    parser.add_argument("names", nargs="*", help="paths, names or numbers; all if none is given")
    parser.add_argument("--folder", type=Path, default=ROOT / "notebooks")
    parser.add_argument("--timeout", type=int, default=600, help="seconds a cell may take")
    options = parser.parse_args(arguments)
    try:
        chosen = select(options.names, options.folder)
        if not chosen:
            raise NotebookError(f"there is no notebook in {options.folder}")
        for path in chosen:
            start = time.perf_counter()
            execute(path, options.timeout)
            print(f"{path.name}: {time.perf_counter() - start:.1f} s", flush=True)
    except NotebookError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
