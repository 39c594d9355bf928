"""Single-forward: every layer learns alone, from one pass over one graph, without negatives."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.layers import BACKBONES, GraphView, Layer, LayerInput, next_input
from fgnn_lite.learners.base import add_vote, nodes_in, validation
from fgnn_lite.learners.feeders import Feeder, RowBatches, WholeGraph
from fgnn_lite.learners.run import Run
from fgnn_lite.learners.single_forward import SingleForward
from fgnn_lite.objectives import margins


class SF(SingleForward):
    """Layers that are trained one after the other to agree with the node of the right class.

        Z_l = ReLU(conv_l(norm(Z_{l-1}), E'))            E': the edges and the virtual nodes'
        loss_l = cross-entropy(Z_train Z_virtual^T / tau, y_train)
        prediction = arg max_c sum_l softmax(Z_l Z_virtual^T / tau)_c

    While layer l trains, its input is a constant: it is detached, normalised and, for GCN and
    GraphSAGE, propagated once. Only training and class nodes are computed, as the loss reads no
    other. One layer's gradients and optimiser exist at a time: memory does not grow with depth.

    Args:
        batch_size: training nodes per update, for GCN and GraphSAGE; an epoch, and its record, is
            then a pass over all of them. A batch is some rows of the propagated input: no neighbour
            is sampled, and beyond the stored features memory grows with the batch, not with the
            graph. `None` makes one update an epoch, of all training nodes.
        **shared: as for `SingleForward`.

    Source: Park et al. (2024), section 3.2; batches of rows are this library's own. Chapter 7.
    """

    name = "sf"

    def __init__(self, batch_size: int | None = None, **shared: Any) -> None:
        super().__init__(**shared)
        self.batch_size = None
        if batch_size is not None:
            self.batch_size = checks.integer("batch_size", batch_size, 1)
        if self.batch_size and not BACKBONES[self.backbone].caches:
            raise ValueError(
                f"batch_size must be None with {self.backbone!r}: only what 'gcn' and 'sage' "
                f"aggregate can be propagated in advance and cut into rows; got {batch_size}"
            )

    @property
    def layer_wise(self) -> bool:
        """True: a layer is finished before the next one begins."""
        return True

    def _train(self, run: Run, data: Data) -> None:
        feeder, total = self._feeder(), None
        view, virtual = self._view(data, feeder)  # features [N + C, F]
        train, val = nodes_in(data, "train_mask"), nodes_in(data, "val_mask")  # [T], [V]

        for number, layer in enumerate(self._net(), start=1):
            x = layer.prepare([view], torch.cat([train, virtual]))  # [T + C, F], detached
            x_val = layer.prepare([view], torch.cat([val, virtual]))  # [V + C, F]
            batches = feeder.batches(x, data.y[train], number)
            y_val = data.y[val]
            votes = partial(self._votes, feeder, number, layer, x_val, y_val, total)
            validate = validation(votes, y_val)

            optimizer = run.optimizer(layer)
            for _ in run.epochs(layer, number):
                mean, margin = data.x.new_zeros(()), []
                for batch, y in batches:  # [B + C, F], [B]
                    logits = self._logits(layer(batch))  # [B + C, H] -> [B, C]
                    loss = functional.cross_entropy(logits, y)
                    run.step(optimizer, loss)  # inside this layer, and nowhere else
                    mean += loss.detach() * (len(y) / len(train))
                    margin.append(margins(logits.detach(), y))
                run.report(mean, torch.cat(margin), validate)
            del optimizer

            if run.stopped or number == self.depth:
                return
            with torch.no_grad():
                total = votes()  # of the finished layers [V, C]
                view = next_input(feeder.output(layer, view), view)  # [N + C, H]

    def _class_scores(self, data: Data) -> list[Tensor]:
        feeder = self._feeder()
        view, _ = self._view(data, feeder)
        scores: list[Tensor] = []
        for number, layer in enumerate(self._net()[: self.trained_layers], start=1):
            z = feeder.output(layer, view)  # [N + C, H]
            below = scores[-1] if scores else None
            scores.append(add_vote(self.accumulate, below, self._vote(z), number))  # [N, C]
            view = next_input(z, view)
        return scores

    def _feeder(self) -> Feeder:
        if self.batch_size is None:
            return WholeGraph(self.backbone)
        return RowBatches(self.batch_size, self.num_classes, self.seed)

    def _view(self, data: Data, feeder: Feeder) -> tuple[GraphView, Tensor]:
        """The graph with class nodes as the first layer gets it, and their indices [C]."""
        edges, virtual = self._augmented(data)
        rows = int(data.train_mask.sum()) + len(virtual)
        features = self._input(data, feeder.kept_rows(rows))
        return GraphView(features, feeder.matrix(edges)), virtual

    def _votes(
        self,
        feeder: Feeder,
        number: int,
        layer: Layer,
        x: LayerInput,
        labels: Tensor,
        total: Tensor | None,
    ) -> Tensor:  # [V, C]
        """The votes of layers 1..number, from those of the layers below and this layer's own."""
        votes = [self._vote(layer(part)) for part in feeder.parts(x, labels)]
        return add_vote(self.accumulate, total, torch.cat(votes), number)
