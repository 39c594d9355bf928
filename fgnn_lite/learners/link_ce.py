"""Links, layer by layer: each layer learns alone which nodes belong together."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.layers import GraphView, Layer, LayerInput, next_input, output
from fgnn_lite.learners.link import LinkLearner, Pairs, roc_auc
from fgnn_lite.learners.run import Run


class LinkCE(LinkLearner):
    """Layers that are trained one after the other to give linked nodes similar activities.

        Z_l = ReLU(conv_l(norm(Z_{l-1}), E))
        loss_l = binary cross-entropy of sigmoid(z_i . z_j / tau) over links and pairs that are none
        prediction = mean over layers of sigmoid(z_i . z_j / tau)

    Activities are never negative, so no pair gets a probability under one half, and the loss of a
    pair that is no link is at least log 2.

    Args:
        **shared: as for every learner of links, see `LinkLearner`.

    Source: Park et al. (2024), section 3.4 (ForwardGNN-CE). Chapter 10.
    """

    name = "link-ce"

    @property
    def layer_wise(self) -> bool:
        """True: a layer is finished before the next one begins."""
        return True

    def _train(self, run: Run, train: Data, val: Data | None) -> None:
        view, pairs = self._view(train, normalised=True), self._pairs(train)
        view_val, pairs_val = view, pairs
        if val is not None:
            pairs_val = self._pairs(val)
            view_val = view if _same_graph(val, train) else self._view(val, normalised=True)
        votes = torch.zeros_like(pairs_val.label)  # [P]

        for number, layer in enumerate(self._net(), start=1):
            x = self._input(layer, view)  # [N, F], detached
            x_val = x if view_val is view else self._input(layer, view_val)
            validate = partial(self._auc, layer, x_val, pairs_val, votes)

            optimizer = run.optimizer(layer)
            for _ in run.epochs(layer, number):
                logits = self._logits(layer(x), pairs)  # [N, H] -> [P]
                loss = functional.binary_cross_entropy_with_logits(logits, pairs.label)
                run.step(optimizer, loss)  # inside this layer, and nowhere else
                judge = None if val is None else validate
                run.report(loss, pairs.margin(logits), judge, self._goodness(logits, pairs))
            del optimizer

            if run.stopped or number == self.depth:
                return
            with torch.no_grad():
                votes = votes + self._vote(layer(x_val), pairs_val)
                upper = next_input(layer(x), view)
                view_val = upper if view_val is view else next_input(layer(x_val), view_val)
                view = upper

    def _goodness(self, logits: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor] | None:
        """Of links and of other pairs, where there is such a thing."""
        return None

    def _input(self, layer: Layer, view: GraphView) -> LayerInput:
        """The input for all nodes."""
        return layer.prepare([view], torch.arange(view.edges.size[0], device=view.edges.device))

    def _vote(self, z: Tensor, pairs: Pairs) -> Tensor:
        return torch.sigmoid(self._logits(z, pairs))

    def _auc(self, layer: Layer, x: LayerInput, pairs: Pairs, votes: Tensor) -> float:
        return roc_auc(votes + self._vote(layer(x), pairs), pairs.label)

    def _pair_scores(self, data: Data, pairs: Pairs) -> list[Tensor]:
        view = self._view(data, normalised=True)
        total, means = torch.zeros_like(pairs.label), []
        for number, layer in enumerate(self._net()[: self.trained_layers], start=1):
            z = output(layer, view)  # [N, H]
            total = total + self._vote(z, pairs)  # [P]
            means.append(total / number)
            view = next_input(z, view)
        return means


def _same_graph(one: Data, other: Data) -> bool:
    """Whether two parts of a split have the same features, edges and weights of edges."""
    weights = checks.edge_weight(one), checks.edge_weight(other)
    each = [(one.edge_index, other.edge_index), (one.x, other.x), weights]
    return all(a is b or (a is not None and b is not None and torch.equal(a, b)) for a, b in each)
