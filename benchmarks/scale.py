"""Training on a block model of a million nodes and ten million undirected edges: time and memory.

    .venv/bin/python benchmarks/scale.py              # the whole study, one process a run
    .venv/bin/python benchmarks/scale.py --nodes 1e5  # smaller, ten edges a node as before

F = 64, four classes, homophily 0.4: 40 % of the edges join nodes of one class, where chance would
give 25 %, so that neither a node's features nor the mean over its neighbours solve the task. GCN,
H = 128, 10 % of the nodes for training. Row batches are 4,096 rows. SF trains at most 20 epochs a
layer, SIGN 80, as many as four layers have together, both with a validation every 5 epochs; SGC at
most 100 updates. SF's temperature, 0.1, is the best of 1, 0.5 and 0.1 on the validation nodes
of the graph of 100,000 nodes. Backprop makes two updates, or one where it makes a message for every
edge: enough to know its memory and the time of an update; its accuracy is that of `bp, trained`,
100 updates with a step of 0.01, on 100,000 nodes, which is timed and not counted again. `sf, hops`
shows what SF's layers miss: one layer that reads SIGN's rows, of four hops, in place of the graph
(temperature 1, the better one of 1 and 0.1 on the validation nodes; virtual edges go one
way, and making the rows is not timed). PyG's `NeighborLoader` is not here: its kernels are not on
PyPI.

Every run is two processes, each of which makes the graph, too. The first one is timed: `seconds` is
the whole of `fit`, of which `preparation_seconds` go by before the first update of each layer, and
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
from typing import Any, NamedTuple

import torch
from provenance import RESULTS, load_rows, write
from torch_geometric.data import Data
from torch_geometric.transforms import SIGN

import fgnn_lite as fgnn

GRAPH = {"classes": 4, "features": 64, "homophily": 0.4}
ROWS = {"batch_size": 4096}
TWICE = {"epochs": 2, "val_every": 2}


class Method(NamedTuple):
    """A learner, its options, its budget, and the depths that are measured."""

    learner: str
    options: dict[str, Any]
    budget: dict[str, Any]
    depths: tuple[int, ...] = (4, 16)
    most: int = 10**9  # nodes


METHODS = {
    "sgc": Method("sgc", {}, {"epochs": 100, "val_every": 5}, (2, 4)),
    "sign, rows": Method("sign", ROWS, {"epochs": 80, "val_every": 5}, (4,)),
    "sf, rows": Method("sf", {**ROWS, "temperature": 0.1}, {"epochs": 20, "val_every": 5}),
    "sf, rows, sage": Method(
        "sf",
        {**ROWS, "temperature": 0.1, "backbone": "sage"},
        {"epochs": 20, "val_every": 5},
        (4,),
    ),
    "sf, hops": Method(
        "sf",
        {**ROWS, "virtual_edges": "to-virtual"},
        {"epochs": 80, "val_every": 5},
        (1,),
        100_000,
    ),
    "bp, trained": Method(
        "bp", {"adjacency": "sparse"}, {"epochs": 100, "val_every": 5, "lr": 0.01}, (2, 4), 100_000
    ),
    "bp, sparse": Method("bp", {"adjacency": "sparse"}, TWICE),
    "bp, sparse, checkpoint": Method("bp", {"adjacency": "sparse", "checkpoint": True}, TWICE),
    "bp, edges": Method("bp", {}, {"epochs": 1}),
    "bp, edges, checkpoint": Method("bp", {"checkpoint": True}, {"epochs": 1}),
}


def block_model(nodes: int) -> Data:
    """The graph: ten undirected edges a node."""
    return fgnn.load_graph("sbm", nodes=nodes, edges=10 * nodes, **GRAPH)


def hops_beside(data: Data) -> Data:
    """The rows of SIGN in place of the features, each hop with a spread of 1, and no edge."""
    wide = SIGN(4)(data.clone())
    hops = [wide.x, *(wide[f"x{k}"] for k in range(1, 5))]
    out = data.clone()
    out.x = torch.cat([h / h.std(dim=0).mean() for h in hops], dim=1)
    out.edge_index = data.edge_index[:, :0]
    return out


def measure(method: str, depth: int, nodes: int, limit_gb: float, count: bool) -> dict[str, Any]:
    """One run on a CPU, in this process: timed, or counted."""
    limit = int(limit_gb * 1e9)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    torch.set_num_threads(2)
    name, made, fitted, *_ = METHODS[method]
    data = block_model(nodes)
    learner = fgnn.make_learner(name, depth=depth, hidden=128, **made)
    if method == "sf, hops":
        data = hops_beside(data)
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
        "test": None if len(history) <= 2 else round(learner.score(data), 4),
    }


def run(method: str, depth: int, nodes: int, limit_gb: float) -> dict[str, Any]:
    """One run, in processes of its own."""
    command = [sys.executable, __file__, "--measure", method, "--depth", str(depth)]
    command += ["--nodes", str(nodes), "--limit-gb", str(limit_gb)]
    row: dict[str, Any] = {}
    for extra in ([], ["--count"]) if method != "bp, trained" else ([],):
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
    parser.add_argument("--depth", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=METHODS)
    parser.add_argument("--limit-gb", type=float, default=20.0, help="of data, per process")
    parser.add_argument("--measure", choices=METHODS, help=argparse.SUPPRESS)
    parser.add_argument("--count", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        place = options.measure, options.depth, options.nodes, options.limit_gb
        print(json.dumps(measure(*place, options.count)))
        return
    path = RESULTS / "scale.json"
    rows = load_rows(path)
    done = {(r["method"], r["depth"], r["nodes"]) for r in rows}
    settings = {"graph": GRAPH, "edges_per_node": 10, "hidden": 128, "threads": 2}
    for method in options.methods:
        for depth in METHODS[method].depths:
            if (method, depth, options.nodes) in done or options.nodes > METHODS[method].most:
                continue
            found = run(method, depth, options.nodes, options.limit_gb)
            rows.append({"method": method, "depth": depth, "nodes": options.nodes, **found})
            write(path, __doc__.splitlines()[0], settings, rows)
            print(rows[-1], flush=True)


if __name__ == "__main__":
    main()
