"""SIGN: the hops of the graph side by side in a node's row, and an MLP on top."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data
from torch_geometric.nn.conv.gcn_conv import gcn_norm

from fgnn_lite import checks
from fgnn_lite.layers import LayerInput, PropagatedInput
from fgnn_lite.learners.feeders import RowBatches
from fgnn_lite.learners.rows import RowNet, hops
from fgnn_lite.learners.run import Run
from fgnn_lite.matrices import Edges
from fgnn_lite.objectives import margins


class SIGN(RowNet):
    """An MLP on the features of a node and of its neighbours, up to K edges away.

        row_i = [X | M X | ... | M^K X]_i   with M = D^-1/2 A D^-1/2,   made once
        logits = ReLU(row W_1^T + b_1) W_2^T + b_2
        loss = cross-entropy(logits / tau) on the training nodes

    The hops are those of PyG's transform `SIGN`. What is kept grows with K, for the rows of
    training and validation nodes; what is differentiated does not grow with the graph.

    Args:
        batch_size: training nodes per update; an epoch, and its record, is then a pass over all of
            them. `None` makes one update an epoch.
        **shared: as for every learner, see `Learner`; `backbone` is `"gcn"`, and `depth` is K.

    Source: Frasca et al., *SIGN: Scalable inception graph neural networks* (2020). Chapter 11.
    """

    name = "sign"
    backbones = ("gcn",)

    def __init__(self, batch_size: int | None = None, **shared: Any) -> None:
        super().__init__(**shared)
        self.batch_size = None
        if batch_size is not None:
            self.batch_size = checks.integer("batch_size", batch_size, 1)

    def _layer_sizes(self) -> list[tuple[int, int]]:
        width = self.num_features * (self.depth + 1)
        return [(width, self.hidden), (self.hidden, self.num_classes)]

    def _rows(self, data: Data, nodes: Tensor) -> Tensor:
        weight = checks.edge_weight(data)
        count = len(data.x)
        (source, target), weight = gcn_norm(
            data.edge_index,
            None if weight is None else weight.to(data.x.dtype),
            count,
            add_self_loops=False,
            dtype=data.x.dtype,
        )
        edges = Edges(target, source, weight, (count, count))
        return torch.cat([h[nodes] for h in hops(self._scaled(data), edges, self.depth)], dim=1)

    def _learn(
        self, run: Run, x: Tensor, labels: Tensor, validate: Callable[[], float] | None
    ) -> None:
        batches: Iterable[tuple[LayerInput, Tensor]] = [(PropagatedInput(x), labels)]
        if self.batch_size is not None:
            feeder = RowBatches(self.batch_size, 0, self.seed)
            batches = feeder.batches(PropagatedInput(x), labels, number=1)

        optimizer = run.optimizer(self.layers)
        first, second = self._net()
        for _ in run.epochs(self.layers, number=None):
            mean, margin = x.new_zeros(()), []
            for batch, y in batches:  # [B, (K + 1) F], [B]
                logits = second(PropagatedInput(first(batch))) / self.temperature  # [B, C]
                loss = functional.cross_entropy(logits, y)
                run.step(optimizer, loss)
                mean += loss.detach() * (len(y) / len(labels))
                margin.append(margins(logits.detach(), y))
            run.report(mean, torch.cat(margin), validate)
