"""Clusters without labels: two learners, layers as they were drawn, and k-means on two hops.

    FGNN_LITE_DATA=... .venv/bin/python benchmarks/clusters.py --workers 1

Digits, a block model, Cora (Planetoid), CoraML and CiteSeer (full). GCN, H = 128, depth 1 to 3;
each layer makes 200 updates with a step of 0.01, all else as `fit` has it. No setting and no epoch
was searched for. Each method gives rows of length 1, which k-means cuts into as many clusters as
there are classes; "kmeans" has the features, "kmeans-2" S^2 X, and "kmeans-5" S^5 X, as many hops
as the pseudo-classes of "cluster-sf" and its three layers together. Five seeds, of the weights, of
k-means and, where a graph has five splits, of the split that the probe learns from.

`nmi` and `matched` (accuracy after the best one-to-one matching) are measured on all nodes. `test`
is the test accuracy of a linear probe on the same rows: logistic regression on the training nodes,
its penalty chosen by the validation nodes. The learners see no label. Finished runs are kept in
results/clusters.json; graphs whose files are not there are left out, and named. About ten minutes
of one core.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import Any, NamedTuple

from protocol import run_missing, there, workers
from provenance import RESULTS
from sklearn.linear_model import LogisticRegression
from torch import Tensor
from torch_geometric.data import Data

import fgnn_lite as fgnn
from fgnn_lite.clusters import k_means, matched_accuracy, nmi, propagated

PATH = RESULTS / "clusters.json"
GRAPHS = ("digits", "sbm", "cora", "cora-ml", "citeseer-full")
FIT = {"epochs": 200, "lr": 0.01, "weight_decay": 5e-4}
UNTRAINED = {"epochs": 1, "lr": 1e-12, "weight_decay": 0.0}  # moves no weight that float32 sees
HOPS = {"kmeans": 0, "kmeans-2": 2, "kmeans-5": 5}
LEARNERS = {
    "cluster-random": ("cluster-dgi", UNTRAINED),
    "cluster-sf": ("cluster-sf", FIT),
    "cluster-dgi": ("cluster-dgi", FIT),
}
METHODS = (*HOPS, *LEARNERS)
SEEDS, DEPTH, HIDDEN = range(5), 3, 128
INVERSE = [10.0**k for k in range(4)]  # C of the probe


class Job(NamedTuple):
    """One run; the depth of what has no layers is its number of propagations."""

    graph: str
    method: str
    depth: int
    seed: int


def jobs() -> list[Job]:
    """All runs; one of a learner gives all depths at once."""
    return [
        Job(graph, method, HOPS.get(method, DEPTH), seed)
        for graph, seed, method in product(GRAPHS, SEEDS, METHODS)
        if there(graph)
    ]


def split_of(graph: str, seed: int) -> int:
    """Cora has one split, the public one."""
    return 0 if graph == "cora" else seed


def train(job: Job) -> list[dict[str, Any]]:
    """One run; a row for each depth that it gives."""
    split = split_of(job.graph, job.seed)
    data = fgnn.load_graph(job.graph, split=split)
    if job.method in HOPS:
        scores = probe_of_features(job.graph, job.depth, split)
        found = [(job.depth, propagated(data, job.depth), scores, 0.0)]
    else:
        name, budget = LEARNERS[job.method]
        learner = fgnn.make_cluster_learner(
            name, data.num_classes, depth=job.depth, hidden=HIDDEN, seed=job.seed
        )
        history = learner.fit(data, device="cpu", **budget)
        found = []
        for number, z in enumerate(learner.embed_layers(data), start=1):
            spent = sum(r.seconds for r in history if (r.layer or 0) <= number)
            found.append((number, z, probe(z, data), spent))
    rows = []
    for depth, z, (val, test), seconds in found:
        clusters = k_means(z, data.num_classes, job.seed)
        scores = {"nmi": nmi(clusters, data.y), "matched": matched_accuracy(clusters, data.y)}
        scores |= {"test": test, "val": val}
        place = job._asdict() | {"depth": depth, "split": split}
        rounded = {key: round(value, 4) for key, value in scores.items()}
        rows.append(place | rounded | {"seconds": round(seconds, 2)})
    return rows


def probe(z: Tensor, data: Data) -> tuple[float, float]:
    """Validation and test accuracy of logistic regression on rows, its penalty by validation."""
    parts = [data[f"{name}_mask"] for name in ("train", "val", "test")]
    learned, val, test = ((z[part].numpy(), data.y[part].numpy()) for part in parts)
    best = (-1.0, 0.0)
    for inverse in INVERSE:
        model = LogisticRegression(C=inverse, max_iter=500, tol=1e-3).fit(*learned)
        right = float(model.score(*val))
        if right > best[0]:
            best = (right, float(model.score(*test)))
    return best


@cache
def probe_of_features(graph: str, hops: int, split: int) -> tuple[float, float]:
    """The probe on propagated features, which no seed changes."""
    data = fgnn.load_graph(graph, split=split)
    return probe(propagated(data, hops), data)


def order(row: dict[str, Any]) -> Any:
    """A row's place in the file."""
    place = GRAPHS.index(row["graph"]), METHODS.index(row["method"])
    return *place, row["depth"], row["seed"]


def main() -> None:
    """Run what is missing, with a progress bar."""
    about = "Clusters and labels (NMI, share of nodes). " + __doc__.splitlines()[0]
    settings = FIT | {"hidden": HIDDEN, "backbone": "gcn", "C": INVERSE}
    run_missing(jobs(), train, PATH, about, settings, order, workers(__doc__))


if __name__ == "__main__":
    main()
