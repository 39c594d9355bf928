"""Forward-forward on a graph: candidate labels are written into copies of the graph, *worlds*.

Label appending and virtual nodes differ only in how a label is written (`_worlds`).
"""

from __future__ import annotations

from abc import abstractmethod
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.augment import add_probes
from fgnn_lite.layers import Heard, Layer, Propagated, World, hand_on, output
from fgnn_lite.learners.base import add_vote
from fgnn_lite.learners.ff import FF
from fgnn_lite.learners.run import Run
from fgnn_lite.objectives import accuracy

GIVEN = ("none", "train", "train+val")
HYPOTHESES = ("joint", "single")


class GraphFF(FF):
    """Layers that are trained one after the other to tell true labels from false ones.

        prediction = arg max_c sum_l g(layer l's output if the label were c)

    A positive is a training node with its true label, a negative one with a wrong label; wrong
    labels are drawn once, without replacement. Nodes whose label is given are predicted to have it.

    Args:
        given: whose labels prediction is given: `"none"`, those of the training nodes (`"train"`),
            or `"train+val"`, also those of the validation nodes, as the code released with the
            paper does. Validation itself is given those of the training nodes, or none.
        hypotheses: `"joint"`, as in the paper: in each world all nodes carry a candidate at once,
            so that neighbours vouch for each other's. `"single"`: each node is asked about alone,
            by a double that nobody hears, while no other node says anything about labels; what is
            given then tells a node its own label and nothing of its neighbours'.
        **shared: as for `FF`.

    Source: Park et al. (2024), section 3; `"single"` is this library's own. Chapter 5.
    """

    def __init__(self, given: str = "train", hypotheses: str = "joint", **shared: Any) -> None:
        super().__init__(**shared)
        self.given = checks.one_of("given", given, GIVEN)
        self.hypotheses = checks.one_of("hypotheses", hypotheses, HYPOTHESES)

    @property
    def _given_masks(self) -> tuple[str, ...]:
        return {"none": (), "train": ("train_mask",), "train+val": ("train_mask", "val_mask")}[
            self.given
        ]

    @property
    def layer_wise(self) -> bool:
        """True: a layer is finished before the next one begins."""
        return True

    @abstractmethod
    def _worlds(self, data: Data, nodes: Tensor, labels: Tensor, rows: int) -> list[World]:
        """The graph with labels [W, P] written on `nodes` [P], once for each of the W rows.

        In each world `rows` nodes are going to be computed together.
        """

    def _next(self, layer: Layer, worlds: list[World]) -> list[World]:
        """The worlds of the next layer, in training: what each hears of this finished layer."""
        return [hand_on(output(layer, world), world) for world in worlds]

    def _train(self, run: Run, data: Data) -> None:
        train = data.train_mask.nonzero().squeeze(-1)
        val = data.val_mask.nonzero().squeeze(-1) if "val_mask" in data else train[:0]
        worlds, rows = self._truth_and_lies(data, train)
        given = train[:0] if self.given == "none" else train
        candidates, rows_val = self._candidates(data, given, val)
        votes: Tensor | None = None

        for number, layer in enumerate(self._net(), start=1):
            heard = layer.prepare(worlds, rows)
            heard_val = layer.prepare(candidates, rows_val)
            validate = partial(self._accuracy, number, layer, heard_val, votes, data.y[val])

            optimizer = run.optimizer(layer)
            for _ in run.epochs(layer, number):
                g = self._goodness(layer(heard)).view(-1, len(train))  # [1 + K, T]
                loss = self._objective(g[0], g[1:])
                run.step(optimizer, loss)  # inside this layer, and nowhere else
                run.report(loss, g[0] - g[1:], validate if len(val) else None, (g[0], g[1:]))
            del optimizer

            if run.stopped or number == self.depth:
                return
            with torch.no_grad():
                votes = add_vote(self.accumulate, votes, self._vote(layer(heard_val)), number)
                worlds = self._next(layer, worlds)
                candidates = [hand_on(output(layer, world), world) for world in candidates]

    def _truth_and_lies(self, data: Data, train: Tensor) -> tuple[list[World], Tensor]:
        """A world in which labels are true and K in which they are not; the rows to judge [T]."""
        labels = self._positive_and_negatives(data.y[train])
        if self.hypotheses == "single":
            return self._asked_alone(data, train, labels)
        return self._worlds(data, train, labels, len(train)), train

    def _candidates(self, data: Data, given: Tensor, rows: Tensor) -> tuple[list[World], Tensor]:
        """A world for each class, said of all whose label is not given; the rows to judge [R]."""
        n, device = len(data.x), data.x.device
        classes = torch.arange(self.num_classes, device=device).unsqueeze(1)
        if self.hypotheses == "single":
            return self._asked_alone(data, rows, classes.expand(-1, len(rows)))
        labels = classes.repeat(1, n)  # [C, N]
        if len(given):
            labels[:, given] = data.y[given]
        everyone = torch.arange(n, device=device)
        return self._worlds(data, everyone, labels, len(rows)), rows

    def _asked_alone(self, data: Data, nodes: Tensor, labels: Tensor) -> tuple[list[World], Tensor]:
        """Worlds in which only doubles of `nodes` carry `labels` [W, P]; the doubles [P]."""
        n = len(data.x)
        doubles = torch.arange(n, n + len(nodes), device=nodes.device)
        return self._worlds(add_probes(data, nodes), doubles, labels, len(nodes)), doubles

    def _vote(self, h: Tensor) -> Tensor:  # [C V, H] -> [V, C]
        g = self._goodness(h)
        return g.view(self.num_classes, len(g) // self.num_classes).t()

    def _accuracy(
        self,
        number: int,
        layer: Layer,
        heard: Heard | Propagated,
        votes: Tensor | None,
        labels: Tensor,
    ) -> float:
        vote = self._vote(layer(heard))
        return accuracy(add_vote(self.accumulate, votes, vote, number), labels)

    def _class_scores(self, data: Data) -> list[Tensor]:
        mask = torch.zeros(len(data.x), dtype=torch.bool, device=data.x.device)
        for field in self._given_masks:
            mask |= data[field]
        given = mask.nonzero().squeeze(-1)
        known = data.x.new_zeros(len(data.x), self.num_classes)
        if len(given):
            known[given] = functional.one_hot(data.y[given], self.num_classes).to(known.dtype)
        everyone = torch.arange(len(data.x), device=data.x.device)
        candidates, rows = self._candidates(data, given, everyone)
        scores: list[Tensor] = []
        for number, layer in enumerate(self._net()[: self.trained_layers], start=1):
            outputs = [output(layer, world) for world in candidates]
            vote = torch.stack([self._goodness(h[rows]) for h in outputs], dim=1)  # [N, C]
            scores.append(add_vote(self.accumulate, scores[-1] if scores else None, vote, number))
            pairs = zip(outputs, candidates, strict=True)
            candidates = [hand_on(h, world) for h, world in pairs]
        return [torch.where(mask.unsqueeze(1), known, score) for score in scores]

    def _least_bytes(self, data: Data, negatives: int) -> int:
        worlds = 1 + negatives + checks.num_classes(data)
        above = len(data.x) * self.hidden if self.depth > 1 else 0  # what a layer hands on
        return worlds * (above * data.x.element_size() + self._bytes_of_a_world(data))

    @abstractmethod
    def _bytes_of_a_world(self, data: Data) -> int:
        """What a world does not share with the others takes, at least."""

    def _dense_bytes(self, x: Tensor, dense_rows: int, sparse_rows: int) -> int:
        """What a dense X takes, propagated, more than a sparse one takes when it is multiplied."""
        return (dense_rows * x.shape[1] - sparse_rows * self.hidden) * x.element_size()
