"""Graphs by backpropagation, the yardstick: one loss at the top, one gradient."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite.layers import Layer, PropagatedInput
from fgnn_lite.learners.base import validation
from fgnn_lite.learners.bp import through
from fgnn_lite.learners.run import Run
from fgnn_lite.learners.whole import GraphLearner, Graphs, Update
from fgnn_lite.objectives import margins


class WholeBP(GraphLearner):
    """A net that is trained end to end, with a mean over nodes and a linear layer on top.

        h_0 = X,   h_l = ReLU(conv_l(h_{l-1}, E)),   logits = mean over nodes of h_L  W + b  [G, C]
        loss = cross-entropy(logits / tau)

    Args:
        **shared: as for every learner of graphs, see `GraphLearner`.

    Source: Xu et al., *How powerful are graph neural networks?* (2019), section 4.
    """

    name = "graph-bp"
    local = False

    def _layer_sizes(self) -> list[tuple[int, int]]:
        return [*super()._layer_sizes(), (self.hidden, self.num_classes)]

    def _layer(self, number: int, inputs: int, outputs: int) -> Layer:
        if number <= self.depth:
            return Layer(self.backbone, inputs, outputs)
        return Layer("mlp", inputs, outputs, last=True)

    def _train(self, run: Run, train: list[Data], val: list[Data]) -> None:
        learned, judged = ([self._graphs(each) for each in part] for part in (train, val))
        validate = None
        if judged:
            y = torch.cat([each.y for each in judged])
            validate = validation(lambda: torch.cat([self._logits(each) for each in judged]), y)
        updates = [partial(self._update, each) for each in learned]
        self._learn(run, self.layers, None, updates, validate)

    def _update(self, graphs: Graphs) -> Update:
        logits = self._logits(graphs) / self.temperature
        return Update(functional.cross_entropy(logits, graphs.y), margins(logits, graphs.y))

    def _graphs(self, batch: Data) -> Graphs:
        return Graphs([self._view(batch, normalised=False)], batch.batch, batch.y)

    def _logits(self, graphs: Graphs) -> Tensor:  # [G, C]
        *layers, head = self._net()
        (view,) = graphs.views
        h = through(layers, view.features, view.edges)  # [N, H]
        logits: Tensor = head(PropagatedInput(graphs.pooled(h)))
        return logits

    def _batch_scores(self, batch: Data) -> list[Tensor]:
        return [self._logits(self._graphs(batch))]
