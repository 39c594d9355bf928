"""Cascaded forward: layers stay random, and a readout of each one learns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from fgnn_lite import checks
from fgnn_lite.layers import LayerInput
from fgnn_lite.learners.local_heads import LocalHeads
from fgnn_lite.learners.run import Run
from fgnn_lite.learners.sgc import minimise
from fgnn_lite.objectives import margins

READOUTS = ("ridge", "cross-entropy")


class CaFo(LocalHeads):
    """Random layers, each with a linear readout; only the readouts learn.

        Z_l = ReLU(conv_l(norm(Z_{l-1}), E)), conv_l as it was drawn,   P_l = Z_l M_l   [N, C]
        ridge: M_l = (Z^T Z + lambda I)^-1 Z^T Y, on the training rows; Y is one-hot
        cross-entropy: M_l = arg min cross-entropy(P_train / tau, y) + weight_decay / 2 ||M_l||^2
        prediction = arg max_c sum_l softmax(P_l / tau)_c

    Ridge is solved at once: a layer has one update, whatever `epochs` says, and neither `lr` nor
    `weight_decay` counts. Cross-entropy is convex, too: an update is a step of L-BFGS, as in
    `SGC`. No gradient passes through a layer, and memory does not grow with depth.

    Args:
        readout: `"ridge"` or `"cross-entropy"`.
        penalty: lambda > 0, of ridge.
        **shared: as for `LocalHeads`.

    Source: Zhao et al., *The cascaded forward algorithm for neural network training* (2023);
    there the mean squared error has no penalty. Chapter 12.
    """

    name = "cafo"

    def __init__(self, readout: str = "ridge", penalty: float = 1e-3, **shared: Any) -> None:
        super().__init__(**shared)
        self.readout = checks.one_of("readout", readout, READOUTS)
        self.penalty = checks.number("penalty", penalty, 0.0, open_low=True)

    def _learn(
        self,
        run: Run,
        number: int,
        x: LayerInput,
        labels: Tensor,
        validate: Callable[[], float] | None,
    ) -> None:
        layer = self._net()[number - 1]
        with torch.no_grad():
            z = layer(x)  # [T, H], a constant
        (weight,) = layer.head.parameters()
        epochs = run.epochs(layer, number)
        if self.readout == "cross-entropy":
            minimise(run, epochs, [weight], lambda: self._logits(layer, z), labels, validate)
            return
        for _ in epochs:
            loss = self._solve(z, labels, weight)
            run.converged = True
            run.report(loss, margins(self._logits(layer, z).detach(), labels), validate)

    @torch.no_grad()
    def _solve(self, z: Tensor, labels: Tensor, weight: Tensor) -> Tensor:
        """Ridge into the readout [C, H]; returns the squared error of a node."""
        z = z.double()
        y = functional.one_hot(labels, self.num_classes).double()  # [T, C]
        ridge = self.penalty * torch.eye(z.shape[1], dtype=z.dtype, device=z.device)
        found = torch.linalg.solve(z.t() @ z + ridge, z.t() @ y)  # [H, C]
        weight.copy_(found.t())
        return (z @ found - y).square().sum(dim=1).mean()
