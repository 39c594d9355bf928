"""What a layer receives from above, switched on and off: single-forward with top-down signals.

    .venv/bin/python benchmarks/top_down.py

The digits graph, GCN, H = 64, Adam at 0.01, as in chapter 9. `above` is what layers receive from
above while they train: for top-to-input "all", the upper layers' "states" alone, the "labels" alone
or "nothing", in nets of the same shape. A net that receives something predicts twice: as it was
trained ("as trained") and with zeros in place of that ("zeros from above"). Single-forward and
top-to-loss stand beside it. The graph and its split are always the same: seeds differ in their
weights and class nodes.

Finished runs are kept in results/top-down.json; starting the script again does the rest.
"""

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

from protocol import rows_of, run_missing, workers
from provenance import RESULTS

import fgnn_lite as fgnn
from fgnn_lite.objectives import accuracy

PATH = RESULTS / "top-down.json"
ABOVE = ("all", "states", "labels", "nothing")
SEEDS = (0, 1, 2)
BUDGETS = ((100, 1.0), (300, 1.0), (100, 1 / 16))  # updates of each layer, and temperature
PLACES = [(depth, *budget) for depth, budget in product((2, 4), BUDGETS)] + [(8, 100, 1.0)]
TAU = {1.0: "1", 1 / 16: "1/16"}
NAMES = {"sf": "single-forward", "sf-top-to-loss": "top-to-loss"}
SETTINGS = {
    "graph": "digits",
    "backbone": "gcn",
    "hidden": 64,
    "patience": 100,
    "val_every": 10,
    "lr": 0.01,
    "weight_decay": 5e-4,
}


class Job(NamedTuple):
    """One training run; `above` of `None` says that the learner has no such option."""

    learner: str
    above: str | None
    depth: int
    budget: int
    temperature: float
    seed: int


def jobs() -> list[Job]:
    """All runs."""
    kinds = [("sf", None), ("sf-top-to-loss", None)] + [("sf-top-to-input", a) for a in ABOVE]
    return [Job(*kind, *place, s) for place in PLACES for kind in kinds for s in SEEDS]


def train(job: Job) -> list[dict[str, Any]]:
    """One run; a row for each way of predicting."""
    data = fgnn.load_graph("digits")
    options: dict[str, Any] = {} if job.above is None else {"above": job.above}
    shape = {"depth": job.depth, "hidden": SETTINGS["hidden"], "temperature": job.temperature}
    learner = fgnn.make_learner(job.learner, "gcn", seed=job.seed, **shape, **options)
    rest = {name: SETTINGS[name] for name in ("patience", "val_every", "lr", "weight_decay")}
    history = learner.fit(data, epochs=job.budget, device="cpu", **rest)
    fields = {
        "net": NAMES.get(job.learner, f"receives {job.above}"),
        "run": f"tau {TAU[job.temperature]}, {job.budget} updates",
        **{name: getattr(job, name) for name in ("learner", "above", "budget", "temperature")},
    }
    ways = [None] if job.above in (None, "nothing") else ["as trained", "zeros from above"]
    rows = []
    for way in ways:
        each = learner.class_scores(
            data, **({"above": "nothing"} if way == "zeros from above" else {})
        )
        masks = (data[f"{part}_mask"] for part in ("test", "val", "train"))
        scores = [[accuracy(total[m], data.y[m]) for total in each] for m in masks]
        (row,) = rows_of(learner, history, *scores[:2], predicts=way, **fields)[-1:]
        error = round(100 * (1 - row["test"]), 2)
        rows.append({**row, "train": round(scores[2][-1], 4), "error": error})
    return rows


def main() -> None:
    """Run what is missing, with a progress bar."""
    about = "Test accuracy (share of nodes) on the digits; " + __doc__.splitlines()[0]
    run_missing(jobs(), train, PATH, about, SETTINGS, _order, workers(__doc__))


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    first = fgnn.LEARNERS.index(row["learner"]), str(row["above"]), str(row["predicts"])
    return *first, row["budget"], -row["temperature"], row["depth"], row["seed"]


if __name__ == "__main__":
    main()
