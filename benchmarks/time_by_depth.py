"""How long an update of the whole net takes, by learner and depth.

    FGNN_LITE_DATA=... .venv/bin/python benchmarks/time_by_depth.py

GCN, H = 128, one thread, for the graphs, methods and depths of memory_by_depth.py. Where each layer
has updates of its own, one update of every layer is added up: the median of its updates, without
validation, but for the first, before which a layer prepares its input. All methods run in turn, and
a row has the median of the rounds. Seconds are of one machine; compare methods, not machines.
"""

from __future__ import annotations

import argparse
import statistics
from itertools import product
from typing import Any

import torch
from memory_by_depth import DEPTHS, METHODS
from provenance import RESULTS, write
from speed import updates
from torch_geometric.data import Data

import fgnn_lite as fgnn

ABOUT = "Seconds of one update of every layer; " + __doc__.splitlines()[0]


def seconds(method: str, depth: int, data: Data, epochs: int, device: str) -> float:
    """Of one update of every layer."""
    name, settings = METHODS[method]
    return sum(updates(name, data, epochs, depth, skip=1, device=device, **settings).values())


def study(names: list[str], device: str, epochs: int, rounds: int) -> list[dict[str, Any]]:
    """Measure in turn; a row for each graph, method and depth."""
    rows: list[dict[str, Any]] = []
    graphs = {name: fgnn.load_graph(name) for name in names}
    for data in graphs.values():
        del data.val_mask  # nothing is validated
    for graph, depth in product(graphs, DEPTHS):
        data = graphs[graph]
        turns = [
            {method: seconds(method, depth, data, epochs, device) for method in METHODS}
            for _ in range(rounds)
        ]
        for method in METHODS:
            took = round(statistics.median(turn[method] for turn in turns), 6)
            place = {"graph": graph, "backbone": "gcn", "method": method, "depth": depth}
            rows.append(place | {"update_seconds": took})
            print(*rows[-1].values(), flush=True)
    place_of = [*product(graphs, METHODS)]  # as in memory-by-depth.json
    return sorted(rows, key=lambda row: place_of.index((row["graph"], row["method"])))


def main() -> None:
    """Measure on a CPU, and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--graphs", nargs="+", default=["cora-ml", "digits"])
    parser.add_argument("--updates", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows = study(options.graphs, "cpu", options.updates, options.rounds)
    settings = {"hidden": 128, "updates": options.updates, "rounds": options.rounds}
    write(RESULTS / "time-by-depth.json", ABOUT, settings, rows)


if __name__ == "__main__":
    main()
