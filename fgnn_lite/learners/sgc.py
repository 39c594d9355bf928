"""SGC: propagate K times, then a linear classifier. Nothing is cheaper, and little is better."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable

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

    The problem is convex: there is one answer, and every update is a step of L-BFGS towards it. It
    needs no way back through a layer, and its memory does not grow with K.

    Args:
        **shared: as for every learner, see `Learner`; `depth` is K. There is no hidden layer, so
            `hidden` means nothing, and nor does the `lr` of `fit`: a line search finds the step.
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
        parameters = list(self.layers.parameters())
        decay = run.budget.weight_decay / 2
        optimizer = torch.optim.LBFGS(
            parameters,
            max_iter=1,
            max_eval=25,  # of the objective, in the line search of one update
            tolerance_grad=0.0,  # it ends where a step gains nothing
            tolerance_change=0.0,
            line_search_fn="strong_wolfe",
        )

        def objective() -> Tensor:
            optimizer.zero_grad()
            logits = self._logits(x) / self.temperature
            loss = functional.cross_entropy(logits, labels)
            loss = loss + decay * sum(p.square().sum() for p in parameters)
            loss.backward()
            return loss

        lowest = math.inf
        for _ in run.epochs(self.layers, number=None):
            now = float(optimizer.step(objective))  # before the step, which evaluates more often
            run.converged, lowest = now >= lowest, now
            with torch.no_grad():
                logits = self._logits(x) / self.temperature  # [T, C]
                loss = functional.cross_entropy(logits, labels)
            run.report(loss, margins(logits, labels), validate)
