"""Single-forward with a top-down signal in the loss: a layer is judged with those above it."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite.layers import Heard, Propagated, World, compressed, normalise
from fgnn_lite.learners.base import add_votes
from fgnn_lite.learners.run import Run
from fgnn_lite.learners.single_forward import SingleForward
from fgnn_lite.matrices import Edges, Features, SparseMatrix
from fgnn_lite.objectives import accuracy, margins, sf_logits

_LONGEST = 1.0  # of a layer's gradient


class SFTopToLoss(SingleForward):
    """All layers learn at once; each one's loss sees what the layers above made a step ago.

        s_l = norm(Z_l), detached;   Z_l(t) = f_l(s_{l-1}(t-1), E')
        V_l = mean(Z_l(t), s_{l+1}(t-1), ..., s_L(t-1))
        loss_l = cross-entropy(V_train V_virtual^T / tau, y_train)
        prediction = arg max_c sum_l softmax(V_l V_virtual^T / tau)_c, in one pass from the bottom

    In every step each layer makes one update of its own, its gradient cut to length 1. No gradient
    crosses a layer, but all layers are alive at once, so memory grows with depth.

    Args:
        **shared: as for `SingleForward`.

    Source: Park et al. (2024), section 3.3. The code released with it trains with normalised
    states and predicts with un-normalised ones; here both are as above. Chapter 9.
    """

    name = "sf-top-to-loss"

    def _train(self, run: Run, data: Data) -> None:
        first, inner = self._constants(data)
        train = data.train_mask.nonzero().squeeze(-1)
        val = data.val_mask.nonzero().squeeze(-1) if "val_mask" in data else train[:0]
        validate = partial(self._validate, first, inner, val, data.y[val])
        optimizers = [run.optimizer(layer) for layer in self._net()]
        with torch.no_grad():
            states = [normalise(z) for z in self._bottom_up(first, inner)]

        for _ in run.epochs(self.layers, number=None):
            fresh = []
            for k, layer in enumerate(self._net()):
                z = layer(first if k == 0 else Heard(Features([states[k - 1]]), inner))
                nodes, virtual = self._split(self._judged(z, states[k + 1 :]))
                logits = sf_logits(nodes[train], virtual, self.temperature)
                loss = functional.cross_entropy(logits, data.y[train])
                run.step(optimizers[k], loss, clip=_LONGEST)  # inside this layer, nowhere else
                fresh.append(normalise(z.detach()))
                ahead = margins(logits.detach(), data.y[train])
                judge = validate if k == self.depth - 1 and len(val) else None
                run.report(loss, ahead, judge, layer=k + 1)
                if run.stopped:
                    break
            states = fresh

    def _constants(self, data: Data) -> tuple[Heard | Propagated, Edges | SparseMatrix]:
        """What the first layer hears, and the adjacency that the others multiply with."""
        edges, _ = self._augmented(data)
        everyone = torch.arange(edges.size[0], device=data.x.device)
        features = self._input(data, len(everyone))
        first = self._net()[0].prepare([World(features, edges)], everyone)
        return first, compressed(self.backbone, edges)

    def _bottom_up(
        self, first: Heard | Propagated, inner: Edges | SparseMatrix
    ) -> list[Tensor]:  # L x [N + C, H]
        outputs: list[Tensor] = []
        for layer in self._net():
            below = Heard(Features([normalise(outputs[-1])]), inner) if outputs else first
            outputs.append(layer(below))
        return outputs

    def _judged(self, z: Tensor, above: list[Tensor]) -> Tensor:
        """The mean of a layer's own output and the states above it [N + C, H]."""
        return sum(above, start=z) / (1 + len(above))

    def _votes(self, first: Heard | Propagated, inner: Edges | SparseMatrix) -> list[Tensor]:
        outputs = self._bottom_up(first, inner)
        states = [normalise(z) for z in outputs]
        judged = [self._judged(z, states[k + 1 :]) for k, z in enumerate(outputs)]
        return add_votes(self.accumulate, [self._vote(v) for v in judged])

    def _validate(
        self,
        first: Heard | Propagated,
        inner: Edges | SparseMatrix,
        val: Tensor,
        labels: Tensor,
    ) -> float:
        return accuracy(self._votes(first, inner)[-1][val], labels)

    def _class_scores(self, data: Data) -> list[Tensor]:
        return self._votes(*self._constants(data))
