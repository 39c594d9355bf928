"""Links: what weight decay and early stopping have to do with the verdicts of chapter 10.

    FGNN_LITE_DATA=... .venv/bin/python benchmarks/links.py

Two questions that `study.py` leaves open, under its paper's protocol, five splits of two graphs.
The released code trains top-to-input without weight decay, the study with 0.0005: here it and plain
cross-entropy are trained without. On CiteSeer three of five runs of one layer stopped early: here
one layer of cross-entropy and of backpropagation (input rows of length 1 both) has no early stop
in 1000 updates.

Finished runs are kept in results/links.json; starting the script again does the rest.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from protocol import DEPTHS, PROTOCOL, SETTINGS, rows_of, run_missing, workers
from provenance import RESULTS

import fgnn_lite as fgnn

PATH = RESULTS / "links.json"
GRAPHS = ("cora-ml", "citeseer-full")
METHODS: dict[str, tuple[str, dict[str, Any]]] = {
    "link-ce": ("link-ce", {}),
    "link-ce-top-to-input": ("link-ce-top-to-input", {}),
    "link-bp-l2": ("link-bp", {"features": "l2"}),
}


class Job(NamedTuple):
    """One training run."""

    graph: str
    method: str
    weight_decay: float
    patience: int
    depth: int
    split: int


def jobs() -> list[Job]:
    """All runs."""
    plain = [("link-ce", DEPTHS[-1:]), ("link-ce-top-to-input", DEPTHS[1:])]
    return [
        Job(graph, method, 0.0, 100, depth, split)
        for graph in GRAPHS
        for method, depths in plain
        for depth in depths
        for split in range(5)
    ] + [
        Job(graph, method, 5e-4, 1000, 1, split)
        for graph in GRAPHS
        for method in ("link-ce", "link-bp-l2")
        for split in range(5)
    ]


def train(job: Job) -> list[dict[str, Any]]:
    """One run; rows for each depth that it gives."""
    name, options = METHODS[job.method]
    known, val, test = fgnn.load_links(job.graph, split=job.split)
    learner = fgnn.make_link_learner(name, depth=job.depth, seed=job.split, **options)
    own = {"weight_decay": job.weight_decay, "patience": job.patience}
    history = learner.fit(known, val, device="cpu", **PROTOCOL | own)
    fields = {"graph": job.graph, "method": job.method, "split": job.split, **own}
    return rows_of(learner, history, (test,), (val,), **fields)


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    names = "graph", "method", "weight_decay", "patience", "split", "depth"
    return tuple(row[name] for name in names)


def main() -> None:
    """Run what is missing, with a progress bar."""
    about = "ROC-AUC of links. " + __doc__.splitlines()[0]
    run_missing(jobs(), train, PATH, about, SETTINGS, _order, workers(__doc__))


if __name__ == "__main__":
    main()
