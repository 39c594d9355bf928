"""What the cheap rivals share: a net that reads one row a node, made before it trains."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator

import torch
from torch import Tensor
from torch_geometric.data import Data

from fgnn_lite.layers import Layer, PropagatedInput, input_scale
from fgnn_lite.learners.base import Learner, nodes_in, validation
from fgnn_lite.learners.run import Run
from fgnn_lite.matrices import Matrix


class RowNet(Learner):
    """A net of single nodes: what it knows of the graph was put into their rows beforehand.

        h_0 = the node's row,   h_l = ReLU(h_{l-1} W_l^T + b_l),   logits = h_{L-1} W_L^T + b_L

    The rows are constants, so no gradient ever passes through the graph.

    Args:
        **shared: as for every learner, see `Learner`.
    """

    local = False

    @abstractmethod
    def _rows(self, data: Data, nodes: Tensor) -> Tensor:
        """What the net gets of some nodes [R, .]."""

    @abstractmethod
    def _learn(
        self, run: Run, x: Tensor, labels: Tensor, validate: Callable[[], float] | None
    ) -> None:
        """Train on rows [T, .] and their labels [T]."""

    def _answers(self, number: int) -> bool:
        return number == len(self._layer_sizes())

    def _layer(self, number: int, inputs: int, outputs: int) -> Layer:
        return Layer("mlp", inputs, outputs, last=self._answers(number))

    def _train(self, run: Run, data: Data) -> None:
        train, val = nodes_in(data, "train_mask"), nodes_in(data, "val_mask")  # [T], [V]
        rows = self._rows(data, torch.cat([train, val]))  # [T + V, .]
        x, x_val = rows.split([len(train), len(val)])
        validate = validation(lambda: self._logits(x_val), data.y[val])
        self._learn(run, x, data.y[train], validate)

    def _logits(self, h: Tensor) -> Tensor:  # [R, .] -> [R, C]
        for layer in self._net():
            h = layer(PropagatedInput(h))
        return h

    def _class_scores(self, data: Data) -> list[Tensor]:
        nodes = torch.arange(len(data.x), device=data.x.device)
        return [self._logits(self._rows(data, nodes))]

    def _scaled(self, data: Data) -> Tensor:
        """X with its rows scaled [N, F]: X itself where there is nothing to scale."""
        scale = input_scale(data.x, self.scaling)
        return data.x if scale is None else data.x * scale.unsqueeze(-1)


def hops(x: Tensor, edges: Matrix, count: int) -> Iterator[Tensor]:
    """X, M X, ..., M^K X [N, F], one after the other; no more than two exist at a time.

    Args:
        x: features X [N, F].
        edges: the adjacency M [N, N].
        count: K.
    """
    matrix = edges.sparse()
    yield x
    for _ in range(count):
        x = matrix @ x
        yield x
