"""Do layers learn to make use of random feedback? The angle to the true gradient, while they train.

    FGNN_LITE_DATA=... .venv/bin/python benchmarks/angle.py

Three layers of GCN, 64 units, Adam at 0.01, 100 updates; the angle of each layer's own direction
to the true gradient (`fgnn_lite.book.angles`, which defines both) after the first update and every
five. "dfa" trains all layers at once, and is asked on the way. Of "sf" and "class-groups", layer by
layer, a net is trained for each number of updates, so many in every layer; their true gradient is
that of the top layer's loss, so these angles tell how local a local rule is and not whether it
learns. Input rows have length 1 on CoraML. Seeds draw the weights and, of DFA, the feedback; the
split is one. A few minutes; finished runs are kept in results/angle.json.
"""

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

from protocol import run_missing, workers
from provenance import RESULTS

import fgnn_lite as fgnn
from fgnn_lite.book.angles import along, angles

PATH = RESULTS / "angle.json"
SETTINGS = {"depth": 3, "hidden": 64, "lr": 0.01, "weight_decay": 5e-4}
UPDATES, EVERY = 100, 5
GRAPHS = {"digits": "none", "cora-ml": "l2"}  # and how input rows are scaled
METHODS = ("dfa", "sf", "class-groups")
SEEDS = range(3)


class Job(NamedTuple):
    """One run."""

    graph: str
    method: str
    seed: int


def train(job: Job) -> list[dict[str, Any]]:
    """A row for each layer and number of updates."""
    data = fgnn.load_graph(job.graph)
    net = {name: SETTINGS[name] for name in ("depth", "hidden")}
    fit = {name: SETTINGS[name] for name in ("lr", "weight_decay")}
    learner = fgnn.make_learner(job.method, seed=job.seed, features=GRAPHS[job.graph], **net)
    fit |= {"restore_best": False, "device": "cpu"}
    found: dict[int, list[float]] = {}
    if learner.layer_wise:
        for updates in (1, *range(EVERY, UPDATES + 1, EVERY)):
            learner.fit(data, epochs=updates, **fit)
            found[updates] = angles(learner, data)
    else:
        found = along(learner, data, EVERY, UPDATES, **fit)
    return [
        {**job._asdict(), "layer": layer, "updates": updates, "angle": round(angle, 1)}
        for updates, each in found.items()
        for layer, angle in enumerate(each, start=1)
    ]


def main() -> None:
    """Run what is missing, with a progress bar."""
    jobs = [Job(*each) for each in product(GRAPHS, METHODS, SEEDS)]
    about = "Degrees between a layer's direction and the gradient. " + __doc__.splitlines()[0]
    run_missing(jobs, train, PATH, about, SETTINGS | {"features": GRAPHS}, _order, workers(__doc__))


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    places = list(GRAPHS).index(row["graph"]), METHODS.index(row["method"])
    return *places, row["seed"], row["layer"], row["updates"]


if __name__ == "__main__":
    main()
