"""Links by backpropagation, the yardstick: one loss at the top, one gradient through all layers."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite.layers import BACKBONES, GraphView
from fgnn_lite.learners.bp import through
from fgnn_lite.learners.link import LinkLearner, Pairs, roc_auc
from fgnn_lite.learners.run import Run


class LinkBP(LinkLearner):
    """A net that is trained end to end to give linked nodes similar outputs.

        logit of a pair = z_i . z_j / tau,   z: the last layer's output, without ReLU
        loss = binary cross-entropy over links and pairs that are none

    Args:
        **shared: as for every learner of links, see `LinkLearner`.

    Source: Park et al. (2024), section 4. Chapter 10.
    """

    name = "link-bp"
    local = False

    def _train(self, run: Run, train: Data, val: Data | None) -> None:
        view, pairs = self._view(train, normalised=False), self._pairs(train)
        optimizer = run.optimizer(self.layers)
        validate = None
        if val is not None:
            view_val, pairs_val = self._view(val, normalised=False), self._pairs(val)

            def validate() -> float:
                return roc_auc(self._logits(self._output(view_val), pairs_val), pairs_val.label)

        for _ in run.epochs(self.layers, number=None):
            logits = self._logits(self._output(view), pairs)  # [P]
            loss = functional.binary_cross_entropy_with_logits(logits, pairs.label)
            run.step(optimizer, loss)
            run.report(loss, pairs.margin(logits), validate)

    def _output(self, view: GraphView) -> Tensor:  # [N, H]
        matrix = BACKBONES[self.backbone].compressed(view.edges)
        return through(self._net(), view.features, matrix)

    def _pair_scores(self, data: Data, pairs: Pairs) -> list[Tensor]:
        z = self._output(self._view(data, normalised=False))
        return [torch.sigmoid(self._logits(z, pairs))]
