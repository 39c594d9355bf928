"""Single-forward with a top-down signal in the loss: a layer is judged with those above it."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite.layers import BACKBONES, GraphInput, GraphView, LayerInput, normalise
from fgnn_lite.learners.base import add_votes, nodes_in, validation
from fgnn_lite.learners.run import Run
from fgnn_lite.learners.single_forward import SingleForward
from fgnn_lite.matrices import Features, Matrix
from fgnn_lite.objectives import margins, sf_logits

_LONGEST = 1.0  # of a layer's gradient


class SFTopToLoss(SingleForward):
    """All layers learn at once; each one's loss sees the states above it of the step before.

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
        x, matrix = self._constants(data)  # [N + C, F], [N + C, N + C]
        train, val = nodes_in(data, "train_mask"), nodes_in(data, "val_mask")  # [T], [V]
        validate = validation(lambda: self._votes(x, matrix)[-1][val], data.y[val])
        optimizers = [run.optimizer(layer) for layer in self._net()]
        with torch.no_grad():
            states = [normalise(z) for z in self._bottom_up(x, matrix)]  # L x [N + C, H]

        for _ in run.epochs(self.layers, number=None):
            fresh = []
            for k, layer in enumerate(self._net()):
                z = layer(GraphInput(Features([states[k - 1]]), matrix) if k else x)  # [N + C, H]
                nodes, virtual = self._split(self._judged(z, states[k + 1 :]))  # [N, H], [C, H]
                logits = sf_logits(nodes[train], virtual, self.temperature)  # [T, C]
                loss = functional.cross_entropy(logits, data.y[train])
                run.step(optimizers[k], loss, clip=_LONGEST)  # inside this layer, nowhere else
                fresh.append(normalise(z.detach()))
                judge = validate if k == self.depth - 1 else None
                margin = margins(logits.detach(), data.y[train])
                run.report(loss, margin, judge, layer=k + 1)
                if run.stopped:
                    break
            states = fresh

    def _constants(self, data: Data) -> tuple[LayerInput, Matrix]:
        """The input of the first layer, and the adjacency that the others multiply with."""
        edges, _ = self._augmented(data)
        everyone = torch.arange(edges.size[0], device=data.x.device)
        backbone = BACKBONES[self.backbone]
        features = self._input(data, len(everyone) * backbone.kept)
        first = self._net()[0].prepare([GraphView(features, edges)], everyone)
        return first, backbone.compressed(edges)

    def _bottom_up(self, x: LayerInput, matrix: Matrix) -> list[Tensor]:  # L x [N + C, H]
        outputs: list[Tensor] = []
        for layer in self._net():
            outputs.append(layer(x))
            x = GraphInput(Features([normalise(outputs[-1])]), matrix)
        return outputs

    def _judged(self, z: Tensor, above: list[Tensor]) -> Tensor:
        """The mean of a layer's own output and the states above it [N + C, H]."""
        return sum(above, start=z) / (1 + len(above))

    def _votes(self, x: LayerInput, matrix: Matrix) -> list[Tensor]:  # L x [N, C]
        outputs = self._bottom_up(x, matrix)
        states = [normalise(z) for z in outputs]
        judged = [self._judged(z, states[k + 1 :]) for k, z in enumerate(outputs)]
        return add_votes(self.accumulate, [self._vote(v) for v in judged])

    def _class_scores(self, data: Data) -> list[Tensor]:
        return self._votes(*self._constants(data))
