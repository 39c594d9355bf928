"""Class groups: each class has some of a layer's units, and theirs is the goodness that counts."""

from __future__ import annotations

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
from fgnn_lite.objectives import group_goodness, margins


class ClassGroups(Learner):
    """Layers trained in turn, so that the units of the right class have the highest goodness.

        Z_l = ReLU(conv_l(norm(Z_{l-1}), E))
        g_c = mean over the units j of group c of Z_l[:, j]^2   [N, C]
        loss_l = cross-entropy(g_train / tau, y_train)
        prediction = arg max_c sum_l softmax(g / tau)_c

    The H units are cut into C groups of neighbouring units. No label is in the input, no negative
    is made and there is one pass: the other groups are the negatives. Where C does not divide H,
    some groups have one unit more, which the mean does not see. As in `SF`, a layer's input is a
    constant while it trains: it is detached, normalised and, for GCN and GraphSAGE, propagated
    once; memory does not grow with depth.

    Args:
        accumulate: the layers whose votes are added up: `"all"`, `"skip-first"` or `"last"`.
        **shared: as for every learner, see `Learner`; `hidden` must be at least C.

    Source: Hinton (2022), on goodness by groups of units, among the open questions;
    Papachristodoulou et al., *Convolutional channel-wise competitive learning for the
    forward-forward algorithm* (2024); on graphs this library's own. Chapter 12.
    """

    name = "class-groups"

    def __init__(self, accumulate: str = "all", **shared: Any) -> None:
        super().__init__(**shared)
        self.accumulate = checks.one_of("accumulate", accumulate, ACCUMULATE)

    @property
    def layer_wise(self) -> bool:
        """True: a layer is finished before the next one begins."""
        return True

    def _check_graph(self, data: Data) -> None:
        classes = checks.num_classes(data)
        if self.hidden < classes:
            raise ValueError(
                f"hidden must be at least the graph's {classes} classes, each of which has a group "
                f"of units; got {self.hidden}"
            )

    def _train(self, run: Run, data: Data) -> None:
        feeder, total = WholeGraph(self.backbone), None
        view = self._view(data, int(data.train_mask.sum()))  # features [N, F]
        train, val = nodes_in(data, "train_mask"), nodes_in(data, "val_mask")  # [T], [V]
        y = data.y[train]

        for number, layer in enumerate(self._net(), start=1):
            x = layer.prepare([view], train)  # [T, F], detached
            x_val = layer.prepare([view], val)  # [V, F]
            votes = partial(self._votes, number, layer, x_val, total)
            validate = validation(votes, data.y[val])

            optimizer = run.optimizer(layer)
            for _ in run.epochs(layer, number):
                logits = self._logits(layer(x))  # [T, H] -> [T, C]
                loss = functional.cross_entropy(logits, y)
                run.step(optimizer, loss)  # inside this layer, and nowhere else
                run.report(loss, margins(logits.detach(), y), validate)
            del optimizer

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
            vote = self._logits(z).softmax(-1)  # [N, C]
            scores.append(add_vote(self.accumulate, below, vote, number))
            view = next_input(z, view)
        return scores

    def _view(self, data: Data, rows: int) -> GraphView:
        """The graph as the first layer gets it, which computes so many rows: X is not copied."""
        scale = direction_scale(data.x, input_scale(data.x, self.scaling))
        features = Features.smallest(data.x, scale, WholeGraph(self.backbone).kept_rows(rows))
        return GraphView(features, self._adjacency(data))

    def _logits(self, z: Tensor) -> Tensor:  # [., H] -> [., C]
        return group_goodness(z, self.num_classes) / self.temperature

    def _votes(
        self, number: int, layer: Layer, x: LayerInput, total: Tensor | None
    ) -> Tensor:  # [V, C]
        """The votes of layers 1..number, from those of the layers below and this layer's own."""
        vote = self._logits(layer(x)).softmax(-1)
        return add_vote(self.accumulate, total, vote, number)
