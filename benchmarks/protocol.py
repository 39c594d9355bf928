"""The paper's protocol, and the rows that a run under it leaves. Source: Park et al. (2024), 4."""

from __future__ import annotations

from typing import Any

import provenance  # noqa: F401  (puts the repository on the path)

import fgnn_lite as fgnn

PROTOCOL = {"epochs": 1000, "patience": 100, "val_every": 2, "lr": 1e-3, "weight_decay": 5e-4}
SETTINGS = {**PROTOCOL, "hidden": 128, "temperature": 1.0}
DEPTHS = (1, 2, 3, 4)


def rows_of(
    learner: fgnn.Learner | fgnn.LinkLearner,
    history: fgnn.History,
    tests: list[float],
    vals: list[float],
    /,
    **fields: Any,
) -> list[dict[str, Any]]:
    """One row for each depth that a run gives: all of them where it is layer-wise, else one.

    Args:
        learner: trained.
        history: of that training.
        tests: scores on the test part with layers 1..l.
        vals: the same on the validation part.
        **fields: what else tells this run from others.
    """
    rows = []
    for number, (test, val) in enumerate(zip(tests, vals, strict=True), start=1):
        if not learner.layer_wise and number < len(tests):
            continue
        records = [r for r in history if r.layer is None or r.layer <= number]
        rows.append(
            {
                **fields,
                "backbone": learner.backbone,
                "depth": number if learner.layer_wise else learner.depth,
                "seed": learner.seed,
                "test": round(test, 4),
                "val": round(val, 4),
                "updates": len(records),
                "seconds": round(sum(r.seconds for r in records), 2),
            }
        )
    return rows
