"""Can a node learn to attend to itself? GAT and GATv2 where neighbours disagree.

    .venv/bin/python benchmarks/attention.py --workers 1

Two layers trained by backpropagation, 32 units in the lower one, attention with four heads as in
chapter 4, 200 updates at a step of 0.01, the state with the best validation accuracy. "none" has
no edges; "+ root" gives a layer a linear map of its own for the node itself (PyG's `residual`), as
GraphSAGE has one. Block models of several homophilies (the seed draws graph, split and weights),
and chapter 4's digits with all edges replaced by random ones (the seed draws edges, split and
weights); "exchanged": 80 % of the nodes are for training and 10 % for testing, not the other way
round. Beside the accuracy: the weight that a node gives itself, mean over nodes and heads, in each
layer, and what it would be if all that a node aggregates weighed the same.

"optimised" asks what is possible: one head whose parameters are trained to make that mean as high
as they can, with the features of the graph, or with one-hot features, which tell every node from
every other. Finished runs are kept in results/attention.json.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from protocol import run_missing, workers
from provenance import RESULTS
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch_geometric.data import Data
from torch_geometric.nn import GATConv, GATv2Conv, GCNConv, SAGEConv
from torch_geometric.utils import degree

import fgnn_lite as fgnn
from fgnn_lite.graphs import rewire
from fgnn_lite.objectives import accuracy
from fgnn_lite.seeds import default_generator

PATH = RESULTS / "attention.json"
BLOCKS = {"nodes": 1000, "edges": 4000}
HIDDEN, HEADS, UPDATES, LR, DECAY = 32, 4, 200, 0.01, 5e-4
STEPS, WIDTH, FAST = 300, 32, 0.05  # of the optimisation of one head
GRAPHS = {
    **{f"sbm {share}": range(5) for share in (0.1, 0.4, 0.6, 0.9)},
    "sbm 0.1 exchanged": range(3),
    "digits 1": range(3),
}
ATTENTION: dict[str, Any] = {"gat": GATConv, "gatv2": GATv2Conv}
NETS = ("none", "gcn", "sage", *ATTENTION, *(f"{name} + root" for name in ATTENTION))
FEATURES = {"sbm 0.1": ("own", "one-hot"), "digits 1": ("own",)}


class Job(NamedTuple):
    """One run."""

    method: str
    graph: str
    backbone: str
    features: str
    seed: int


class Net(torch.nn.Module):
    """Two layers."""

    def __init__(self, backbone: str, inputs: int, classes: int) -> None:
        super().__init__()
        name, _, root = backbone.partition(" + ")
        self.edgeless = name == "none"
        if name in ATTENTION:
            options = {"heads": HEADS, "residual": bool(root)}
            self.lower = ATTENTION[name](inputs, HIDDEN // HEADS, **options)
            self.upper = ATTENTION[name](HIDDEN, classes, concat=False, **options)
        else:
            conv = SAGEConv if name == "sage" else GCNConv  # without edges, a linear map
            self.lower, self.upper = conv(inputs, HIDDEN), conv(HIDDEN, classes)

    def forward(self, data: Data) -> Tensor:
        """Logits [N, C]."""
        edges = data.edge_index[:, :0] if self.edgeless else data.edge_index
        return self.upper(self.lower(data.x, edges).relu(), edges)

    def own_weights(self, data: Data) -> list[float]:
        """Of each layer, the mean weight of a node for itself."""
        h = self.lower(data.x, data.edge_index).relu()
        pairs = (self.lower, data.x), (self.upper, h)
        return [own_weight(conv, x, data.edge_index).mean().item() for conv, x in pairs]


def own_weight(conv: Any, x: Tensor, edge_index: Tensor) -> Tensor:
    """What each node gives itself, in each head [N, heads]."""
    _, ((source, target), weight) = conv(x, edge_index, return_attention_weights=True)
    own = source == target
    return torch.zeros(len(x), weight.shape[1]).index_put((target[own],), weight[own])


def graph_of(name: str, seed: int) -> Data:
    """A graph of `GRAPHS`."""
    kind, share, *exchanged = name.split()
    if kind == "sbm":
        data = fgnn.load_graph("sbm", seed=seed, homophily=float(share), **BLOCKS)
        if exchanged:
            data.train_mask, data.test_mask = data.test_mask, data.train_mask
        return data
    return rewire(fgnn.load_graph("digits", split=seed), float(share), seed=seed)


def jobs() -> list[Job]:
    """All runs."""
    return [
        Job("optimised", graph, backbone, features, seed)
        for graph, kinds in FEATURES.items()
        for backbone in ATTENTION
        for features in kinds
        for seed in range(3)
    ] + [
        Job("trained", graph, backbone, "own", seed)
        for graph, seeds in GRAPHS.items()
        for backbone in NETS
        for seed in seeds
    ]


def trained(job: Job, data: Data) -> dict[str, Any]:
    """Accuracy and weights of a net, where its validation was best."""
    with default_generator(job.seed, 1):
        net = Net(job.backbone, data.num_features, data.num_classes)
    optimizer = torch.optim.Adam(net.parameters(), LR, weight_decay=DECAY)
    best, found = -1.0, {}
    for _ in range(UPDATES):
        logits = net(data)
        val = accuracy(logits[data.val_mask], data.y[data.val_mask])
        if val > best:
            test = accuracy(logits[data.test_mask], data.y[data.test_mask])
            best, found = val, {"test": round(test, 4), "val": round(val, 4)}
            if job.backbone.startswith("gat"):
                with torch.no_grad():
                    own = net.own_weights(data)
                found |= {f"own_{layer}": round(w, 3) for layer, w in enumerate(own, start=1)}
        loss = cross_entropy(logits[data.train_mask], data.y[data.train_mask])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return found


def optimised(job: Job, data: Data) -> dict[str, Any]:
    """The highest mean weight of a node for itself on the way."""
    x = data.x if job.features == "own" else torch.eye(len(data.x))
    with default_generator(job.seed, 1):
        conv = ATTENTION[job.backbone](x.shape[1], WIDTH)
    optimizer = torch.optim.Adam(conv.parameters(), FAST)
    highest = 0.0
    for _ in range(STEPS):
        mean = own_weight(conv, x, data.edge_index).mean()
        highest = max(highest, mean.item())
        optimizer.zero_grad()
        (-mean).backward()
        optimizer.step()
    return {"own_1": round(highest, 3)}


def train(job: Job) -> list[dict[str, Any]]:
    """One row."""
    data = graph_of(job.graph, job.seed if job.method == "trained" else 0)
    source, target = data.edge_index
    even = (1 / (1 + degree(target, data.num_nodes))).mean()
    row = {
        **job._asdict(),
        "homophily": round((data.y[source] == data.y[target]).float().mean().item(), 2),
        "even": round(even.item(), 3),
    }
    return [row | (trained if job.method == "trained" else optimised)(job, data)]


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    names = list(GRAPHS), NETS
    place = (names[0].index(row["graph"]), names[1].index(row["backbone"]))
    return row["method"], *place, row["features"], row["seed"]


def main() -> None:
    """Run what is missing, with a progress bar."""
    about = "Test accuracy, and weights that nodes give themselves. " + __doc__.splitlines()[0]
    settings = {"hidden": HIDDEN, "heads": HEADS, "updates": UPDATES, "lr": LR}
    settings |= {"weight_decay": DECAY, "steps": STEPS, "width": WIDTH, "step": FAST}
    run_missing(jobs(), train, PATH, about, settings | BLOCKS, _order, workers(__doc__))


if __name__ == "__main__":
    main()
