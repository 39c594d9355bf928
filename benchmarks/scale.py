"""Training on a block model of a million nodes and ten million undirected edges: time and memory.

    .venv/bin/python benchmarks/scale.py              # the whole study, one process a run
    .venv/bin/python benchmarks/scale.py --nodes 1e5  # smaller, ten edges a node as before

F = 64, H = 128, GCN, 10 % of the nodes for training. SF trains at most 20 epochs a layer in batches
of 4,096 rows, with a validation every 5 epochs; backprop makes two updates, or one where it makes
a message for every edge: enough to know its memory and the time of an update. Every run is two
processes, each of which makes the graph, too. The first one is timed: `seconds` is the whole of
`fit`, of which `preparation_seconds` go by before the first update of each layer, and
`process_bytes` is the most that the process ever held (its resident set: Python, PyTorch and the
graph included). The second one trains within the probe, which takes time of its own:
`counted_bytes` is the most that it counts of what training makes. A run that asks for more than the
limit is reported as one that does not fit. Results are in results/scale.json.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from typing import Any

import torch
from provenance import RESULTS, load_rows, write
from torch_geometric.data import Data

import fgnn_lite as fgnn

GRAPH = {"classes": 10, "features": 64, "homophily": 0.8}
METHODS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "sf, rows": ("sf", {"batch_size": 4096}, {"epochs": 20, "val_every": 5}),
    "bp, sparse": ("bp", {"adjacency": "sparse"}, {"epochs": 2, "val_every": 2}),
    "bp, sparse, checkpoint": (
        "bp",
        {"adjacency": "sparse", "checkpoint": True},
        {"epochs": 2, "val_every": 2},
    ),
    "bp, edges": ("bp", {}, {"epochs": 1}),
    "bp, edges, checkpoint": ("bp", {"checkpoint": True}, {"epochs": 1}),
}


def block_model(nodes: int) -> Data:
    """The graph: ten undirected edges a node."""
    return fgnn.load_graph("sbm", nodes=nodes, edges=10 * nodes, **GRAPH)


def measure(method: str, depth: int, nodes: int, limit_gb: float, count: bool) -> dict[str, Any]:
    """One run on a CPU, in this process: timed, or counted."""
    limit = int(limit_gb * 1e9)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    torch.set_num_threads(2)
    name, made, fitted = METHODS[method]
    data = block_model(nodes)
    learner = fgnn.make_learner(name, depth=depth, hidden=128, **made)
    if count:
        with fgnn.MemoryMeter() as meter:
            learner.fit(data, device="cpu", **fitted)
        return {"counted_bytes": meter.peak_bytes, "saved_bytes": meter.saved_bytes}
    start = time.perf_counter()
    history = learner.fit(data, device="cpu", **fitted)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # before the test set
    return {
        "fits": True,
        "seconds": round(seconds, 1),
        "preparation_seconds": round(history.preparation_seconds, 1),
        "seconds_per_epoch": round(history.seconds / len(history), 2),
        "process_bytes": peak,
        "test": round(learner.score(data), 4) if name == "sf" else None,
    }


def run(method: str, depth: int, nodes: int, limit_gb: float) -> dict[str, Any]:
    """One run, in processes of its own."""
    command = [sys.executable, __file__, "--measure", method, "--depths", str(depth)]
    command += ["--nodes", str(nodes), "--limit-gb", str(limit_gb)]
    row: dict[str, Any] = {}
    for extra in ([], ["--count"]):
        done = subprocess.run([*command, *extra], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            row |= json.loads(done.stdout.splitlines()[-1])
        elif "alloc" in done.stderr or "MemoryError" in done.stderr or done.returncode < 0:
            return {"fits": False, "limit_gb": limit_gb}
        else:
            raise RuntimeError(done.stderr)
    return row


def main() -> None:
    """Run what is missing and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=lambda text: int(float(text)), default=1_000_000)
    parser.add_argument("--depths", type=int, nargs="+", default=[4, 16])
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=METHODS)
    parser.add_argument("--limit-gb", type=float, default=20.0, help="of data, per process")
    parser.add_argument("--measure", choices=METHODS, help=argparse.SUPPRESS)
    parser.add_argument("--count", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        place = options.measure, options.depths[0], options.nodes, options.limit_gb
        print(json.dumps(measure(*place, options.count)))
        return
    path = RESULTS / "scale.json"
    rows = load_rows(path)
    done = {(r["method"], r["depth"], r["nodes"]) for r in rows}
    settings = {"graph": GRAPH, "edges_per_node": 10, "hidden": 128, "threads": 2}
    for method in options.methods:
        for depth in options.depths:
            if (method, depth, options.nodes) in done:
                continue
            found = run(method, depth, options.nodes, options.limit_gb)
            rows.append({"method": method, "depth": depth, "nodes": options.nodes, **found})
            write(path, __doc__.splitlines()[0], settings, rows)
            print(rows[-1], flush=True)


if __name__ == "__main__":
    main()
