"""A readout on every layer, trained or made by propagation: what single-forward must beat.

    FGNN_LITE_DATA=... .venv/bin/python benchmarks/local.py --workers 1

CoraML and CiteSeer (full), the paper's protocol and its five splits, GCN, depth 1 to 4, rows of
length 1 for all. "bp" answers with its last convolution, "bp-heads" has a readout on every layer.
"cafo" solves its readouts by ridge, at three widths; the others have H = 128. Finished runs are
kept in results/local.json.
"""

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

from protocol import DEPTHS, PROTOCOL, rows_of, run_missing, workers
from provenance import RESULTS

import fgnn_lite as fgnn

PATH = RESULTS / "local.json"
GRAPHS, SPLITS = ("cora-ml", "citeseer-full"), range(5)
METHODS: dict[str, tuple[str, dict[str, Any]]] = {
    "bp": ("bp", {"adjacency": "sparse"}),
    "bp-heads": ("bp", {"adjacency": "sparse", "head": "every"}),
    "sf": ("sf", {}),
    "local-heads": ("local-heads", {}),
    "cafo": ("cafo", {}),
}


class Job(NamedTuple):
    """One run."""

    graph: str
    method: str
    depth: int
    hidden: int
    split: int


def jobs() -> list[Job]:
    """All runs; a layer-wise one gives all depths at once."""
    found = []
    for graph, split, method in product(GRAPHS, SPLITS, METHODS):
        wise = fgnn.make_learner(METHODS[method][0]).layer_wise
        widths = (64, 256, 1024) if method == "cafo" else (128,)
        for depth, hidden in product(DEPTHS[-1:] if wise else DEPTHS, widths):
            found.append(Job(graph, method, depth, hidden, split))
    return found


def train(job: Job) -> list[dict[str, Any]]:
    """One run; a row for each depth that it gives."""
    data = fgnn.load_graph(job.graph, split=job.split)
    name, options = METHODS[job.method]
    learner = fgnn.make_learner(name, depth=job.depth, hidden=job.hidden, features="l2", **options)
    history = learner.fit(data, device="cpu", **PROTOCOL)
    fields = {name: value for name, value in job._asdict().items() if name != "depth"}
    return rows_of(learner, history, (data, "test"), (data, "val"), **fields)


def main() -> None:
    """Run what is missing, with a progress bar."""
    about = "Test accuracy (share of nodes). " + __doc__.splitlines()[0]
    settings = PROTOCOL | {"features": "l2"}
    run_missing(jobs(), train, PATH, about, settings, _order, workers(__doc__))


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    places = GRAPHS.index(row["graph"]), list(METHODS).index(row["method"])
    return *places, row["hidden"], row["split"], row["depth"]


if __name__ == "__main__":
    main()
