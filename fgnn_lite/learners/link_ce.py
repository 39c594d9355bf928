"""Links, layer by layer: each layer learns alone which nodes belong together."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite.augment import edge_weights
from fgnn_lite.layers import Heard, Layer, Propagated, World, hand_on, output
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
        mine, pairs = self._world(train, normalised=True), self._pairs(train)
        theirs, judged = mine, pairs
        if val is not None:
            judged = self._pairs(val)
            same = torch.equal(val.edge_index, train.edge_index) and torch.equal(val.x, train.x)
            same = same and _equal(edge_weights(val), edge_weights(train))
            theirs = mine if same else self._world(val, normalised=True)
        votes = torch.zeros_like(judged.label)

        for number, layer in enumerate(self._net(), start=1):
            heard = self._everyone(layer, mine)
            heard_val = heard if theirs is mine else self._everyone(layer, theirs)
            validate = partial(self._auc, layer, heard_val, judged, votes)

            optimizer = run.optimizer(layer)
            for _ in run.epochs(layer, number):
                logits = self._logits(layer(heard), pairs)
                loss = functional.binary_cross_entropy_with_logits(logits, pairs.label)
                run.step(optimizer, loss)  # inside this layer, and nowhere else
                judge = None if val is None else validate
                run.report(loss, pairs.margin(logits), judge, self._goodness(logits, pairs))
            del optimizer

            if run.stopped or number == self.depth:
                return
            with torch.no_grad():
                votes = votes + self._vote(layer(heard_val), judged)
                upper = hand_on(layer(heard), mine)
                theirs = upper if theirs is mine else hand_on(layer(heard_val), theirs)
                mine = upper

    def _goodness(self, logits: Tensor, pairs: Pairs) -> tuple[Tensor, Tensor] | None:
        """Of links and of other pairs, where there is such a thing."""
        return None

    def _everyone(self, layer: Layer, world: World) -> Heard | Propagated:
        nodes = torch.arange(world.edges.size[0], device=world.edges.device)
        return layer.prepare([world], nodes)

    def _vote(self, z: Tensor, pairs: Pairs) -> Tensor:
        return torch.sigmoid(self._logits(z, pairs))

    def _auc(self, layer: Layer, heard: Heard | Propagated, pairs: Pairs, votes: Tensor) -> float:
        return roc_auc(votes + self._vote(layer(heard), pairs), pairs.label)

    def _pair_scores(self, data: Data, pairs: Pairs) -> list[Tensor]:
        world = self._world(data, normalised=True)
        total, means = torch.zeros_like(pairs.label), []
        for number, layer in enumerate(self._net()[: self.trained_layers], start=1):
            z = output(layer, world)
            total = total + self._vote(z, pairs)
            means.append(total / number)
            world = hand_on(z, world)
        return means


def _equal(one: Tensor | None, other: Tensor | None) -> bool:
    if one is None or other is None:
        return one is other
    return torch.equal(one, other)
