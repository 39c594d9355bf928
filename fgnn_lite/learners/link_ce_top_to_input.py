"""Links with a top-down signal in the input: a layer gets the state above it, too."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.layers import BACKBONES, normalise
from fgnn_lite.learners.link import Pairs, roc_auc
from fgnn_lite.learners.link_ce import LinkCE
from fgnn_lite.learners.run import Run
from fgnn_lite.learners.top_down import (
    SETTLING,
    UPDATES,
    TopDownInput,
    moves,
    order,
    settled_votes,
    with_above,
)


class LinkCETopToInput(LinkCE):
    """`LinkCE` with all layers alive at once: each one gets the states below and above it.

        s_l = norm(Z_l), detached;   Z_l = f_l([s_{l-1} | s_{l+1}], E), Z_L = f_L(s_{L-1}, E)
        prediction = mean over layers and counted steps of sigmoid(z_i . z_j / tau)

    It starts with a pass from the bottom, with zeros in place of what is above; then every step
    updates each layer once. To predict, the pass is followed by steps without learning, of which
    all but the first two count.

    Args:
        updates: `"alternating"` or `"simultaneous"`, as for `SFTopToInput`.
        steps: steps of inference, at least 3.
        **shared: as for every learner of links, see `LinkLearner`.

    Source: Park et al. (2024), sections 3.3 and 3.4. Chapter 10.
    """

    name = "link-ce-top-to-input"

    def __init__(self, updates: str = "alternating", steps: int = 10, **shared: Any) -> None:
        super().__init__(**shared)
        self.updates = checks.one_of("updates", updates, UPDATES)
        self.steps = checks.integer("steps", steps, SETTLING + 1)

    @property
    def layer_wise(self) -> bool:
        """False: all layers are trained side by side, one update of each in every step."""
        return False

    def _layer_sizes(self) -> list[tuple[int, int]]:
        return with_above(super()._layer_sizes(), 0)

    def _train(self, run: Run, train: Data, val: Data | None) -> None:
        x, pairs = self._constants(train), self._pairs(train)  # [N, F + H]
        optimizers = [run.optimizer(layer) for layer in self._net()]
        last = order(self.updates, self.depth)[-1][-1]
        validate = None
        if val is not None:
            x_val, pairs_val = self._constants(val), self._pairs(val)

            def validate() -> float:
                return roc_auc(self._settled(x_val, pairs_val)[-1], pairs_val.label)

        with torch.no_grad():
            states = self._start(x)  # L x [N, H]
        for _ in run.epochs(self.layers, number=None):
            for k, before in moves(self.updates, states):
                z = self._net()[k](x.of(k, before))  # [N, H]
                logits = self._logits(z, pairs)  # [P]
                loss = functional.binary_cross_entropy_with_logits(logits, pairs.label)
                run.step(optimizers[k], loss)  # inside this layer, and nowhere else
                states[k] = normalise(z.detach())
                judge = validate if k == last else None
                run.report(loss, pairs.margin(logits), judge, layer=k + 1)
                if run.stopped:
                    break

    def _constants(self, data: Data) -> TopDownInput:
        view = self._view(data, normalised=True)
        return TopDownInput(view.features, BACKBONES[self.backbone].compressed(view.edges))

    def _start(self, x: TopDownInput) -> list[Tensor]:
        zeros = next(self.parameters()).new_zeros(x.matrix.size[0], self.hidden)
        return x.start(self._net(), [zeros] * self.depth)

    def _pair_scores(self, data: Data, pairs: Pairs) -> list[Tensor]:
        return self._settled(self._constants(data), pairs)

    def _settled(self, x: TopDownInput, pairs: Pairs) -> list[Tensor]:
        """The votes [P] of layers 1..l, for l = 1..L."""
        layers, counted = self._net(), self.steps - SETTLING
        each = settled_votes(
            lambda k, before: layers[k](x.of(k, before)),
            lambda z: self._vote(z, pairs) / counted,
            self._start(x),
            self.steps,
            self.updates,
        )
        return [torch.stack(each[:number]).mean(dim=0) for number in range(1, self.depth + 1)]
