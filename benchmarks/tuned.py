"""Equal terms: every learner and its cheap rivals, twelve tries each, then five splits.

    FGNN_LITE_DATA=... .venv/bin/python benchmarks/tuned.py                  # all of it: hours
    .venv/bin/python benchmarks/tuned.py --graphs sbm --methods sgc sf       # a part of it
    .venv/bin/python benchmarks/tuned.py --device cuda --workers 1           # on a GPU: never tried

Twelve settings (step size, weight decay, temperature, threshold, alpha) were drawn once, number 0
being the paper's protocol. Every method tries all twelve and takes of each what it has: the
threshold is forward-forward's, alpha that of label propagation, the temperature everybody else's. A
try trains on a split of its own, number 5, on which nothing is reported; the one with the best
validation accuracy with two layers (of SGC and SIGN: two hops) is chosen. Then five splits are
trained with the chosen setting, and with number 0, the untuned default.

Splits 0 to 4 are the paper's 64/16/20 %; of `cora` (public split, 20 labels a class) there is
one, and 0 to 4 are seeds. In split 5 the nodes of each class change places with each other, so that
every mask keeps its size, class by class. Every learner's input rows have length 1 where they are
bags of words. All else is the paper's protocol: H = 128, Adam, at most 1000 epochs (per layer for
the layer-wise learners), validation every 2 epochs, patience 100.

`bp-head` is backpropagation with L convolutions of 128 ReLU units, as single-forward has them, and
a linear layer on top; `random` the same with convolutions that stay as they were drawn. SGC is
solved by L-BFGS. Label propagation and correct-and-smooth are PyG's, with 50 steps; the latter is
given the MLP's answers. A block model of low homophily stands for neighbours that disagree.

Finished runs are kept in results/tuned.json; starting the script again does the rest. Seconds are
of machines with other work, two of them: a part of the runs on CoraML and CiteSeer was done on 16
cores with PyTorch 2.11, one thread a run.
"""

from __future__ import annotations

import argparse
import math
import os
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import torch
from protocol import DEPTHS, PROTOCOL, SETTINGS, rows_of, run_missing
from provenance import RESULTS
from scipy.stats import qmc
from torch import Tensor
from torch_geometric.data import Data
from torch_geometric.nn import CorrectAndSmooth, LabelPropagation

import fgnn_lite as fgnn
from fgnn_lite.book import judge
from fgnn_lite.objectives import accuracy

PATH = RESULTS / "tuned.json"
SBM = {"nodes": 2000, "edges": 20_000, "classes": 4, "features": 64, "homophily": 0.1}
GRAPHS = ("cora-ml", "citeseer-full", "cora", "sbm", "photo", "github")
BAGS_OF_WORDS = ("cora-ml", "citeseer-full", "cora", "photo")
SPLITS = range(5)
TUNING = 5  # the split of the tries
JUDGED = 2  # layers, or hops, with which a try is judged
STEPS = 50  # of label propagation
MENDED = {"hypotheses": "single", "loss": "symba"}
METHODS: dict[str, tuple[str, dict[str, Any]]] = {  # those that take least time first
    "label-propagation": ("", {}),
    "sgc": ("sgc", {}),
    "mlp": ("mlp", {}),
    "correct-and-smooth": ("mlp", {}),
    "sign": ("sign", {}),
    "sf": ("sf", {}),
    "sf-one-way": ("sf", {"virtual_edges": "to-virtual"}),
    "local-heads": ("local-heads", {}),
    "class-groups": ("class-groups", {}),
    "bp": ("bp", {"adjacency": "sparse"}),
    "bp-head": ("bp", {"adjacency": "sparse", "head": "linear"}),
    "random": ("bp", {"adjacency": "sparse", "head": "only"}),
    "sf-top-to-input": ("sf-top-to-input", {}),
    "sf-top-to-loss": ("sf-top-to-loss", {}),
    "ff-la-mended": ("ff-la", MENDED),
    "ff-vn-mended": ("ff-vn", MENDED),
    "ff-la": ("ff-la", {}),
    "ff-vn": ("ff-vn", {}),
}
PROPAGATES = ("label-propagation", "correct-and-smooth")  # once: no depth
RANGES = {  # from, to: drawn evenly in the logarithm
    "lr": (1e-3, 3e-2),
    "weight_decay": (1e-5, 1e-2),
    "temperature": (1 / 32, 1.0),
    "theta": (0.5, 8.0),
    "alpha": (0.3, 0.99),
}
PAPERS = {"lr": 1e-3, "weight_decay": 5e-4, "temperature": 1.0, "theta": 2.0, "alpha": 0.9}


def drawn(count: int = 11) -> list[dict[str, float]]:
    """The settings: the paper's, and `count` more from a Latin hypercube."""
    cube = qmc.LatinHypercube(len(RANGES), rng=0).random(count)
    spans = [(math.log(low), math.log(high)) for low, high in RANGES.values()]
    return [PAPERS] + [
        {
            name: float(f"{math.exp(low + (high - low) * place):.3g}")
            for name, (low, high), place in zip(RANGES, spans, row, strict=True)
        }
        for row in cube
    ]


TRIES = drawn()


class Job(NamedTuple):
    """One training run."""

    graph: str
    backbone: str
    method: str
    setting: int
    split: int
    depth: int


def graph_of(name: str, split: int) -> Data:
    """The graph with the masks of a split; split `TUNING` is nobody else's."""
    options = SBM if name == "sbm" else {}
    public = name == "cora" or split == TUNING
    data = fgnn.load_graph(name, split=0 if public else split, **options)
    return exchanged(data) if split == TUNING else data


def exchanged(data: Data) -> Data:
    """The same graph, its masks dealt out anew among the nodes of each class."""
    random = torch.Generator().manual_seed(TUNING)
    place = torch.arange(data.num_nodes)
    for label in data.y.unique():
        nodes = (data.y == label).nonzero().squeeze(-1)
        place[nodes] = nodes[torch.randperm(len(nodes), generator=random)]
    out = data.clone()
    for mask in ("train_mask", "val_mask", "test_mask"):
        out[mask] = data[mask][place]
    return out


def train(job: Job, device: str) -> list[dict[str, Any]]:
    """One run; rows for each depth that it gives. Label propagation stays on the CPU."""
    data, setting = graph_of(job.graph, job.split), TRIES[job.setting]
    place = job._asdict()
    if job.method == "label-propagation":
        propagate = LabelPropagation(STEPS, setting["alpha"])
        scores = propagate(data.y, data.edge_index, mask=data.train_mask)
        return [place | judged(scores, data)]
    name, options = METHODS[job.method]
    made = {**options, "backbone": job.backbone, "depth": job.depth, "seed": job.split}
    if job.method in PROPAGATES:
        made["depth"] = JUDGED  # of the MLP
    if job.graph in BAGS_OF_WORDS:
        made["features"] = "l2"
    if job.backbone == "gat":
        made.pop("adjacency", None)
    own = "theta" if name.startswith("ff") else "temperature"
    made[own] = setting[own]
    learner = fgnn.make_learner(name, **made)
    budget = PROTOCOL | {"lr": setting["lr"], "weight_decay": setting["weight_decay"]}
    history = learner.fit(data, device=device, **budget)
    if job.method in PROPAGATES:
        soft = (learner.class_scores(data)[-1].cpu() / setting["temperature"]).softmax(-1)
        smooth = CorrectAndSmooth(STEPS, setting["alpha"], STEPS, 0.8)
        known = data.y[data.train_mask]
        scores = smooth.correct(soft, known, data.train_mask, data.edge_index)
        scores = smooth.smooth(scores, known, data.train_mask, data.edge_index)
        return [place | judged(scores, data)]
    fields = {k: place[k] for k in ("graph", "method", "setting", "split")}
    return rows_of(learner, history, (data, "test"), (data, "val"), **fields)


def judged(scores: Tensor, data: Data) -> dict[str, float]:
    """The accuracies of scores [N, C] on the test and on the validation nodes."""
    masks = {"test": data.test_mask, "val": data.val_mask}
    return {name: round(accuracy(scores[m], data.y[m]), 4) for name, m in masks.items()}


def depths(method: str) -> tuple[int, ...]:
    """The depths that have to be trained."""
    if method in PROPAGATES:
        return (0,)
    name, options = METHODS[method]
    if fgnn.make_learner(name, **options).layer_wise:
        return DEPTHS[-1:]
    return DEPTHS[1:] if "top-to" in method else DEPTHS


def tries(graph: str, backbone: str, methods: list[str]) -> list[Job]:
    """The runs that choose."""
    return [
        Job(graph, backbone_of(method, backbone), method, setting, TUNING, depth)
        for method in methods
        for depth in (depths(method) if len(depths(method)) == 1 else (JUDGED,))
        for setting in range(len(TRIES))
    ]


def finals(graph: str, backbone: str, methods: list[str], rows: list[dict[str, Any]]) -> list[Job]:
    """The runs that are reported: the default, and the setting that was chosen."""
    out, best = [], judge.settings(rows)
    for method in methods:
        own = backbone_of(method, backbone)
        for setting in sorted({0, best[graph, own, method]}):
            out += [
                Job(graph, own, method, setting, split, depth)
                for split in SPLITS
                for depth in depths(method)
            ]
    return out


def backbone_of(method: str, backbone: str) -> str:
    """The backbone of a method that knows one only; else the given one."""
    if method in PROPAGATES:
        return "mlp" if method == "correct-and-smooth" else "none"
    return {"mlp": "mlp", "sgc": "gcn", "sign": "gcn"}.get(method, backbone)


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    kinds = (*fgnn.BACKBONES, "mlp", "none")
    kind = kinds.index(row["backbone"]), list(METHODS).index(row["method"])
    run = row["split"] == TUNING, row["setting"], row["split"], row["depth"]
    return GRAPHS.index(row["graph"]), *kind, *run


def main() -> None:
    """Run what is missing, with a progress bar."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--graphs", nargs="+", default=list(GRAPHS), choices=GRAPHS)
    parser.add_argument(
        "--backbones", nargs="+", default=list(fgnn.BACKBONES), choices=fgnn.BACKBONES
    )
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=METHODS)
    parser.add_argument("--workers", type=int, default=min(os.cpu_count() or 1, 8))
    parser.add_argument("--device", default="cpu", help='"cuda" where there is a GPU')
    options = parser.parse_args()
    about = "Test accuracy (share of nodes). " + __doc__.splitlines()[0]
    settings = SETTINGS | {"tries": TRIES, "sbm": SBM}
    stages = list(product(options.backbones, options.graphs))
    for number, (backbone, graph) in enumerate(stages, start=1):
        print(f"{number} of {len(stages)}: {graph}, {backbone}: tries, then splits", flush=True)
        place = graph, backbone, options.methods
        rest = partial(train, device=options.device), PATH, about, settings, _order, options.workers
        rows = run_missing(tries(*place), *rest)
        run_missing(finals(*place, rows), *rest)


if __name__ == "__main__":
    main()
