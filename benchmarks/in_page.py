"""How fast the page's engine trains, in Node, on one core.

    .venv/bin/python benchmarks/in_page.py

The engine as it travels, float32, GCN, four layers, learning rate 0.01, validation after every
other update included. Every run is a process of its own, so that the time in which its scripts are
compiled counts, as in a page that was just opened; a row has the median of the rounds, in which all
cases take turns. `seconds` is what passed, `cpu_seconds` what the processor spent, so that other
work on the machine does not count; `update_ms` is the median of one update, without validation.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from provenance import RESULTS, ROOT, write

import fgnn_lite as fgnn

sys.path.insert(0, str(ROOT / "tests"))
from test_playground_engine import plain, shipped

CASES = (
    ("karate", "sf", 32),
    ("karate", "bp", 32),
    ("karate", "ff-vn", 32),
    ("karate", "local-heads", 32),
    ("digits", "sf", 64),
    ("digits", "local-heads", 64),
    ("digits", "bp", 64),
)
DEPTH, LR = 4, 0.01


def once(case: dict[str, Any]) -> dict[str, Any]:
    """Train in a fresh process, on the core that this one is bound to."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.json"
        path.write_text(json.dumps(case))
        script = str(Path(__file__).with_suffix(".js"))
        done = subprocess.run(["node", script, str(path)], capture_output=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def main() -> None:
    """Measure in turn, and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--updates", type=int, default=100, help="of a layer, or of the net")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    source = shipped()
    graphs = {name: plain(fgnn.load_graph(name)) for name in ("karate", "digits")}
    found: list[list[dict[str, Any]]] = [[] for _ in CASES]
    for _ in range(options.rounds):
        for (graph, learner, hidden), answers in zip(CASES, found, strict=True):
            settings = {"learner": learner, "depth": DEPTH, "hidden": hidden, "lr": LR}
            settings |= {"epochs": options.updates}
            answers.append(once({"source": source, "graph": graphs[graph], "settings": settings}))
    rows = []
    for (graph, learner, hidden), answers in zip(CASES, found, strict=True):
        row: dict[str, Any] = {"graph": graph, "learner": learner, "hidden": hidden}
        row["updates"] = answers[0]["updates"]
        for name in ("seconds", "cpu_seconds", "update_ms"):
            row[name] = round(statistics.median(answer[name] for answer in answers), 3)
        row["test_accuracy"] = round(answers[0]["test_accuracy"], 4)
        rows.append(row)
        print(*row.values(), flush=True)
    settings = {
        "depth": DEPTH,
        "lr": LR,
        "updates": options.updates,
        "rounds": options.rounds,
        "node": found[0][0]["node"],
        "engine_bytes": len(source.encode()),
    }
    write(RESULTS / "in-page.json", __doc__.splitlines()[0], settings, rows)


if __name__ == "__main__":
    main()
