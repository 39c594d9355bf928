"""Graphs by forward-forward: a label on every node, and the goodness of all nodes together."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.augment import wrong_labels
from fgnn_lite.layers import GraphView, Layer, LayerInput, normalise
from fgnn_lite.learners.whole import Graphs, Update, WholeInTurn
from fgnn_lite.matrices import Features
from fgnn_lite.objectives import ff_loss, sum_squares


class WholeFF(WholeInTurn):
    """Layers trained in turn to give a graph that carries its true label a high goodness.

        input of layer 1: norm([X | label]), the candidate's one-hot on every node
        g(graph) = mean over its nodes of sum_j h_j^2
        loss_l = BCE(g(positive) - theta, 1) + mean_k BCE(g(negative_k) - theta, 0)
        prediction = arg max_c sum_l g(graph with label c)

    Args:
        theta: the goodness that separates positives from negatives; the temperature divides the
            distance to it.
        negatives: K, from 1 to C - 1; `None` takes all C - 1 wrong classes. There is a version of
            every graph for each of them, and for each class in validation.
        **shared: as for `WholeInTurn`.

    Source: Hinton (2022), section 2; Paliotta et al., *Graph neural networks go forward-forward*
    (2023); the mean over nodes is this library's own.
    """

    name = "graph-ff"

    def __init__(self, theta: float = 2.0, negatives: int | None = None, **shared: Any) -> None:
        super().__init__(**shared)
        self.theta = checks.number("theta", theta)
        self.negatives = None if negatives is None else checks.integer("negatives", negatives, 1)

    def _layer_sizes(self) -> list[tuple[int, int]]:
        first, *upper = super()._layer_sizes()
        return [(first[0] + self.num_classes, first[1]), *upper]

    def _to_learn(self, batches: list[Data]) -> list[Graphs]:
        if self.negatives is not None:
            checks.integer("negatives", self.negatives, 1, self.num_classes - 1)
        y = torch.cat([each.y for each in batches])
        wrong = wrong_labels(y, self.num_classes, self.negatives, self.seed)  # [K, G], drawn once
        labels = torch.cat([y.unsqueeze(0), wrong]).split([len(each.y) for each in batches], dim=1)
        return [self._labelled(*pair) for pair in zip(batches, labels, strict=True)]

    def _to_judge(self, batch: Data) -> Graphs:
        classes = torch.arange(self.num_classes, device=batch.x.device).unsqueeze(1)
        return self._labelled(batch, classes.expand(-1, len(batch.y)))  # a version for each class

    def _labelled(self, batch: Data, labels: Tensor) -> Graphs:
        """The batch with labels [W, G] written on all nodes, once for each of the W rows."""
        view = self._view(batch, normalised=False)
        ((_, _, x, scale),) = view.features.dense_blocks()
        x = x if scale is None else x * scale.unsqueeze(-1)
        views = []
        for row in labels:
            label = functional.one_hot(row[batch.batch], self.num_classes).to(x.dtype)  # [N, C]
            whole = normalise(torch.cat([x, label], dim=1))
            views.append(GraphView(Features([whole]), view.edges))
        return Graphs(views, batch.batch, batch.y)

    def _updates_of(self, layer: Layer, train: list[Graphs]) -> list[Callable[[], Update]]:
        return [partial(self._update, layer, each.prepare(layer), each) for each in train]

    def _update(self, layer: Layer, x: LayerInput, graphs: Graphs) -> Update:
        g = self._vote(layer, x, graphs).t()  # [1 + K, G]
        loss = ff_loss(g[0], g[1:], self.theta, self.temperature)
        return Update(loss, g[0] - g[1:], (g[0], g[1:]))

    def _voter(self, layer: Layer) -> Callable[[LayerInput, Graphs], Tensor]:
        return partial(self._vote, layer)

    def _vote(self, layer: Layer, x: LayerInput, graphs: Graphs) -> Tensor:  # [G, W]
        g = sum_squares(layer(x)).view(len(graphs.views), -1)  # [W, N]
        return graphs.pooled(g.t())
