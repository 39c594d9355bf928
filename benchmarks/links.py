"""ROC-AUC of link prediction under the paper's protocol, depth 1 to 4, five splits.

    FGNN_LITE_DATA=... .venv/bin/python benchmarks/links.py

Park et al. (2024), section 4: H = 128, Adam, lr 1e-3, weight decay 5e-4, at most 1000 epochs (per
layer for the layer-wise learners), validation every 2 epochs, patience 100, input rows that sum to
1. "link-bp-l2" gives backprop input rows of length 1, which the others' first layer makes anyway.
Finished runs are kept in results/links.json; starting the script again does the rest.
"""

from __future__ import annotations

import argparse
import statistics

import torch
from protocol import DEPTHS, PROTOCOL, SETTINGS, rows_of
from provenance import RESULTS, load_rows, write

import fgnn_lite as fgnn

METHODS = {
    "link-ce": ("link-ce", {}),
    "link-ff": ("link-ff", {}),
    "link-bp": ("link-bp", {}),
    "link-bp-l2": ("link-bp", {"features": "l2"}),
}
LAYER_WISE = ("link-ce", "link-ff")


def train(graph: str, method: str, depth: int, split: int) -> list[dict]:
    """One run; rows for each depth that it gives."""
    train, val, test = fgnn.load_links(graph, split=split)
    name, options = METHODS[method]
    learner = fgnn.make_link_learner(name, depth=depth, seed=split, **options)
    history = learner.fit(train, val, device="cpu", **PROTOCOL)
    tests, vals = learner.layer_scores(test), learner.layer_scores(val)
    return rows_of(learner, history, tests, vals, graph=graph, method=method, split=split)


def main() -> None:
    """Run what is missing, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--graph", default="cora-ml")
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=METHODS)
    parser.add_argument("--splits", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    path = RESULTS / "links.json"
    rows = load_rows(path)
    done = {(r["graph"], r["method"], r["depth"], r["split"]) for r in rows}
    about = "ROC-AUC by method, depth and split; " + __doc__.splitlines()[0]
    for split in range(options.splits):
        for method in options.methods:
            for depth in [max(DEPTHS)] if method in LAYER_WISE else DEPTHS:
                if (options.graph, method, depth, split) in done:
                    continue
                rows += train(options.graph, method, depth, split)
                write(path, about, SETTINGS, rows)
                print(rows[-1], flush=True)
    for method in options.methods:
        for depth in DEPTHS:
            key = (options.graph, method, depth)
            found = [100 * r["test"] for r in rows if (r["graph"], r["method"], r["depth"]) == key]
            spread = statistics.stdev(found) if len(found) > 1 else 0.0
            print(f"{method:12}{depth:4}{statistics.mean(found):8.2f}{spread:7.2f}")


if __name__ == "__main__":
    main()
