"""An MLP: backpropagation that never looks at an edge, to say what the graph is worth."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.layers import LayerInput, PropagatedInput
from fgnn_lite.learners.feeders import RowBatches
from fgnn_lite.learners.rows import RowNet
from fgnn_lite.learners.run import Run
from fgnn_lite.objectives import margins


class NodeMLP(RowNet):
    """A net that reads each node's own features and nothing else.

        h_0 = x_i,   h_l = ReLU(h_{l-1} W_l^T + b_l),   logits = h_{L-1} W_L^T + b_L
        loss = cross-entropy(logits / tau) on the training nodes

    Args:
        backbone: `"mlp"`: a node aggregates only itself.
        batch_size: training nodes per update; an epoch, and its record, is then a pass over all of
            them. `None` makes one update an epoch.
        **shared: as for every learner, see `Learner`; `depth` counts the linear layers.

    Source: Shchur et al., *Pitfalls of graph neural network evaluation* (2018). Chapter 11.
    """

    name = "mlp"
    backbones = ("mlp",)

    def __init__(self, backbone: str = "mlp", batch_size: int | None = None, **shared: Any) -> None:
        super().__init__(backbone=backbone, **shared)
        self.batch_size = None
        if batch_size is not None:
            self.batch_size = checks.integer("batch_size", batch_size, 1)

    def _layer_sizes(self) -> list[tuple[int, int]]:
        hidden = [self.hidden] * (self.depth - 1)
        return list(pairwise([self.num_features, *hidden, self.num_classes]))

    def _rows(self, data: Data, nodes: Tensor) -> Tensor:
        return self._scaled(data)[nodes]

    def _learn(
        self, run: Run, x: Tensor, labels: Tensor, validate: Callable[[], float] | None
    ) -> None:
        batches: Iterable[tuple[LayerInput, Tensor]] = [(PropagatedInput(x), labels)]
        if self.batch_size is not None:
            feeder = RowBatches(self.batch_size, 0, self.seed)
            batches = feeder.batches(PropagatedInput(x), labels, number=1)

        optimizer = run.optimizer(self.layers)
        first, *upper = self._net()
        for _ in run.epochs(self.layers, number=None):
            mean, margin = x.new_zeros(()), []
            for batch, y in batches:  # [B, .], [B]
                h = first(batch)
                for layer in upper:
                    h = layer(PropagatedInput(h))
                logits = h / self.temperature  # [B, C]
                loss = functional.cross_entropy(logits, y)
                run.step(optimizer, loss)
                mean += loss.detach() * (len(y) / len(labels))
                margin.append(margins(logits.detach(), y))
            run.report(mean, torch.cat(margin), validate)
