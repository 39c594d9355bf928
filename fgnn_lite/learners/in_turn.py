"""What learners of one layer after the other share, where no node is added to the graph."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.layers import GraphView, Layer, LayerInput, direction_scale, input_scale, next_input
from fgnn_lite.learners.base import ACCUMULATE, Learner, add_vote, nodes_in, validation
from fgnn_lite.learners.feeders import WholeGraph
from fgnn_lite.learners.run import Run
from fgnn_lite.matrices import Features
from fgnn_lite.objectives import margins


class InTurn(Learner):
    """Layers trained one after the other, each to give the right class the highest logit.

        Z_l = ReLU(conv_l(norm(Z_{l-1}), E))
        loss_l = cross-entropy(logits_l(Z_train), y_train)
        prediction = arg max_c sum_l softmax(logits_l(Z_l))_c

    While layer l trains, its input is a constant: it is detached, normalised and, for GCN and
    GraphSAGE, propagated once, for the rows that the loss reads. Memory does not grow with depth.

    Args:
        accumulate: the layers whose votes are added up: `"all"`, `"skip-first"` or `"last"`.
        **shared: as for every learner, see `Learner`.
    """

    def __init__(self, accumulate: str = "all", **shared: Any) -> None:
        super().__init__(**shared)
        self.accumulate = checks.one_of("accumulate", accumulate, ACCUMULATE)

    @property
    def layer_wise(self) -> bool:
        """True: a layer is finished before the next one begins."""
        return True

    @abstractmethod
    def _logits(self, layer: Layer, z: Tensor) -> Tensor:
        """What a layer's output [., H] says of each class [., C]."""

    def _learn(
        self,
        run: Run,
        number: int,
        x: LayerInput,
        labels: Tensor,
        validate: Callable[[], float] | None,
    ) -> None:
        """Train one layer on its input of T rows and their labels [T]."""
        layer = self._net()[number - 1]
        optimizer = run.optimizer(layer)
        for _ in run.epochs(layer, number):
            logits = self._logits(layer, layer(x))  # [T, H] -> [T, C]
            loss = functional.cross_entropy(logits, labels)
            run.step(optimizer, loss)  # inside this layer, and nowhere else
            run.report(loss, margins(logits.detach(), labels), validate)

    def _train(self, run: Run, data: Data) -> None:
        feeder, total = WholeGraph(self.backbone), None
        view = self._view(data, int(data.train_mask.sum()))  # features [N, F]
        train, val = nodes_in(data, "train_mask"), nodes_in(data, "val_mask")  # [T], [V]

        for number, layer in enumerate(self._net(), start=1):
            x = layer.prepare([view], train)  # [T, F], detached
            x_val = layer.prepare([view], val)  # [V, F]
            votes = partial(self._votes, number, layer, x_val, total)
            self._learn(run, number, x, data.y[train], validation(votes, data.y[val]))
            if run.stopped or number == self.depth:
                return
            with torch.no_grad():
                total = votes()  # of the finished layers [V, C]
                view = next_input(feeder.output(layer, view), view)  # [N, H]

    def _class_scores(self, data: Data) -> list[Tensor]:
        feeder = WholeGraph(self.backbone)
        view = self._view(data, len(data.x))
        scores: list[Tensor] = []
        for number, layer in enumerate(self._net()[: self.trained_layers], start=1):
            z = feeder.output(layer, view)  # [N, H]
            below = scores[-1] if scores else None
            vote = self._logits(layer, z).softmax(-1)  # [N, C]
            scores.append(add_vote(self.accumulate, below, vote, number))
            view = next_input(z, view)
        return scores

    def _view(self, data: Data, rows: int) -> GraphView:
        """The graph as the first layer gets it, which computes so many rows: X is not copied."""
        scale = direction_scale(data.x, input_scale(data.x, self.scaling))
        features = Features.smallest(data.x, scale, WholeGraph(self.backbone).kept_rows(rows))
        return GraphView(features, self._adjacency(data))

    def _votes(
        self, number: int, layer: Layer, x: LayerInput, total: Tensor | None
    ) -> Tensor:  # [V, C]
        """The votes of layers 1..number, from those of the layers below and this layer's own."""
        vote = self._logits(layer, layer(x)).softmax(-1)
        return add_vote(self.accumulate, total, vote, number)
