"""How much does a setting matter? Single-forward and forward-forward over a grid of settings.

    FGNN_LITE_DATA=... .venv/bin/python benchmarks/sensitivity.py

Two layers of GCN on the digits and on CoraML, 200 updates a layer, validation every 10, one split
and one seed a point: what is close together on such a surface may be noise. Single-forward is tried
over temperature, step size, weight decay and width; forward-forward with labels in the input (as
published) over threshold, step size, weight decay, width and the number of negatives. The rows of
CoraML have length 1.

Finished runs are kept in results/sensitivity.json; starting the script again does the rest.
"""

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

from protocol import rows_of, run_missing, workers
from provenance import RESULTS

import fgnn_lite as fgnn

PATH = RESULTS / "sensitivity.json"
GRAPHS = ("digits", "cora-ml")
DEPTH = 2
BUDGET = {"epochs": 200, "patience": 200, "val_every": 10}
TEMPERATURES = (1 / 64, 1 / 16, 1 / 4, 1.0, 4.0)
THETAS = (0.25, 0.5, 1.0, 2.0, 4.0)
RATES = (1e-3, 3e-3, 1e-2, 3e-2)
DECAYS = (0.0, 5e-4, 5e-3)
WIDTHS = (32, 128)
NEGATIVES = (1, 3)


class Job(NamedTuple):
    """One training run; a setting that a learner does not have is `None`."""

    graph: str
    method: str
    temperature: float | None
    theta: float | None
    negatives: int | None
    lr: float
    weight_decay: float
    hidden: int


def jobs() -> list[Job]:
    """All runs, graph by graph."""
    shared = RATES, DECAYS, WIDTHS
    single = [(tau, None, None) for tau in TEMPERATURES]
    forward = [(None, *pair) for pair in product(THETAS, NEGATIVES)]
    return [
        Job(graph, method, *own, *rest)
        for graph in GRAPHS
        for method, settings in (("sf", single), ("ff-la", forward))
        for own, rest in product(settings, product(*shared))
    ]


def train(job: Job) -> list[dict[str, Any]]:
    """One run; a row for each of its layers."""
    place = job._asdict()
    budget = BUDGET | {"lr": place["lr"], "weight_decay": place["weight_decay"]}
    named = ("temperature", "theta", "negatives", "hidden")
    made = {name: place[name] for name in named if place[name] is not None}
    if job.graph == "cora-ml":
        made["features"] = "l2"
    data = fgnn.load_graph(job.graph)
    learner = fgnn.make_learner(job.method, depth=DEPTH, **made)
    history = learner.fit(data, device="cpu", **budget)
    return rows_of(learner, history, (data, "test"), (data, "val"), **place)


def main() -> None:
    """Run what is missing, with a progress bar."""
    about = "Test accuracy (share of nodes). " + __doc__.splitlines()[0]
    run_missing(jobs(), train, PATH, about, BUDGET, _order, workers(__doc__))


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    place = GRAPHS.index(row["graph"]), ("sf", "ff-la").index(row["method"])
    names = "temperature", "theta", "negatives", "lr", "weight_decay", "hidden", "depth"
    return *place, *(row[name] or 0.0 for name in names)


if __name__ == "__main__":
    main()
