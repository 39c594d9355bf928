"""Do neighbours that carry the same hypothesis harm FF-LA? Measured where it works.

    FGNN_LITE_DATA=... .venv/bin/python benchmarks/hypotheses.py --workers 1

To predict, forward-forward with label appending writes a candidate on all nodes without a given
label at once ("joint"): a node's neighbours then carry its own hypothesis. Chapter 5 tried probe
copies, one hypothesis per node ("single"), on a net that hardly learned either way. Here both are
trained, one layer, where the net learns; and each trained net predicts in three ways, with the
same weights. "single" changes two things: neighbours no longer carry the candidate, and training
nodes no longer carry their labels. "single, given" changes the first alone.

Places: the digits (GraphSAGE as published; GCN with `loss="symba"`) and block models whose edges
join one class mostly or rarely, 300 updates at most at a step of 0.01, H = 64; CoraML with unit
rows and `loss="symba"`, CiteSeer as published, both under the paper's protocol. The split is the
seed, of the block models also the graph. Finished runs are kept in results/hypotheses.json.
"""

from __future__ import annotations

from copy import copy
from typing import Any, NamedTuple

import torch
from protocol import PROTOCOL, run_missing, workers
from provenance import RESULTS
from torch import Tensor
from torch_geometric.data import Data

import fgnn_lite as fgnn
from fgnn_lite.augment import add_probes
from fgnn_lite.learners.ff_graph import ViewBatch
from fgnn_lite.learners.ff_la import FFLabels

PATH = RESULTS / "hypotheses.json"
BLOCKS = {"nodes": 1000, "edges": 4000}
SYMBA = {"loss": "symba"}
SMALL, PAPER = {"epochs": 300, "lr": 0.01}, PROTOCOL
PLACES: dict[tuple[str, str, str], tuple[dict[str, Any], dict[str, Any]]] = {
    ("sbm 0.1", "gcn", "symba"): (SYMBA | {"hidden": 64}, SMALL),
    ("sbm 0.1", "sage", "symba"): (SYMBA | {"hidden": 64}, SMALL),
    ("sbm 0.8", "gcn", "symba"): (SYMBA | {"hidden": 64}, SMALL),
    ("sbm 0.8", "sage", "symba"): (SYMBA | {"hidden": 64}, SMALL),
    ("digits", "sage", "theta"): ({"hidden": 64}, SMALL),
    ("digits", "gcn", "symba"): (SYMBA | {"hidden": 64}, SMALL),
    ("citeseer-full", "gcn", "theta"): ({}, PAPER),
    ("cora-ml", "gcn", "symba"): (SYMBA | {"features": "l2"}, PAPER),
}
WAYS = ("joint", "single", "single, given")


class Job(NamedTuple):
    """One training run."""

    graph: str
    backbone: str
    loss: str
    trains: str
    split: int


class FFLabelsGiven(FFLabels):
    """FF-LA whose probe copies may stand beside training nodes that carry their labels."""

    given_stand = False

    def _probe_views(self, data: Data, nodes: Tensor, labels: Tensor) -> ViewBatch:
        if not self.given_stand:
            return super()._probe_views(data, nodes, labels)
        train = data.train_mask.nonzero().squeeze(-1)
        probes = torch.arange(data.num_nodes, data.num_nodes + len(nodes))
        given = data.y[train].expand(len(labels), -1)  # the same in all views
        every, written = torch.cat([train, probes]), torch.cat([given, labels], dim=1)
        return self._views(add_probes(data, nodes), every, written, probes)


def predicting(learner: FFLabelsGiven, way: str) -> FFLabelsGiven:
    """The same weights, predicting in one of the ways of `WAYS`."""
    other = copy(learner)
    other.hypotheses, other.given_stand = way.partition(",")[0], way == "single, given"
    return other


def graph_of(name: str, split: int) -> Data:
    """The graph with the masks of a split."""
    if name.startswith("sbm"):
        return fgnn.load_graph("sbm", seed=split, homophily=float(name.split()[1]), **BLOCKS)
    return fgnn.load_graph(name, split=split)


def jobs() -> list[Job]:
    """All runs, the short ones first."""
    found = [
        Job(*place, trains, split)
        for split in range(5)
        for place in PLACES
        for trains in ("joint", "single")
    ]
    return sorted(found, key=lambda job: PLACES[job[:3]][1] is PAPER)


def train(job: Job) -> list[dict[str, Any]]:
    """One run; a row for each way of predicting."""
    net, budget = PLACES[job.graph, job.backbone, job.loss]
    data = graph_of(job.graph, job.split)
    learner = FFLabelsGiven(
        backbone=job.backbone, depth=1, seed=job.split, hypotheses=job.trains, **net
    )
    history = learner.fit(data, device="cpu", **budget)
    return [
        {
            **job._asdict(),
            "predicts": way,
            "test": round(predicting(learner, way).score(data), 4),
            "updates": len(history),
        }
        for way in WAYS
    ]


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    place = list(PLACES).index((row["graph"], row["backbone"], row["loss"]))
    return place, row["trains"], WAYS.index(row["predicts"]), row["split"]


def main() -> None:
    """Run what is missing, with a progress bar."""
    about = "Test accuracy (share of nodes). " + __doc__.splitlines()[0]
    settings = {"depth": 1, "small": SMALL, "paper": PAPER, "blocks": BLOCKS}
    run_missing(jobs(), train, PATH, about, settings, _order, workers(__doc__))


if __name__ == "__main__":
    main()
