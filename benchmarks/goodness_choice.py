"""Which goodness should a layer have? Forward-forward with each of them, thresholds tried.

    .venv/bin/python benchmarks/goodness_choice.py

Label appending (Park et al., 2024, section 3.1), two layers, H = 64, 100 updates each at a step of
0.01, three seeds. Every goodness needs a threshold of its own size: those of `THETAS` are tried,
and `chosen` marks the one with the best validation accuracy, a mean over the seeds. SymBa has none.
Takes a few minutes; results are in results/goodness-choice.json.
"""

from __future__ import annotations

import statistics
from typing import Any

import torch
from provenance import RESULTS, write

import fgnn_lite as fgnn

THETAS: dict[str, tuple[float | None, ...]] = {
    "sum-squares": (0.125, 0.25, 0.5, 1.0, 2.0),
    "mean-squares": (0.002, 0.005, 0.01, 0.03, 0.1),
    "sum-abs": (0.25, 0.5, 1.0, 2.0, 4.0),
    "negative-entropy": (-4.0, -3.0, -2.0, -1.0, -0.5),
    "symba": (None,),
}
NET = {"depth": 2, "hidden": 64}
BUDGET = {"epochs": 100, "lr": 0.01}
SEEDS = (0, 1, 2)


def measure(graph: str, backbone: str, goodness: str) -> list[dict[str, Any]]:
    """All thresholds and seeds of one goodness on one graph."""
    data, rows = fgnn.load_graph(graph), []
    for theta in THETAS[goodness]:
        settings: dict[str, Any] = {"loss": "symba"}
        if theta is not None:
            settings = {"goodness": goodness, "theta": theta}
        for seed in SEEDS:
            learner = fgnn.make_learner("ff-la", backbone, **NET, seed=seed, **settings)
            learner.fit(data, **BUDGET, device="cpu")
            row = {"graph": graph, "backbone": backbone, "goodness": goodness, "theta": theta}
            row |= {"seed": seed, "val": round(learner.score(data, "val"), 4)}
            rows.append(row | {"test": round(learner.score(data), 4)})
    mean = {
        theta: statistics.fmean(row["val"] for row in rows if row["theta"] == theta)
        for theta in THETAS[goodness]
    }
    best = max(mean, key=lambda theta: mean[theta])
    return [row | {"chosen": row["theta"] == best} for row in rows]


def main() -> None:
    """Measure and write."""
    torch.set_num_threads(1)
    rows: list[dict[str, Any]] = []
    for graph in ("sbm", "digits"):
        for backbone in ("gcn", "sage"):
            for goodness in THETAS:
                rows += measure(graph, backbone, goodness)
                chosen = [row for row in rows[-15:] if row["chosen"]][-3:]
                print(graph, backbone, goodness, chosen[0]["theta"], [r["test"] for r in chosen])
    settings = {**NET, **BUDGET, "seeds": len(SEEDS)}
    write(RESULTS / "goodness-choice.json", __doc__.splitlines()[0], settings, rows)


if __name__ == "__main__":
    main()
