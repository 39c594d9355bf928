"""Every learner on the digits graph, by backbone, depth, temperature and seed: for the explorers.

    .venv/bin/python benchmarks/sweep.py

All settings that are not swept are the library's defaults, so that any row can be had again with

    fgnn.make_learner(learner, backbone, depth, temperature=temperature, seed=seed).fit(digits)

(for the top-down learners: `.fit(digits, epochs=100)`). One run of depth 8 gives all depths of a
layer-wise learner, for its lower layers do not depend on the upper ones. Top-down learners cannot
share work, so their grid is coarser. Forward-forward has a threshold in place of a temperature. The
graph and its split are always the same: seeds differ in their weights and drawn labels alone.

Finished runs are kept in results/sweep.json; starting the script again does the rest.
"""

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

from protocol import rows_of, run_missing, workers
from provenance import RESULTS

import fgnn_lite as fgnn

PATH = RESULTS / "sweep.json"
TEMPERATURES = (1 / 64, 1 / 16, 1 / 4, 1.0, 4.0, 16.0, 64.0)
SEEDS = (0, 1, 2)
DEEP = 8
FEWER = {"gcn": ((1, 2, 4, 8), SEEDS), "sage": ((2, 4), SEEDS[:1]), "gat": ((2, 4), SEEDS[:1])}
SETTINGS = {
    "graph": "digits",
    "hidden": 128,
    "epochs": 300,
    "epochs_top_down": 100,
    "patience": 100,
    "val_every": 2,
    "lr": 1e-3,
    "weight_decay": 5e-4,
}


class Job(NamedTuple):
    """One training run; a temperature of `None` says that the learner has none."""

    learner: str
    backbone: str
    depth: int
    temperature: float | None
    seed: int


def jobs() -> list[Job]:
    """All runs, roughly the longest ones first."""
    found = []
    for backbone in reversed(fgnn.BACKBONES):
        found += [Job(*job, None, s) for job in _layer_wise("ff-", backbone) for s in SEEDS]
        depths, seeds = FEWER[backbone]
        found += [
            Job(name, backbone, depth, tau, seed)
            for name in ("sf-top-to-input", "sf-top-to-loss")
            for depth, tau, seed in product(reversed(depths), (1 / 4, 1.0, 4.0), seeds)
        ]
        single = [("bp", backbone, depth) for depth in range(DEEP, 0, -1)]
        single += _layer_wise("sf", backbone)
        found += [Job(*job, tau, s) for job in single for tau, s in product(TEMPERATURES, SEEDS)]
    return found


def _layer_wise(start: str, backbone: str) -> list[tuple[str, str, int]]:
    return [
        (name, backbone, DEEP)
        for name in fgnn.LEARNERS
        if name.startswith(start) and fgnn.make_learner(name).layer_wise
    ]


def train(job: Job) -> list[dict[str, Any]]:
    """One run; rows for each depth that it gives."""
    data = fgnn.load_graph("digits")
    options: dict[str, Any] = {"seed": job.seed}
    if job.temperature is not None:
        options["temperature"] = job.temperature
    if job.learner == "bp" and job.backbone != "gat":
        options["adjacency"] = "sparse"  # the same function, sooner
    learner = fgnn.make_learner(job.learner, job.backbone, job.depth, **options)
    epochs = SETTINGS["epochs_top_down" if "top-to" in job.learner else "epochs"]
    history = learner.fit(data, epochs=epochs, device="cpu")
    return rows_of(
        learner,
        history,
        (data, "test"),
        (data, "val"),
        learner=job.learner,
        temperature=job.temperature,
    )


def main() -> None:
    """Run what is missing, with a progress bar."""
    about = "Test accuracy (share of nodes) on the digits; " + __doc__.splitlines()[0]
    run_missing(jobs(), train, PATH, about, SETTINGS, _order, workers(__doc__))


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    place = fgnn.LEARNERS.index(row["learner"]), list(fgnn.BACKBONES).index(row["backbone"])
    return *place, row["temperature"] or 0.0, row["seed"], row["depth"]


if __name__ == "__main__":
    main()
