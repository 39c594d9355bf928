"""Hinton's open questions, tried: on images, and on a graph; then fast weights on three graphs.

    FGNN_LITE_DATA=... .venv/bin/python benchmarks/questions.py --workers 1

*Images*: scikit-learn's digits with a label in the first pixels, three layers of 128 units, one
wrong label an image, 200 updates a layer. *Graph*: a block model (`load_graph("sbm")`), label
appending, two GCN layers of 64 units, 100 updates each. A step of 0.01, five seeds, which also deal
out the masks, and draw the block model. The thresholds of `THETAS` are tried; `chosen` marks the
one with the best validation accuracy, a mean over the seeds.

*Fast weights*: rows of features are propagated K times, by GCN's matrix S ("s") or by the fast
weights of `hinton.fast_weights` ("fast-weights", rows of length 1 before and after), and logistic
regression reads them, its penalty chosen by the validation nodes. Splits 0 to 2, or seeds; theta is
empty. Logistic regression on the images' pixels is the row with no hop. About twenty minutes of one
core; finished runs are kept in results/questions.json.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable
from itertools import product
from typing import Any, NamedTuple

from protocol import run_missing, workers
from provenance import RESULTS, write
from sklearn.linear_model import LogisticRegression
from torch import Tensor
from torch_geometric.data import Data

import fgnn_lite as fgnn
from fgnn_lite import hinton
from fgnn_lite.clusters import propagated
from fgnn_lite.layers import normalise

PATH = RESULTS / "questions.json"
ABOUT = "Accuracy (share). " + __doc__.splitlines()[0]
SEEDS, SPLITS, HOPS = range(5), range(3), (0, 1, 2)
INVERSE = [10.0**k for k in range(4)]  # C of logistic regression
SQUARES = tuple(2.0**k for k in range(-3, 5))
SUMS = tuple(2.0**k for k in range(-2, 6))
THETAS: dict[str, tuple[float, ...]] = {
    "squares": SQUARES,
    "squares, minimised": tuple(-theta for theta in SQUARES),
    "detectors and violators": (-1.0, -0.25, 0.0, 0.25, 1.0),
    "sum": SUMS,
    "sum, minimised": tuple(-theta for theta in SUMS),
    "sum, layer norm": SUMS,
    "t": SUMS,
    "t, layer norm": SUMS,
}
GRAPHS = ("sbm", "cora-ml", "citeseer-full")


def log_squares(h: Tensor) -> Tensor:
    """The sum of a t-distribution's activations, of units that are ReLUs already [N]."""
    return hinton.t_activation(h).sum(dim=-1)


def minus_sum(h: Tensor) -> Tensor:
    """Minus the unsquared sum [N]."""
    return -h.abs().sum(dim=-1)


GOODNESS: dict[str, str | Callable[[Tensor], Tensor]] = {
    "squares": "sum-squares",
    "squares, minimised": hinton.minus_squares,
    "detectors and violators": hinton.detectors_violators,
    "sum": "sum-abs",
    "sum, minimised": minus_sum,
    "t": "sum-abs",
}


class Job(NamedTuple):
    """One run; `seed` is a split where a graph has several."""

    data: str
    question: str
    theta: float | None
    hops: int | None
    seed: int


def jobs() -> list[Job]:
    """All runs. On the graph there is no layer norm."""
    found = [
        Job(data, question, theta, None, seed)
        for data, question in product(("images", "graph"), THETAS)
        if data == "images" or "norm" not in question
        for theta, seed in product(THETAS[question], SEEDS)
    ]
    kinds = ("s", "fast-weights")
    found += [Job("images", "s", None, 0, seed) for seed in SEEDS]
    return found + [
        Job(graph, kind, None, hops, split)
        for graph, kind, hops, split in product(GRAPHS, kinds, HOPS, SPLITS)
        if hops or kind == "s"
    ]


def train(job: Job) -> list[dict[str, Any]]:
    """One run, a row."""
    if job.theta is None:
        return [job._asdict() | read(job)]
    base, _, norm = job.question.partition(", layer ")
    goodness = GOODNESS[base]
    if job.data == "images":
        data = hinton.load_images(seed=job.seed)
        learner: fgnn.Learner = hinton.VariedFF(
            depth=3,
            negatives=1,
            seed=job.seed,
            goodness=goodness,
            theta=job.theta,
            activation="t" if base == "t" else "relu",
            between="layer" if norm else "length",
        )
        learner.fit(data, epochs=200, lr=0.01, device="cpu")
    else:
        data = fgnn.load_graph("sbm", seed=job.seed)
        own = log_squares if base == "t" else goodness
        learner = fgnn.make_learner(
            "ff-la", depth=2, hidden=64, seed=job.seed, goodness=own, theta=job.theta
        )
        learner.fit(data, epochs=100, lr=0.01, device="cpu")
    scores = {part: round(learner.score(data, part), 4) for part in ("val", "test")}
    return [job._asdict() | scores]


def read(job: Job) -> dict[str, float]:
    """Logistic regression on propagated rows: of four penalties the best on validation nodes."""
    if job.data == "images":
        data = hinton.load_images(seed=job.seed)
    else:
        given = {"seed": job.seed} if job.data == "sbm" else {"split": job.seed}
        data = fgnn.load_graph(job.data, **given)
    x = normalise(data.x)
    if job.question == "s":
        x = propagated(data, job.hops)
    else:
        for _ in range(job.hops or 0):
            x = normalise(hinton.fast_weights(Data(x=x, edge_index=data.edge_index)))
    rows, y = normalise(x).numpy(), data.y.numpy()
    train, val, test = (data[f"{part}_mask"].numpy() for part in ("train", "val", "test"))
    fits = [LogisticRegression(C=c, max_iter=2000).fit(rows[train], y[train]) for c in INVERSE]
    best = max(fits, key=lambda fit: fit.score(rows[val], y[val]))
    return {
        "val": round(best.score(rows[val], y[val]), 4),
        "test": round(best.score(rows[test], y[test]), 4),
    }


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    datas, kinds = ("images", "graph", *GRAPHS), (*THETAS, "s", "fast-weights")
    theta, hops = row["theta"] or 0.0, row["hops"] or 0
    return datas.index(row["data"]), kinds.index(row["question"]), theta, hops, row["seed"]


def marked(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same rows; `chosen` where a threshold is the best of its question, by validation."""
    val: dict[tuple[str, str], dict[float | None, list[float]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for row in rows:
        val[row["data"], row["question"]][row["theta"]].append(row["val"])
    best = {key: max(of, key=lambda t: statistics.fmean(of[t])) for key, of in val.items()}
    return [row | {"chosen": row["theta"] == best[row["data"], row["question"]]} for row in rows]


def main() -> None:
    """Run what is missing, mark what was chosen, write."""
    settings = {"thetas": THETAS, "seeds": len(SEEDS), "lr": 0.01}
    rows = run_missing(jobs(), train, PATH, ABOUT, settings, _order, workers(__doc__))
    write(PATH, ABOUT, settings, marked(rows))


if __name__ == "__main__":
    main()
