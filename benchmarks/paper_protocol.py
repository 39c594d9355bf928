"""Test accuracy under the paper's protocol: all learners on cora-ml, depth 1 to 4, five splits.

    FGNN_LITE_DATA=... .venv/bin/python benchmarks/paper_protocol.py

Park et al. (2024), section 4: H = 128, Adam, lr 1e-3, weight decay 5e-4, at most 1000 epochs (per
layer for SF), validation every 2 epochs, patience 100, input rows that sum to 1, tau = 1. BP runs
a second time on equal terms: its input rows get length 1, which SF's first layer gives them too.
FF has theta = 2 and all C - 1 negatives, and prediction is given the training labels only.
"sf-one-way" is SF whose class nodes listen and are not heard (the paper's ties go both ways).

Finished runs are kept in results/paper-protocol.json; starting the script again does the rest.
One run of depth 4 gives all depths of a layer-wise learner, for its lower layers do not depend
on the upper ones.
"""

from __future__ import annotations

import argparse
import statistics

import torch
from protocol import DEPTHS, PROTOCOL, SETTINGS, rows_of
from provenance import RESULTS, load_rows, write

import fgnn_lite as fgnn

METHODS = {  # BP multiplies with sparse matrices here: the same function, sooner
    "sf": ("sf", {}),
    "sf-one-way": ("sf", {"virtual_edges": "to-virtual"}),
    "bp": ("bp", {"adjacency": "sparse"}),
    "bp-l2": ("bp", {"adjacency": "sparse", "features": "l2"}),
    "sf-top-to-loss": ("sf-top-to-loss", {}),
    "sf-top-to-input": ("sf-top-to-input", {}),
    "ff-la": ("ff-la", {}),
    "ff-vn": ("ff-vn", {}),
}
LAYER_WISE = ("sf", "sf-one-way", "ff-la", "ff-vn")
PAPER = {  # Table 3e: mean and standard deviation of the test accuracy in %, GCN
    "sf": [(87.75, 1.4), (87.95, 1.4), (88.15, 1.5), (88.48, 1.2)],
    "bp": [(31.72, 4.8), (86.84, 1.0), (88.65, 1.4), (86.61, 2.3)],
}


def train(method: str, depth: int, split: int, graph: str, backbone: str) -> list[dict]:
    """One run; rows for each depth that it gives."""
    data = fgnn.load_graph(graph, split=split)
    name, options = METHODS[method]
    learner = fgnn.make_learner(name, backbone=backbone, depth=depth, seed=split, **options)
    history = learner.fit(data, device="cpu", **PROTOCOL)
    tests, vals = learner.layer_scores(data, "test"), learner.layer_scores(data, "val")
    return rows_of(learner, history, tests, vals, graph=graph, method=method, split=split)


def main() -> None:
    """Run what is missing, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--graph", default="cora-ml")
    parser.add_argument("--backbone", default="gcn", choices=list(fgnn.BACKBONES))
    parser.add_argument("--methods", nargs="+", default=["sf", "bp", "bp-l2"], choices=METHODS)
    parser.add_argument("--depths", type=int, nargs="+", default=list(DEPTHS))
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    path = RESULTS / "paper-protocol.json"
    rows = load_rows(path)
    done = {(r["graph"], r["backbone"], r["method"], r["depth"], r["split"]) for r in rows}
    about = "Test accuracy (share of nodes) by method, depth and split; " + __doc__.splitlines()[0]

    for split in range(options.splits):
        for method in options.methods:
            depths = [max(DEPTHS)] if method in LAYER_WISE else options.depths
            for depth in depths:
                if (options.graph, options.backbone, method, depth, split) in done:
                    continue
                rows += train(method, depth, split, options.graph, options.backbone)
                write(path, about, SETTINGS, rows)
                print(rows[-1], flush=True)

    print(f"{'method':16}{'depth':>6}{'mean':>8}{'std':>7}{'paper':>8}{'std':>7}{'difference':>12}")
    for method in options.methods:
        for depth in options.depths:
            found = [
                100 * r["test"]
                for r in rows
                if (r["graph"], r["backbone"], r["method"], r["depth"])
                == (options.graph, options.backbone, method, depth)
            ]
            if not found:
                continue
            mean, std = statistics.mean(found), statistics.stdev(found) if len(found) > 1 else 0.0
            line = f"{method:16}{depth:6}{mean:8.2f}{std:7.2f}"
            if (options.graph, options.backbone) == ("cora-ml", "gcn") and method in PAPER:
                paper, spread = PAPER[method][depth - 1]
                line += f"{paper:8.2f}{spread:7.2f}{mean - paper:12.2f}"
            print(line)


if __name__ == "__main__":
    main()
