"""What do FF-VN's upper layers predict from? As published, and from what they were trained on.

    FGNN_LITE_DATA=... .venv/bin/python benchmarks/upper_input.py --workers 1

In training, forward-forward with virtual nodes gives an upper layer what the layer below made of
the positive graph, in positives and negatives alike. To predict, each candidate's graph passes
through all layers, so an upper layer's input is one that it has not been trained on. Here trained
nets of two layers predict in both ways, with the same weights: `own`, as published, and
`positive`, where layer 2 gets what layer 1 makes of the positive graph, with the edges of each
candidate in layer 2 alone. `positive, untrained` is the same with a layer 2 as it was drawn. `test`
counts one layer's goodness, of layer 1 or of layer 2.

The digits as in chapter 6: 100 updates a layer at a step of 0.01, H = 64, the last state of each.
CoraML with H = 128 and the setting that FF-VN chose in results/tuned.json, at most 1000 updates a
layer; early stopping reads the votes as published. Finished runs are kept in
results/upper-input.json.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from protocol import PROTOCOL, run_missing, workers
from provenance import RESULTS
from torch import Tensor
from torch_geometric.data import Data

import fgnn_lite as fgnn
from fgnn_lite.layers import next_input, output
from fgnn_lite.learners.base import nodes_in
from fgnn_lite.learners.ff_vn import FFVirtual
from fgnn_lite.objectives import accuracy

PATH = RESULTS / "upper-input.json"
CHOSEN = {"lr": 0.00116, "weight_decay": 1.23e-05}
PLACES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "digits": ({"hidden": 64}, {"epochs": 100, "patience": 100, "lr": 0.01, "restore_best": False}),
    "cora-ml": ({"theta": 1.23, "features": "l2"}, PROTOCOL | CHOSEN),
}


class Job(NamedTuple):
    """One training run."""

    graph: str
    split: int


def scores(learner: FFVirtual, drawn: FFVirtual, data: Data) -> dict[tuple[int, str], Tensor]:
    """The goodness of each candidate [N, C], by layer and by what the layer reads.

    Args:
        learner: trained.
        drawn: the same, with weights as they were drawn.
        data: the graph.
    """
    train, everyone = nodes_in(data, "train_mask"), torch.arange(len(data.x))
    first, second = learner._net()
    untrained = drawn._net()[1]
    views = learner._candidate_views(data, train, everyone).views
    positive = learner._views(data, train, data.y[train].unsqueeze(0), everyone).views[0]
    below = next_input(output(first, positive), positive).features
    lower = [output(first, view) for view in views]
    read = {
        (1, "own"): lower,
        (2, "own"): [
            output(second, next_input(h, view)) for h, view in zip(lower, views, strict=True)
        ],
        (2, "positive"): [output(second, view._replace(features=below)) for view in views],
        (2, "positive, untrained"): [
            output(untrained, view._replace(features=below)) for view in views
        ],
    }
    return {
        place: torch.stack([learner._goodness(h[everyone]) for h in each], dim=1)
        for place, each in read.items()
    }


def train(job: Job) -> list[dict[str, Any]]:
    """One run; a row for each layer and way of predicting."""
    net, budget = PLACES[job.graph]
    number = {"split": job.split} if job.graph == "cora-ml" else {}
    data = fgnn.load_graph(job.graph, **number)
    learner, drawn = (fgnn.make_learner("ff-vn", depth=2, seed=job.split, **net) for _ in "12")
    learner.fit(data, device="cpu", **budget)
    drawn.fit(data, epochs=1, lr=1e-12, weight_decay=0.0, device="cpu")  # weights are drawn in fit
    test = data.test_mask
    with torch.no_grad():
        found = scores(learner, drawn, data)
    return [
        {
            **job._asdict(),
            "layer": layer,
            "predicts": way,
            "test": round(accuracy(each[test], data.y[test]), 4),
        }
        for (layer, way), each in found.items()
    ]


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    return list(PLACES).index(row["graph"]), row["split"], row["layer"], row["predicts"]


def main() -> None:
    """Run what is missing, with a progress bar."""
    about = "Test accuracy (share of nodes). " + __doc__.splitlines()[0]
    jobs = [Job(graph, split) for graph in PLACES for split in range(5)]
    settings = {graph: {**net, **budget} for graph, (net, budget) in PLACES.items()}
    run_missing(jobs, train, PATH, about, settings, _order, workers(__doc__))


if __name__ == "__main__":
    main()
