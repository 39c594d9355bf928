"""What training keeps in memory, by learner and depth: exact counts on a CPU.

    FGNN_LITE_DATA=... .venv/bin/python benchmarks/memory_by_depth.py

GCN, H = 128, two updates per layer (or per net) with validation. "edges" is backprop as PyG users
run it, with a message for every edge; "sparse" multiplies with compressed matrices; "checkpoint"
keeps the inputs of about sqrt(L) segments. The counts repeat to the byte.
"""

from __future__ import annotations

import argparse
from typing import Any

from provenance import RESULTS, write

import fgnn_lite as fgnn

METHODS = {
    "sf": ("sf", {}),
    "bp edges": ("bp", {}),
    "bp sparse": ("bp", {"adjacency": "sparse"}),
    "bp checkpoint": ("bp", {"checkpoint": True}),
    "bp sparse checkpoint": ("bp", {"adjacency": "sparse", "checkpoint": True}),
    "ff-la": ("ff-la", {}),
}
DEPTHS = (1, 2, 4, 8, 16, 32, 64)


def study(graphs: list[str], device: str) -> list[dict[str, Any]]:
    """Measure, and print each method's working memory and its ratio to SF's."""
    rows = []
    for graph in graphs:
        data = fgnn.load_graph(graph)
        flat: dict[int, int] = {}
        print(f"{graph}: working memory in MB, and how many times SF's")
        for method, (name, settings) in METHODS.items():
            line = f"{method:22}"
            for depth in DEPTHS:
                learner = fgnn.make_learner(name, depth=depth, **settings)
                report = fgnn.probe_memory(learner, data, steps=2, device=device)
                row = {"graph": graph, "backbone": "gcn", "method": method, "depth": depth}
                row |= {
                    "peak_bytes": report.peak_bytes,
                    "parameter_bytes": report.parameter_bytes,
                    "working_bytes": report.working_bytes,
                    "saved_bytes": report.saved_bytes,
                }
                rows.append(row)
                flat.setdefault(depth, report.working_bytes)
                ratio = report.working_bytes / flat[depth]
                line += f"{report.working_bytes / 1e6:8.1f} ({ratio:4.1f}x)"
            print(line, flush=True)
    return rows


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--graphs", nargs="+", default=["cora-ml", "digits"])
    options = parser.parse_args()
    rows = study(options.graphs, "cpu")
    about = "Bytes that training makes, by method and depth; " + __doc__.splitlines()[0]
    write(RESULTS / "memory-by-depth.json", about, {"hidden": 128, "steps": 2}, rows)


if __name__ == "__main__":
    main()
