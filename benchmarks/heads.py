"""What random layers are worth once their heads are trained to the end.

    .venv/bin/python benchmarks/heads.py

Chapter 12 trains a linear head on each of four layers, on the digits: with the layer ("layers and
heads"), or alone on the random weights the layer began with ("heads alone", as CaFo was released).
Here both get 100 to 3,000 updates a layer at a step of 0.01. "heads alone, to the end" is where
that leads: scikit-learn's logistic regression on the outputs of the same random layers, converged,
one C for all layers, by validation. "sgc" is logistic regression on twice propagated pixels: no
layer at all. Five seeds of the weights, one split, H = 64, all layers vote, as in the chapter. A
minute or two; results are in results/heads.json.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from provenance import RESULTS, write
from sklearn.linear_model import LogisticRegression
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch_geometric.data import Data

import fgnn_lite as fgnn
from fgnn_lite.layers import BACKBONES
from fgnn_lite.objectives import accuracy
from fgnn_lite.seeds import default_generator

HIDDEN, DEPTH, LR, SEEDS = 64, 4, 0.01, range(5)
UPDATES = (100, 400, 1000, 3000)
INVERSE = [10.0**k for k in range(7)]  # C: of the weight decay that the regression may choose


class Heads:
    """Layers with a linear head each, on one graph; nothing passes back from layer to layer."""

    def __init__(self, data: Data, seed: int) -> None:
        self.data, self.nets = data, []
        self.A_hat = BACKBONES["gcn"].edges(data.edge_index, data.num_nodes, data.x.dtype).sparse()
        for k in range(DEPTH):
            with default_generator(seed, k + 1):
                layer = torch.nn.Linear(HIDDEN if k else data.num_features, HIDDEN)
                head = torch.nn.Linear(HIDDEN, data.num_classes)
            self.nets.append(torch.nn.Sequential(layer, torch.nn.ReLU(), head))

    def aggregated(self, h: Tensor) -> Tensor:
        """Rows of length 1, then the neighbours: [N, H] -> [N, H]."""
        return self.A_hat @ (h / (h.norm(dim=1, keepdim=True) + 1e-8))

    def fit(self, updates: int, whole: bool) -> None:
        """Train one layer and head after the other, or the heads alone."""
        train, y = self.data.train_mask, self.data.y
        x = self.aggregated(self.data.x)
        for net in self.nets:
            optimizer = torch.optim.Adam((net if whole else net[2]).parameters(), LR)
            for _ in range(updates):
                loss = cross_entropy(net(x[train]), y[train])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            x = self.aggregated(net[:2](x).detach())

    @torch.no_grad()
    def outputs(self) -> list[Tensor]:
        """What each layer hands to its head, L x [N, H]."""
        x, found = self.aggregated(self.data.x), []
        for net in self.nets:
            found.append(net[:2](x))
            x = self.aggregated(found[-1])
        return found

    @torch.no_grad()
    def votes(self) -> Tensor:
        """The sum of the heads' softmax [N, C]."""
        return sum(
            net[2](h).softmax(dim=1) for net, h in zip(self.nets, self.outputs(), strict=True)
        )


def regressed(outputs: Sequence[Tensor], data: Data) -> Tensor:
    """The votes of converged heads; of the values of C the one with the best validation."""
    best, chosen = -1.0, torch.empty(0)
    for inverse in INVERSE:
        votes = torch.zeros(data.num_nodes, data.num_classes, dtype=torch.double)
        for h in outputs:
            head = LogisticRegression(C=inverse, max_iter=10_000)
            head.fit(h[data.train_mask].double(), data.y[data.train_mask])
            votes += torch.from_numpy(head.predict_proba(h.double()))
        val = accuracy(votes[data.val_mask], data.y[data.val_mask])
        if val > best:
            best, chosen = val, votes
    return chosen


def measure(seed: int) -> list[dict[str, Any]]:
    """All rows of one seed."""
    data, rows = fgnn.load_graph("digits"), []

    def note(method: str, budget: int | None, votes: Tensor) -> None:
        test = accuracy(votes[data.test_mask], data.y[data.test_mask])
        row = {"graph": "digits", "method": method, "budget": budget, "seed": seed}
        rows.append(row | {"test": round(test, 4)})

    for method, whole in (("layers and heads", True), ("heads alone", False)):
        for updates in UPDATES:
            heads = Heads(data, seed)
            heads.fit(updates, whole)
            note(method, updates, heads.votes())
    note("heads alone, to the end", None, regressed(Heads(data, seed).outputs(), data))
    learner = fgnn.make_learner("sgc", depth=2, seed=seed)
    learner.fit(data, device="cpu")
    note("sgc", None, learner.class_scores(data)[-1])
    return rows


def main() -> None:
    """Measure and write."""
    torch.set_num_threads(1)
    rows: list[dict[str, Any]] = []
    for seed in SEEDS:
        rows += measure(seed)
        print(*rows[-10:], sep="\n")
    settings = {"hidden": HIDDEN, "depth": DEPTH, "lr": LR, "C": INVERSE}
    about = "Test accuracy (share of nodes). " + __doc__.splitlines()[0]
    write(RESULTS / "heads.json", about, settings, rows)


if __name__ == "__main__":
    main()
