"""SGC: propagate K times, then a linear classifier."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite.learners.rows import RowNet, hops
from fgnn_lite.learners.run import Run
from fgnn_lite.objectives import margins


class SGC(RowNet):
    """A linear classifier on features that were propagated K times.

        logits = M^K X W^T + b   with M = D^-1/2 (A + I) D^-1/2,   M^K X made once
        loss = cross-entropy(logits / tau) + weight_decay / 2 (||W||^2 + ||b||^2)

    The problem is convex: there is one answer, and every update is a step of L-BFGS towards it,
    until the gradient is rounding. It needs no way back through a layer, and its memory does not
    grow with K.

    Args:
        **shared: as for every learner, see `Learner`; `depth` is K. There is no hidden layer, so
            `hidden` means nothing, and nor does the `lr` of `fit`: a step has its full length.
            `features="auto"` is `"l2"` on bags of words, where other learners take `"sum"`: rows
            of small numbers need large weights, which weight decay holds back.

    Source: Wu et al., *Simplifying graph convolutional networks* (ICML 2019). Chapter 11.
    """

    name = "sgc"
    backbones = ("gcn",)

    def _layer_sizes(self) -> list[tuple[int, int]]:
        return [(self.num_features, self.num_classes)]

    def _scaling(self, data: Data) -> str:
        found = super()._scaling(data)
        return "l2" if self.features == "auto" and found == "sum" else found

    def _rows(self, data: Data, nodes: Tensor) -> Tensor:
        (last,) = deque(hops(self._scaled(data), self._adjacency(data), self.depth), maxlen=1)
        return last[nodes]

    def _learn(
        self, run: Run, x: Tensor, labels: Tensor, validate: Callable[[], float] | None
    ) -> None:
        epochs = run.epochs(self.layers, number=None)
        parameters = list(self.layers.parameters())
        minimise(
            run, epochs, parameters, lambda: self._logits(x) / self.temperature, labels, validate
        )


def minimise(
    run: Run,
    epochs: Iterable[int],
    parameters: list[torch.nn.Parameter],
    logits: Callable[[], Tensor],
    labels: Tensor,
    validate: Callable[[], float] | None,
) -> None:
    """Minimise a cross-entropy, and the weight decay's square, that are convex in the parameters.

    Args:
        run: of the training.
        epochs: of `run`.
        parameters: all that is learned.
        logits: linear in the parameters [T, C].
        labels: of the T rows [T].
        validate: as `Run.report` takes it.
    """
    optimizer, flat = FullStep(parameters), torch.finfo(parameters[0].dtype).eps
    for _ in epochs:
        z = logits()
        loss = functional.cross_entropy(z, labels)
        size = torch.stack([p.square().sum() for p in parameters]).sum()
        run.step(optimizer, loss + run.budget.weight_decay / 2 * size)
        run.converged = optimizer.slope <= flat
        run.report(loss, margins(z.detach(), labels), validate)


class FullStep(torch.optim.LBFGS):
    """L-BFGS that takes the gradient which is there, and a step of full length.

    Args:
        parameters: of a convex problem.

    Source: Liu & Nocedal, *On the limited memory BFGS method* (1989).
    """

    def __init__(self, parameters: list[torch.nn.Parameter]) -> None:
        super().__init__(parameters, lr=1.0, max_iter=1, tolerance_grad=0, tolerance_change=0)
        self.slope = float("inf")  # the largest part of the last gradient

    def step(self, closure: Any = None) -> Any:
        """One step of L-BFGS: along the gradient, corrected by the steps before."""
        (group,) = self.param_groups
        self.slope = max(float(p.grad.abs().max()) for p in group["params"])
        return super().step(lambda: 0.0)  # the loss itself is never looked at
