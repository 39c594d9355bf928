"""Batches of rows, shared among processes: passes a second, bytes, accuracy, with one and with two.

    .venv/bin/python benchmarks/data_parallel.py

Single-forward with four layers of GCN, H = 128, on the block model of scale.py with 200,000 nodes,
of which 20,000 are for training, in batches of 4,096 rows; twenty passes a layer at a step of 0.01,
no early stop. One process and two take turns, each with one thread; a round has a seed of its own
for graph and net. `seconds` are those of the passes, without what a layer needs before its first
one; `idle` is the share of them that the lowest process waited, `sent_bytes` what it gave to sums
in a pass over the training nodes.
Finished rounds are kept in results/data-parallel.json; a second call does the rest.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import product
from typing import Any

import torch
from provenance import RESULTS, load_rows, write
from scale import GRAPH

import fgnn_lite as fgnn
from fgnn_lite.learners.chain import Chain
from fgnn_lite.learners.data_parallel import fit_data_parallel

PATH = RESULTS / "data-parallel.json"
NODES, ROUNDS, PROCESSES = 200_000, range(3), (1, 2)
NET = {"depth": 4, "hidden": 128, "temperature": 0.1, "batch_size": 4096}
BUDGET = {"epochs": 20, "patience": 20, "lr": 0.01}


def work(number: int) -> None:
    """Train in this process, one of those that torchrun has started; the lowest one prints."""
    torch.set_num_threads(1)
    data = fgnn.load_graph("sbm", nodes=NODES, edges=10 * NODES, seed=number, **GRAPH)
    learner = fgnn.make_learner("sf", seed=number, **NET)
    with Chain() as chain:
        history = fit_data_parallel(learner, data, chain, **BUDGET)
    if chain.rank == 0:
        seconds = sum(record.seconds for record in history)
        done = {
            "seconds": round(seconds, 2),
            "idle": round(chain.idle_seconds / seconds, 3),
            "sent_bytes": chain.sent_bytes // len(history),
            "test": round(learner.score(data), 4),
        }
        print(json.dumps(done), flush=True)


def launched(number: int, processes: int) -> dict[str, Any]:
    """One run of some processes."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", str(processes), __file__, str(number)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))


def main() -> None:
    """One of torchrun's processes, or all runs in turn."""
    if "RANK" in os.environ:
        work(int(sys.argv[1]))
        return
    rows = load_rows(PATH)
    done = {(row["round"], row["processes"]) for row in rows}
    for number, processes in product(ROUNDS, PROCESSES):
        if (number, processes) not in done:
            load = round(os.getloadavg()[0], 1)
            place = {"round": number, "processes": processes}
            rows.append(place | launched(number, processes) | {"load": load})
            settings = {**NET, **BUDGET, "nodes": NODES, "block": GRAPH}
            write(PATH, __doc__.splitlines()[0], settings, rows)
            print(rows[-1], flush=True)


if __name__ == "__main__":
    main()
