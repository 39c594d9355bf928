"""Why forward-forward falls behind on a graph, and what mends it: one change at a time, on cora-ml.

    FGNN_LITE_DATA=... .venv/bin/python benchmarks/ff_repair.py

FF-LA and FF-VN with GCN, depth 1 and 2, three splits, the paper's budget (Park et al., 2024,
section 4: H = 128, at most 1000 epochs a layer, validation every 2 epochs, patience 100). "paper"
is the paper's method; every other line says what is changed. "l2" gives input rows the length that
a label has, "single" predicts one node at a time, "symba" compares goodness with that of the
negatives instead of with a threshold, "labels" puts the label beside every layer's input. Finished
runs are kept in results/ff-repair.json; starting the script again does the rest.
"""

from __future__ import annotations

import argparse
import statistics
from typing import Any

import torch
from protocol import PROTOCOL, SETTINGS, rows_of
from provenance import RESULTS, load_rows, write

import fgnn_lite as fgnn

L2, SINGLE, SYMBA = {"features": "l2"}, {"hypotheses": "single"}, {"loss": "symba"}
FAST, PURE = {"lr": 1e-2}, {"weight_decay": 0.0}
CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "paper": ({}, {}),
    "l2": (L2, {}),
    "no weight decay": ({}, PURE),
    "l2, no weight decay": (L2, PURE),
    "theta 0.5": ({"theta": 0.5}, {}),
    "theta 0.5, lr 0.01": ({"theta": 0.5}, FAST),
    "theta 0.5, lr 0.01, no weight decay": ({"theta": 0.5}, FAST | PURE),
    "mean goodness, theta 0.02, lr 0.01": ({"goodness": "mean-squares", "theta": 0.02}, FAST),
    "symba": (SYMBA, {}),
    "single": (SINGLE, {}),
    "l2, single": (L2 | SINGLE, {}),
    "l2, single, theta 0.5, lr 0.01": (L2 | SINGLE | {"theta": 0.5}, FAST),
    "l2, symba": (L2 | SYMBA, {}),
    "l2, single, symba": (L2 | SINGLE | SYMBA, {}),
    "l2, single, symba, lr 0.01": (L2 | SINGLE | SYMBA, FAST),
}
OF_LABELS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "labels": ({"label_layers": "all"}, {}),
    "l2, single, symba, labels, lr 0.01": (L2 | SINGLE | SYMBA | {"label_layers": "all"}, FAST),
}


def main() -> None:
    """Run what is missing, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--splits", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    path = RESULTS / "ff-repair.json"
    rows = load_rows(path)
    done = {(r["method"], r["change"], r["split"]) for r in rows}
    about = "Test accuracy (share of nodes); " + __doc__.splitlines()[0]
    plan = [("ff-la", name) for name in (*CHANGES, *OF_LABELS)] + [("ff-vn", n) for n in CHANGES]
    for split in range(options.splits):
        data = fgnn.load_graph("cora-ml", split=split)
        for method, change in plan:
            if (method, change, split) in done:
                continue
            made, fitted = (CHANGES | OF_LABELS)[change]
            learner = fgnn.make_learner(method, depth=2, seed=split, **made)
            history = learner.fit(data, device="cpu", **(PROTOCOL | fitted))
            fields = {"graph": "cora-ml", "method": method, "change": change, "split": split}
            rows += rows_of(learner, history, (data, "test"), (data, "val"), **fields)
            write(path, about, SETTINGS, rows)
            print(rows[-1], flush=True)
    for method, change in plan:
        words = f"{method:6} {change:36}"
        for depth in (1, 2):
            key = (method, change, depth)
            found = [100 * r["test"] for r in rows if (r["method"], r["change"], r["depth"]) == key]
            spread = statistics.stdev(found) if len(found) > 1 else 0.0
            words += f"{statistics.mean(found):8.2f} +- {spread:.2f}"
        print(words)


if __name__ == "__main__":
    main()
