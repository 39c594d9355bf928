"""Links with a top-down signal in the input: a layer hears the one above it, too."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.layers import Heard, compressed, normalise
from fgnn_lite.learners.link import Pairs, roc_auc
from fgnn_lite.learners.link_ce import LinkCE
from fgnn_lite.learners.run import Run
from fgnn_lite.learners.sf_top_to_input import SETTLING, UPDATES, order_of_moves
from fgnn_lite.matrices import Edges, Features, SparseMatrix

_Ends = tuple[Features, Edges | SparseMatrix]


class LinkCETopToInput(LinkCE):
    """`LinkCE` with all layers alive at once, each hearing the layer below and the layer above.

        s_l = norm(Z_l), detached;   Z_l = f_l([s_{l-1} | s_{l+1}], E), Z_L = f_L(s_{L-1}, E)
        prediction = mean over layers and counted steps of sigmoid(z_i . z_j / tau)

    It starts with a pass from the bottom that hears zeros from above; then every step updates each
    layer once. To predict, the pass is followed by steps without learning, of which all but the
    first two count.

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
        *lower, top = super()._layer_sizes()
        return [*[(inputs + self.hidden, out) for inputs, out in lower], top]

    def _train(self, run: Run, train: Data, val: Data | None) -> None:
        world, pairs = self._ends(train), self._pairs(train)
        optimizers = [run.optimizer(layer) for layer in self._net()]
        validate = None
        if val is not None:
            theirs, judged = self._ends(val), self._pairs(val)

            def validate() -> float:
                return roc_auc(self._settled(theirs, judged)[-1], judged.label)

        with torch.no_grad():
            states = self._start(world)
        moves = order_of_moves(self.updates, self.depth)
        for _ in run.epochs(self.layers, number=None):
            for k, fresh in moves:
                if fresh:
                    heard = list(states)
                z = self._net()[k](self._heard(world, k, heard))
                logits = self._logits(z, pairs)
                loss = functional.binary_cross_entropy_with_logits(logits, pairs.label)
                run.step(optimizers[k], loss)  # inside this layer, and nowhere else
                states[k] = normalise(z.detach())
                judge = validate if k == moves[-1][0] else None
                run.report(loss, pairs.margin(logits), judge, layer=k + 1)
                if run.stopped:
                    break

    def _ends(self, data: Data) -> _Ends:
        """What stays the same while states change: the input below, and who hears whom."""
        world = self._world(data, normalised=True)
        return world.features, compressed(self.backbone, world.edges)

    def _heard(self, world: _Ends, k: int, states: list[Tensor]) -> Heard:
        """What layer k, from 0, hears: the state below it and, beside that, the one above."""
        bottom, matrix = world
        below = Features([states[k - 1]]) if k else bottom
        above = states[k + 1] if k + 1 < len(states) else None
        return Heard(Features(below.blocks, below.scales, above), matrix)

    def _start(self, world: _Ends) -> list[Tensor]:
        """One pass from the bottom, with zeros from above: states L x [N, H]."""
        silence = next(self.parameters()).new_zeros(world[1].size[0], self.hidden)
        states = [silence for _ in range(self.depth)]
        for k, layer in enumerate(self._net()):
            states[k] = normalise(layer(self._heard(world, k, states)))
        return states

    def _pair_scores(self, data: Data, pairs: Pairs) -> list[Tensor]:
        return self._settled(self._ends(data), pairs)

    def _settled(self, world: _Ends, pairs: Pairs) -> list[Tensor]:
        """The votes [P] of layers 1..l, while states settle without learning."""
        states = self._start(world)
        each = [torch.zeros_like(pairs.label) for _ in range(self.depth)]
        for step in range(self.steps):
            for k, fresh in order_of_moves(self.updates, self.depth):
                if fresh:
                    heard = list(states)
                z = self._net()[k](self._heard(world, k, heard))
                states[k] = normalise(z)
                if step >= SETTLING:
                    each[k] = each[k] + self._vote(z, pairs) / (self.steps - SETTLING)
        return [torch.stack(each[:number]).mean(dim=0) for number in range(1, self.depth + 1)]
