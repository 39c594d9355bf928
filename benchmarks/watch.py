"""What layers do while they learn, for the pictures of a graph and of goodness.

    .venv/bin/python benchmarks/watch.py

results/karate.json: the goodness of every member of the karate club and of the class nodes, and how
each layer scores the classes, after some updates of that layer. results/goodness.json: how many
test digits have which goodness with their true label and with wrong ones. GCN, H = 128, one seed;
nothing is restored and nothing stops early, so that a state is what it was at that update.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from provenance import RESULTS, write
from torch import Tensor
from torch_geometric.data import Data

import fgnn_lite as fgnn
from fgnn_lite.augment import add_virtual_nodes
from fgnn_lite.book import plots
from fgnn_lite.book.explore import goodness_rows
from fgnn_lite.objectives import sum_squares

UPDATES = (1, 3, 10, 30, 100, 300)
CLUB = ("sf", "sf-top-to-loss", "ff-la", "ff-vn")
DIGITS = {
    "ff-la": ("ff-la", {}),
    "ff-vn": ("ff-vn", {}),
    "ff-vn, one node at a time": ("ff-vn", {"hypotheses": "single"}),
}
EDGES = [round(0.2 * k, 1) for k in range(31)]  # of the bins; what lies above is in the last one
SETTINGS = {"backbone": "gcn", "hidden": 128, "seed": 0, "lr": 1e-3, "weight_decay": 5e-4}


class Watch:
    """A learner, stopped after some updates of a layer, and what that layer then says.

    Attributes:
        learner: as it is then.
        scores: the layer's own score of every node and class [N, C]; 0 where a label is given.
        outputs: what it computed for it, once for each graph that it was shown.
    """

    def __init__(self, name: str, data: Data, depth: int, layer: int, updates: int, **options: Any):
        learner = fgnn.make_learner(name, "gcn", depth, SETTINGS["hidden"], seed=0, **options)
        stop = partial(_stop, layer=layer if learner.layer_wise else depth, updates=updates)
        budget = {"epochs": max(UPDATES), "patience": max(UPDATES), "restore_best": False}
        rates = {"lr": SETTINGS["lr"], "weight_decay": SETTINGS["weight_decay"]}
        learner.fit(data, on_epoch=stop, device="cpu", **budget, **rates)
        self.learner = learner
        self.outputs: list[Tensor] = []
        hook = learner.layers[layer - 1].register_forward_hook(self._note)
        summed = learner.class_scores(data)
        hook.remove()
        self.scores = summed[layer - 1] - (summed[layer - 2] if layer > 1 else 0)

    def _note(self, _: Any, __: Any, output: Tensor) -> None:
        self.outputs.append(output.detach())


def _stop(record: fgnn.Record, layer: int, updates: int) -> bool:
    return (record.layer, record.epoch) != (layer, updates - 1)


def club() -> list[dict[str, Any]]:
    """Goodness [N or N + C] and scores [N][C] of the karate club, by learner, layer and updates.

    Forward-forward predicts in a graph for each class, the candidate of members without a label. A
    member has the goodness of the graph of its true class, a class node that of its own.
    """
    data = fgnn.load_graph("karate")
    classes = data.num_classes
    rows = []
    for name in CLUB:
        for layer in (1, 2, 3):
            for updates in UPDATES:
                seen = Watch(name, data, 3, layer, updates)
                goodness = torch.stack([sum_squares(z) for z in seen.outputs])  # [graphs, S]
                graph = torch.cat([data.y, torch.arange(classes)])[: goodness.shape[1]]
                if len(goodness) == 1:
                    graph = torch.zeros_like(graph)
                own = goodness.gather(0, graph.unsqueeze(0)).squeeze(0)
                scores: list[list[float] | None] = [[_short(s) for s in r] for r in seen.scores]
                if name.startswith("ff-"):
                    scores = [
                        None if t else r for t, r in zip(data.train_mask, scores, strict=True)
                    ]
                row: dict[str, Any] = {"learner": name, "layer": layer, "updates": updates}
                row["goodness"] = [_short(value) for value in own]
                rows.append(row | {"scores": scores})
        print(name, flush=True)
    return rows


def places() -> list[list[float]]:
    """Where members and class nodes stand, in per cent."""
    data = add_virtual_nodes(fgnn.load_graph("karate"))
    pairs = {tuple(sorted(pair)) for pair in data.edge_index.t().tolist()}
    return [list(spot) for spot in plots.layout(pairs, data.virtual_mask.tolist()).values()]


def goodness() -> list[dict[str, Any]]:
    """Counts of test digits by goodness, with true and with wrong labels."""
    data = fgnn.load_graph("digits")
    rows = []
    positive = torch.nn.functional.one_hot(data.y[data.test_mask]).bool()
    for name, (kind, options) in DIGITS.items():
        for layer in (1, 2, 3):
            for updates in UPDATES:
                seen = Watch(kind, data, 3, layer, updates, **options)
                columns = {"learner": name, "updates": updates}
                row = goodness_rows(seen.learner, data, EDGES, **columns)[layer - 1]
                found = seen.scores[data.test_mask]
                row["mean_positive"] = _short(found[positive].mean())
                row["mean_negative"] = _short(found[~positive].mean())
                rows.append(row)
        print(name, flush=True)
    return rows


def _short(value: Tensor | float) -> float:
    """Three digits that count."""
    return float(f"{float(value):.3g}")


def main() -> None:
    """Watch and write."""
    torch.set_num_threads(1)
    settings = {**SETTINGS, "depth": 3}
    about = "Goodness and class scores of the karate club by learner, layer and updates"
    write(RESULTS / "karate.json", about, {**settings, "places": places()}, club())
    about = "Test digits by goodness with true and wrong labels, in bins between the edges"
    write(RESULTS / "goodness.json", about, {**settings, "edges": EDGES}, goodness())


if __name__ == "__main__":
    main()
