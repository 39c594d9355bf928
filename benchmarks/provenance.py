"""Where numbers come from: versions, machine, date; and results files that survive a stop.

Imported first by every script here; it also puts the repository on the path.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

import numpy
import scipy
import torch
import torch_geometric

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "results"
sys.path.insert(0, str(ROOT))


def provenance() -> dict[str, Any]:
    """What a reader needs in order to judge, or repeat, a measurement."""
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "torch_geometric": torch_geometric.__version__,
        "numpy": numpy.__version__,
        "scipy": scipy.__version__,
        "machine": _machine(),
        "threads": torch.get_num_threads(),
    }


def load_rows(path: Path) -> list[dict[str, Any]]:
    """The rows that an earlier, perhaps unfinished, run has left."""
    return json.loads(path.read_text())["rows"] if path.exists() else []


def write(path: Path, about: str, settings: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    """Write a results file whole or not at all; one row a line, so that changes can be read."""
    head = {"about": about, "provenance": provenance(), "settings": settings}
    text = json.dumps(head, indent=1)[:-2]
    lines = ",\n".join("  " + json.dumps(row) for row in rows)
    path.parent.mkdir(exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(f'{text},\n "rows": [\n{lines}\n ]\n}}\n')
    os.replace(part, path)


def _machine() -> str:
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [line for line in cpuinfo.read_text().splitlines() if "model name" in line]
        name = models[0].split(":", 1)[1].strip() if models else name
    gpu = f", {torch.cuda.get_device_name()}" if torch.cuda.is_available() else ""
    return f"{name}, {os.cpu_count()} cores{gpu}"
