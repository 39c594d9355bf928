"""Training on a block model of a million nodes and ten million undirected edges: time and memory.

    .venv/bin/python benchmarks/scale.py              # the whole study, one process a run
    .venv/bin/python benchmarks/scale.py --nodes 1e5  # smaller, and more rows

F = 64, four classes, homophily 0.4: 40 % of the edges join nodes of one class, where chance would
give 25 %, so that neither a node's features nor the mean over its neighbours solve the task. GCN,
H = 128, 10 % of the nodes for training. Row batches are 4,096 rows. SF trains at most 20 epochs a
layer, SIGN 80, as many as four layers have together, both with a validation every 5 epochs; SGC at
most 100 updates. SF's temperature, 0.1, is the best of 1, 0.5 and 0.1 on the validation nodes
of the graph of 100,000 nodes. Backprop makes two updates, or one where it makes a message for every
edge: enough to know its memory and the time of an update; its accuracy is that of `bp, trained`,
100 updates with a step of 0.01, on 100,000 nodes, which is timed and not counted again.

`sage, sampled` is what is mostly done on graphs of this size: PyG's GraphSAGE, two layers, trained
with its `NeighborLoader`, ten neighbours of each node and 1,024 nodes a batch, five passes at a
step of 0.01, no validation, not counted. The loader needs `pyg-lib`, which is not on PyPI, or
`torch-sparse`, which is there as source, to be compiled; without either the row is left out.

`sgc, hops` is a linear classifier on the rows of SIGN, of four hops. On 100,000 nodes there are
more runs, to find out what single-forward lacks: other temperatures, more epochs, one-way virtual
edges, `local-heads` in place of class nodes (all training nodes in each of 100 updates, step 0.01),
and one layer of SF on SIGN's rows (`sf, hops`: temperature 1, the better one of 1 and 0.1 on the
validation nodes; virtual edges go one way). To make these rows is not timed.

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
from torch.nn import functional
from torch_geometric import typing as kernels
from torch_geometric.data import Data
from torch_geometric.loader import NeighborLoader
from torch_geometric.nn import GraphSAGE
from torch_geometric.transforms import SIGN
from torch_geometric.utils import to_torch_csr_tensor

import fgnn_lite as fgnn

GRAPH = {"classes": 4, "features": 64, "homophily": 0.4}
ROWS = {"batch_size": 4096}
SF = {**ROWS, "temperature": 0.1}
TWICE = {"epochs": 2, "val_every": 2}
TWENTY, EIGHTY = ({"epochs": epochs, "val_every": 5} for epochs in (20, 80))


class Method(NamedTuple):
    """A learner, its options, its budget, and the depths that are measured."""

    learner: str
    options: dict[str, Any]
    budget: dict[str, Any]
    depths: tuple[int, ...] = (4, 16)
    most: int = 10**9  # nodes


METHODS = {
    "sgc": Method("sgc", {}, {"epochs": 100, "val_every": 5}, (2, 4)),
    "sign, rows": Method("sign", ROWS, EIGHTY, (4,)),
    "sf, rows": Method("sf", SF, TWENTY),
    "sf, rows, sage": Method(
        "sf",
        {**SF, "backbone": "sage"},
        TWENTY,
        (4,),
    ),
    "bp, trained": Method(
        "bp", {"adjacency": "sparse"}, {"epochs": 100, "val_every": 5, "lr": 0.01}, (2, 4), 100_000
    ),
    "bp, sparse": Method("bp", {"adjacency": "sparse"}, TWICE),
    "bp, sparse, checkpoint": Method("bp", {"adjacency": "sparse", "checkpoint": True}, TWICE),
    "bp, edges": Method("bp", {}, {"epochs": 1}),
    "bp, edges, checkpoint": Method("bp", {"checkpoint": True}, {"epochs": 1}),
}
SMALL = 100_000  # nodes
ONE_WAY = {"virtual_edges": "to-virtual"}
TRIES = {  # what single-forward's layers lack
    "sf, rows, tau 1": Method("sf", {**SF, "temperature": 1.0}, TWENTY, (4,), SMALL),
    "sf, rows, tau 0.5": Method("sf", {**SF, "temperature": 0.5}, TWENTY, (4,), SMALL),
    "sf, rows, 80 epochs": Method("sf", SF, EIGHTY, (4,), SMALL),
    "sf, rows, one-way": Method("sf", {**SF, **ONE_WAY}, TWENTY, (4,), SMALL),
    "local-heads": Method(
        "local-heads", {}, {"epochs": 100, "val_every": 5, "lr": 0.01}, (4,), SMALL
    ),
    "sgc, hops": Method("sgc", {}, {"epochs": 100, "val_every": 5}, (1,)),
    "sf, hops": Method("sf", {**ROWS, **ONE_WAY}, EIGHTY, (1,), SMALL),
}
SAMPLED = Method("sage", {"neighbours": 10, "batch_size": 1024}, {"epochs": 5, "lr": 0.01}, (2,))
ALL = METHODS | {"sage, sampled": SAMPLED} | TRIES


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


def sampled(data: Data, depth: int) -> dict[str, Any]:
    """PyG's GraphSAGE on sampled neighbours, timed; the test is on the whole graph."""
    torch.manual_seed(0)
    classes, options, budget = GRAPH["classes"], SAMPLED.options, SAMPLED.budget
    net = GraphSAGE(data.num_features, 128, depth, classes)
    start = time.perf_counter()
    loader = NeighborLoader(
        data,
        [options["neighbours"]] * depth,
        input_nodes=data.train_mask,
        batch_size=options["batch_size"],
        shuffle=True,
    )
    optimizer = torch.optim.Adam(net.parameters(), lr=budget["lr"], weight_decay=5e-4)
    prepared = time.perf_counter()
    for _ in range(budget["epochs"]):
        for batch in loader:
            logits = net(batch.x, batch.edge_index)[: batch.batch_size]
            functional.cross_entropy(logits, batch.y[: batch.batch_size]).backward()
            optimizer.step()
            optimizer.zero_grad()
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    with torch.no_grad():
        received = to_torch_csr_tensor(data.edge_index.flip(0), size=len(data.x))
        right = net(data.x, received).argmax(dim=-1) == data.y
    return {
        "fits": True,
        "seconds": round(done - start, 1),
        "preparation_seconds": round(prepared - start, 1),
        "seconds_per_epoch": round((done - prepared) / budget["epochs"], 2),
        "process_bytes": peak,
        "test": round(float(right[data.test_mask].float().mean()), 4),
    }


def measure(method: str, depth: int, nodes: int, limit_gb: float, count: bool) -> dict[str, Any]:
    """One run on a CPU, in this process: timed, or counted."""
    limit = int(limit_gb * 1e9)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    torch.set_num_threads(2)
    name, made, fitted, *_ = ALL[method]
    data = block_model(nodes)
    if name == "sage":
        return sampled(data, depth)
    learner = fgnn.make_learner(name, depth=depth, hidden=128, **made)
    if "hops" in method:
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
    for extra in ([],) if method in ("bp, trained", "sage, sampled") else ([], ["--count"]):
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
    parser.add_argument("--methods", nargs="+", default=list(ALL), choices=ALL)
    parser.add_argument("--limit-gb", type=float, default=20.0, help="of data, per process")
    parser.add_argument("--measure", choices=ALL, help=argparse.SUPPRESS)
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
        if method == "sage, sampled" and not (kernels.WITH_PYG_LIB or kernels.WITH_TORCH_SPARSE):
            print(f"{method} is left out: NeighborLoader needs pyg-lib or torch-sparse")
            continue
        for depth in ALL[method].depths:
            if (method, depth, options.nodes) in done or options.nodes > ALL[method].most:
                continue
            found = run(method, depth, options.nodes, options.limit_gb)
            rows.append({"method": method, "depth": depth, "nodes": options.nodes, **found})
            write(path, __doc__.splitlines()[0], settings, rows)
            print(rows[-1], flush=True)


if __name__ == "__main__":
    main()
