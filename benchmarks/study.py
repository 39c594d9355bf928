"""Does it hold? Every learner on two citation graphs, five splits, under two protocols.

    FGNN_LITE_DATA=... .venv/bin/python benchmarks/study.py

"paper" is the protocol of Park et al. (2024), section 4: H = 128, Adam, lr 1e-3, weight decay 5e-4,
at most 1000 epochs (per layer for the layer-wise learners), validation every 2 epochs, patience
100, input rows that sum to 1, tau = 1, and for forward-forward theta = 2 and C - 1 negatives.

"fair" changes two things. Every learner's input rows have length 1, which single-forward's first
layer makes anyway; and every learner is trained with each of two learning rates, so that whoever
reads the rows can choose, for each split, the one with the best validation score. In both protocols
prediction is given the training labels and no others.

"bp-l2" is the middle: the paper's protocol, with BP's input scaled. "sf-one-way" is SF whose class
nodes receive messages and send none. "ff-la-mended" and "ff-vn-mended" predict one node at a time
and compare goodness with that of the negatives (`hypotheses="single"`, `loss="symba"`); that is our
own repair, not the paper's.

Finished runs are kept in results/study.json; starting the script again does the rest. One run of
depth 4 gives all depths of a layer-wise learner, for its lower layers do not depend on the upper.
Seeds are the splits' numbers. Seconds are of a machine with other work: count updates instead.
"""

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

from protocol import DEPTHS, PROTOCOL, SETTINGS, rows_of, run_missing, workers
from provenance import RESULTS

import fgnn_lite as fgnn

PATH = RESULTS / "study.json"
GRAPHS = ("cora-ml", "citeseer-full")
RATES = (1e-3, 1e-2)
SPLITS = range(5)
MENDED = {"hypotheses": "single", "loss": "symba"}
METHODS: dict[str, tuple[str, dict[str, Any]]] = {
    "bp": ("bp", {}),
    "bp-l2": ("bp", {"features": "l2"}),
    "ff-la": ("ff-la", {}),
    "ff-la-mended": ("ff-la", MENDED),
    "ff-vn": ("ff-vn", {}),
    "ff-vn-mended": ("ff-vn", MENDED),
    "sf": ("sf", {}),
    "sf-one-way": ("sf", {"virtual_edges": "to-virtual"}),
    "sf-top-to-input": ("sf-top-to-input", {}),
    "sf-top-to-loss": ("sf-top-to-loss", {}),
    "link-bp": ("link-bp", {}),
    "link-bp-l2": ("link-bp", {"features": "l2"}),
    "link-ce": ("link-ce", {}),
    "link-ce-top-to-input": ("link-ce-top-to-input", {}),
    "link-ff": ("link-ff", {}),
}
TOP_DOWN = [name for name in METHODS if "top-to" in name]  # nothing is above a single layer
PAPER = [name for name in METHODS if "mended" not in name]
FAIR = [name for name in METHODS if "l2" not in name]
OTHERS = ("bp", "bp-l2", "sf", "sf-one-way")  # with GraphSAGE and GAT
ROUNDS = [  # protocol, backbone, learning rate
    ("paper", "gcn", RATES[0]),
    *product(["fair"], ["gcn"], RATES),
    *product(["paper"], ["sage", "gat"], RATES[:1]),
    *product(["fair"], ["sage", "gat"], RATES),
]


class Job(NamedTuple):
    """One training run."""

    protocol: str
    graph: str
    backbone: str
    method: str
    depth: int
    split: int
    lr: float


def jobs() -> list[Job]:
    """All runs, those that matter most first."""
    return [
        Job(protocol, graph, backbone, method, depth, split, rate)
        for protocol, backbone, rate in ROUNDS
        for graph, method, split in product(GRAPHS, METHODS, SPLITS)
        if method in (PAPER if protocol == "paper" else FAIR)
        if backbone == "gcn" or method in OTHERS
        for depth in depths(method)
    ]


def depths(method: str) -> tuple[int, ...]:
    """The depths that have to be trained."""
    name, options = METHODS[method]
    make = fgnn.make_link_learner if name in fgnn.LINK_LEARNERS else fgnn.make_learner
    if make(name, depth=2, **options).layer_wise:
        return DEPTHS[-1:]
    return DEPTHS[1:] if method in TOP_DOWN else DEPTHS


def train(job: Job) -> list[dict[str, Any]]:
    """One run; rows for each depth that it gives."""
    name, options = METHODS[job.method]
    options = {**options, "backbone": job.backbone, "depth": job.depth, "seed": job.split}
    if job.protocol == "fair":
        options["features"] = "l2"
    if name == "bp" and job.backbone != "gat":
        options["adjacency"] = "sparse"  # the same function, sooner
    budget = PROTOCOL | {"lr": job.lr, "device": "cpu"}
    if name in fgnn.LINK_LEARNERS:
        known, val, test = fgnn.load_links(job.graph, split=job.split)
        linker = fgnn.make_link_learner(name, **options)
        history = linker.fit(known, val, **budget)
        return rows_of(linker, history, (test,), (val,), **_columns(job))
    data = fgnn.load_graph(job.graph, split=job.split)
    learner = fgnn.make_learner(name, **options)
    history = learner.fit(data, **budget)
    return rows_of(learner, history, (data, "test"), (data, "val"), **_columns(job))


def _columns(job: Job) -> dict[str, Any]:
    """What a row takes from its job; depth, backbone and seed it has from the learner."""
    names = ("protocol", "graph", "method", "split", "lr")
    return {name: getattr(job, name) for name in names}


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    place = (("paper", "fair").index(row["protocol"]), GRAPHS.index(row["graph"]))
    kind = (list(fgnn.BACKBONES).index(row["backbone"]), list(METHODS).index(row["method"]))
    return *place, *kind, row["lr"], row["split"], row["depth"]


def main() -> None:
    """Run what is missing, with a progress bar."""
    about = "Test accuracy (share of nodes; of links: ROC-AUC). " + __doc__.splitlines()[0]
    settings = SETTINGS | {"lr": RATES}
    run_missing(jobs(), train, PATH, about, settings, _order, workers(__doc__))


if __name__ == "__main__":
    main()
