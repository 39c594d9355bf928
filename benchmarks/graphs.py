"""Whole graphs: the learners of graphs beside what counts nodes and trains no layer.

    .venv/bin/python benchmarks/graphs.py [--workers N]

Ten folds: one tests, the next one validates, eight train. Two layers of GCN, H = 32, Adam at 0.01
without weight decay, batches of 32 graphs, up to 150 epochs a layer or a net; validation keeps the
best epoch, and ends training after 20 validations, 40 epochs, without a gain. The temperature, 1,
0.1 or 0.02, is the one with the best mean validation on folds 0 to 2 with seed 0, chosen anew for
each method and set; all other runs take it. Three seeds of the weights on `motifs` and `mutag`,
one on the larger sets; `digits-grid` with batches of 128 and up to 40 epochs.

Rivals, every choice by validation: "graph-histogram" is scikit-learn's logistic regression on how
many nodes have each row of features (labels and degrees; ink and place), as shares; "graph-wl" is
its SVM on the Weisfeiler-Lehman kernel of 0 to 4 rounds; "graph-pooled" is logistic regression on
the mean over nodes of what a first layer of GCN multiplies with its weights, rows of length 1
propagated once. "majority" is the largest training class.

Results are in results/graphs.json; sets whose files are not there are left out, and named. A second
call does what is missing. About 25 minutes of one core.

Source of the kernel: Shervashidze et al., *Weisfeiler-Lehman graph kernels* (2011).
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from protocol import rows_of, run_missing, workers
from provenance import RESULTS, load_rows
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC
from torch_geometric.data import Data

import fgnn_lite as fgnn
from fgnn_lite.book import judge
from fgnn_lite.layers import BACKBONES, normalise

PATH = RESULTS / "graphs.json"
FIT = {"epochs": 150, "patience": 20, "val_every": 2, "lr": 0.01, "weight_decay": 0.0}
SETTINGS = {"hidden": 32, "depth": 2, "batch_size": 32, **FIT}
OF_SET = {"digits-grid": {"batch_size": 128, "epochs": 40}}
FOLDS = 10
SETS = ("mutag", "motifs", "digits-grid", "enzymes", "proteins")
SEEDS = {"motifs": 3, "mutag": 3}
LEARNERS: dict[str, tuple[str, dict[str, Any]]] = {
    "graph-bp": ("graph-bp", {}),
    "graph-local-heads": ("graph-local-heads", {}),
    "graph-sf": ("graph-sf", {}),
    "graph-sf-others": ("graph-sf", {"leave_one_out": True}),
    "graph-prototypes": ("graph-prototypes", {}),
    "graph-prototypes-others": ("graph-prototypes", {"leave_one_out": True}),
    "graph-ff": ("graph-ff", {}),
}
TEMPERATURES, CHOOSING = (1.0, 0.1, 0.02), 3
ROUNDS, INVERSE = 4, [10.0**k for k in range(-2, 5)]  # C of both rivals


class Job(NamedTuple):
    """One run; its fields are columns of its rows."""

    graph: str
    method: str
    depth: int | None
    fold: int
    temperature: float | None
    seed: int | None


def jobs_to_choose(graph: str) -> list[Job]:
    """All temperatures on a few folds."""
    return [
        Job(graph, method, SETTINGS["depth"], fold, tau, 0)
        for fold in range(CHOOSING)
        for method in LEARNERS
        for tau in TEMPERATURES
    ]


def train(job: Job) -> list[dict[str, Any]]:
    """One run: a row for each depth it gives."""
    parts = fgnn.load_graphs(job.graph, fold=job.fold)
    fields = {"graph": job.graph, "method": job.method, "fold": job.fold}
    if job.method in RIVALS:
        val, test = RIVALS[job.method](*parts)
        return [{**job._asdict(), "test": round(test, 4), "val": round(val, 4)}]
    learned, val, test = parts
    name, options = LEARNERS[job.method]
    settings = SETTINGS | OF_SET.get(job.graph, {})
    learner = fgnn.make_graph_learner(
        name,
        depth=settings["depth"],
        hidden=settings["hidden"],
        batch_size=settings["batch_size"],
        temperature=job.temperature,
        seed=job.seed,
        **options,
    )
    history = learner.fit(learned, val, device="cpu", **{key: settings[key] for key in FIT})
    return rows_of(learner, history, (test,), (val,), **fields, temperature=job.temperature)


def labels(graphs: list[Data]) -> np.ndarray:
    """The class of each graph [G]."""
    return np.array([int(each.y) for each in graphs])


def majority(train: list[Data], val: list[Data], test: list[Data]) -> tuple[float, float]:
    """The largest class of training, as validation and test accuracy."""
    most = np.bincount(labels(train)).argmax()
    return float((labels(val) == most).mean()), float((labels(test) == most).mean())


def colours(graphs: list[Data]) -> list[list[np.ndarray]]:
    """The Weisfeiler-Lehman colours of all nodes, for each graph and round 0..R; [N] each.

    A node's first colour is its row of features, the next one its own and those around it.
    """
    names: dict[Any, int] = {}

    def number(name: Any) -> int:
        return names.setdefault(name, len(names))

    found = []
    for each in graphs:
        around: list[list[int]] = [[] for _ in range(each.num_nodes)]
        for source, target in each.edge_index.t().tolist():
            around[target].append(source)
        rounds = [[number(row.tobytes()) for row in each.x.numpy()]]
        for k in range(ROUNDS):
            last = rounds[-1]
            rounds.append(
                [
                    number((k, own, *sorted(last[j] for j in near)))
                    for own, near in zip(last, around, strict=True)
                ]
            )
        found.append([np.array(each) for each in rounds])
    return found


def counted(each: list[np.ndarray], known: dict[int, int]) -> np.ndarray:
    """For each graph the number of nodes of every known colour [G, colours]."""
    counts = np.zeros((len(each), len(known)), dtype=np.float32)
    for row, nodes in zip(counts, each, strict=True):
        for colour, many in Counter(nodes.tolist()).items():
            if colour in known:
                row[known[colour]] = many
    return counts


def tables(parts: tuple[list[Data], ...]) -> list[list[np.ndarray]]:
    """For each round what `counted` gives for training, validation and test; training's colours."""
    found = colours([each for part in parts for each in part])
    cuts = np.cumsum([0, *map(len, parts)])
    each_round = []
    for k in range(ROUNDS + 1):
        column = [rounds[k] for rounds in found]
        seen = np.unique(np.concatenate(column[: cuts[1]]))
        known = {int(colour): place for place, colour in enumerate(seen)}
        each_round.append([counted(column[a:b], known) for a, b in pairwise(cuts)])
    return each_round


def better(
    best: tuple[float, float], model: Any, parts: tuple[list[Data], ...], held: tuple[Any, Any]
) -> tuple[float, float]:
    """The best scores so far or, if its validation is better, this model's on what was held out."""
    val, test = (
        float(model.score(x, labels(part))) for x, part in zip(held, parts[1:], strict=True)
    )
    return (val, test) if val > best[0] else best


def regression(parts: tuple[list[Data], ...], rows: list[np.ndarray]) -> tuple[float, float]:
    """Logistic regression on a row for each graph of training, validation and test."""
    learned, val, test = rows
    best = (-1.0, 0.0)
    for inverse in INVERSE:
        model = LogisticRegression(C=inverse, max_iter=5000).fit(learned, labels(parts[0]))
        best = better(best, model, parts, (val, test))
    return best


def histogram(*parts: list[Data]) -> tuple[float, float]:
    """From the share of nodes with each row of features."""
    return regression(
        parts, [each / each.sum(1, keepdims=True).clip(1) for each in tables(parts)[0]]
    )


def pooled(*parts: list[Data]) -> tuple[float, float]:
    """From the mean over nodes of M norm(X), as deviations from the mean of training."""

    def row(each: Data) -> np.ndarray:
        edges = BACKBONES["gcn"].edges(each.edge_index, each.num_nodes, each.x.dtype).sparse()
        return (edges @ normalise(each.x)).mean(dim=0).numpy()

    rows = [np.stack([row(each) for each in part]) for part in parts]
    middle, spread = rows[0].mean(0), rows[0].std(0).clip(1e-6)
    return regression(parts, [(each - middle) / spread for each in rows])


def kernel(*parts: list[Data]) -> tuple[float, float]:
    """An SVM on the inner products of colour counts, all rounds up to some, normalised."""
    y, best = labels(parts[0]), (-1.0, 0.0)
    products = [np.zeros((len(part), len(parts[0]))) for part in parts]
    squares = [np.zeros(len(part)) for part in parts]
    for each in tables(parts):
        for product, square, x in zip(products, squares, each, strict=True):
            product += x @ each[0].T
            square += (x**2).sum(1)
        learned, val, test = (
            product / np.sqrt(np.outer(square.clip(1), squares[0]))
            for product, square in zip(products, squares, strict=True)
        )
        for inverse in INVERSE:
            model = SVC(C=inverse, kernel="precomputed").fit(learned, y)
            best = better(best, model, parts, (val, test))
    return best


RIVALS = {
    "majority": majority,
    "graph-pooled": pooled,
    "graph-histogram": histogram,
    "graph-wl": kernel,
}
METHODS = (*RIVALS, *LEARNERS)


def order(row: dict[str, Any]) -> Any:
    """A row's place in the file."""
    place = (SETS.index(row["graph"]), METHODS.index(row["method"]))
    return (*place, row["depth"] or 0, row["temperature"] or 0, row["seed"] or 0, row["fold"])


def main() -> None:
    """Do what is missing, set by set."""
    many = workers(__doc__)
    about = "Test and validation accuracy (share of graphs). " + __doc__.splitlines()[0]
    settings = SETTINGS | {"of_set": OF_SET, "temperatures": TEMPERATURES, "C": INVERSE}

    def run(jobs: list[Job]) -> None:
        run_missing(jobs, train, PATH, about, settings, order, many)

    for graph in SETS:
        try:
            fgnn.load_graphs(graph)
        except FileNotFoundError as error:
            print(f"{graph} is left out: {error}")
            continue
        run([Job(graph, name, None, fold, None, None) for fold in range(FOLDS) for name in RIVALS])
        run(jobs_to_choose(graph))
        best = judge.temperatures(load_rows(PATH), CHOOSING)
        run(
            [
                Job(graph, name, SETTINGS["depth"], fold, best[graph, name], seed)
                for seed in range(SEEDS.get(graph, 1))
                for fold in range(FOLDS)
                for name in LEARNERS
            ]
        )


if __name__ == "__main__":
    main()
