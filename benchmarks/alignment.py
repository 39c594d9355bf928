"""Feedback alignment and class groups beside backpropagation and single-forward, on equal input.

    FGNN_LITE_DATA=... .venv/bin/python benchmarks/alignment.py --workers 1

CoraML with the paper's splits 0 to 2 (64/16/20 %), and Cora with its public split (20 labels a
class) and seeds 0 to 2 of the weights. GCN, H = 128, rows of length 1 for all, at most 300 epochs
(per layer for the layer-wise learners), validation every 5 epochs, patience 12, the best state
kept. Each run with a step of 0.01 and with the paper's 0.001; `sf` and `class-groups`, whose
logits are products or squares of activities, each also with tau = 0.1. `benchmarks/summary.py`
takes of each graph, split, method and depth the try with the best validation accuracy, the first of
equals. "bp-pseudo" and "dfa-pseudo" spread the training nodes' errors to the other nodes, with
a = 0.5; that share was not searched. Finished runs are kept in results/alignment.json.
"""

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

from protocol import rows_of, run_missing, workers
from provenance import RESULTS

import fgnn_lite as fgnn

PATH = RESULTS / "alignment.json"
GRAPHS, SPLITS, DEPTHS, RATES = ("cora-ml", "cora"), range(3), (1, 2, 3), (1e-2, 1e-3)
BUDGET = {"epochs": 300, "patience": 12, "val_every": 5, "weight_decay": 5e-4}
SHARE = 0.5  # a, of pseudo-errors
METHODS: dict[str, tuple[str, dict[str, Any]]] = {
    "bp": ("bp", {"adjacency": "sparse"}),
    "bp-pseudo": ("bp", {"adjacency": "sparse", "pseudo_errors": SHARE}),
    "dfa": ("dfa", {}),
    "dfa-pseudo": ("dfa", {"pseudo_errors": SHARE}),
    "sf": ("sf", {}),
    "class-groups": ("class-groups", {}),
}


class Job(NamedTuple):
    """One run."""

    graph: str
    method: str
    depth: int
    lr: float
    temperature: float
    split: int


def jobs() -> list[Job]:
    """All runs; a layer-wise one gives all depths at once."""
    found = []
    for split, graph, method, lr in product(SPLITS, GRAPHS, METHODS, RATES):
        wise = fgnn.make_learner(METHODS[method][0]).layer_wise
        for depth, tau in product(DEPTHS[-1:] if wise else DEPTHS, (1.0, 0.1) if wise else (1.0,)):
            found.append(Job(graph, method, depth, lr, tau, split))
    return found


def train(job: Job) -> list[dict[str, Any]]:
    """One run; a row for each depth that it gives."""
    public = job.graph == "cora"
    data = fgnn.load_graph(job.graph, split=0 if public else job.split)
    name, options = METHODS[job.method]
    learner = fgnn.make_learner(
        name,
        depth=job.depth,
        temperature=job.temperature,
        features="l2",
        seed=job.split if public else 0,
        **options,
    )
    history = learner.fit(data, lr=job.lr, device="cpu", **BUDGET)
    fields = {name: value for name, value in job._asdict().items() if name != "depth"}
    return rows_of(learner, history, (data, "test"), (data, "val"), **fields)


def main() -> None:
    """Run what is missing, with a progress bar."""
    about = "Test accuracy (share of nodes). " + __doc__.splitlines()[0]
    settings = BUDGET | {"hidden": 128, "features": "l2", "share": SHARE}
    run_missing(jobs(), train, PATH, about, settings, _order, workers(__doc__))


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    places = GRAPHS.index(row["graph"]), list(METHODS).index(row["method"])
    return *places, row["lr"], row["temperature"], row["split"], row["depth"]


if __name__ == "__main__":
    main()
