"""Forward-forward: high goodness for positive inputs, low goodness for negative ones.

What all forward-forward nets have in common: a goodness, an objective, and wrong labels.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.augment import wrong_labels
from fgnn_lite.layers import Layer, LayerInput
from fgnn_lite.learners.base import ACCUMULATE, Learner, add_vote
from fgnn_lite.objectives import GOODNESS, ff_loss, symba_loss

LOSSES = ("ff", "symba")
_MUCH = 1 << 28  # bytes, of which fit warns


class FF(Learner):
    """Layers that learn a high goodness for positives and a low one for negatives.

        g(h) = sum_j h_j^2
        loss_l = BCE(g(positive) - theta, 1) + mean_k BCE(g(negative_k) - theta, 0)

    Args:
        theta: the goodness that separates positives from negatives; the temperature divides the
            distance to it.
        negatives: K, from 1 to C - 1; `None` takes all C - 1 wrong classes. There is a copy of the
            input, or a view of the graph, for each of them, and for each class in validation:
            `fit` warns where they take more than 256 MiB.
        goodness: a name in `objectives.GOODNESS`, or a function from activities [N, H] to [N].
        loss: `"ff"`, or `"symba"`, which compares each positive with its negatives and needs no
            threshold.
        accumulate: the layers whose goodness is added up: `"all"`, `"skip-first"` or `"last"`.
        **shared: as for every learner, see `Learner`.

    Source: Hinton (2022), section 2. Chapter 2.
    """

    def __init__(
        self,
        theta: float = 2.0,
        negatives: int | None = None,
        goodness: str | Callable[[Tensor], Tensor] = "sum-squares",
        loss: str = "ff",
        accumulate: str = "all",
        **shared: Any,
    ) -> None:
        super().__init__(**shared)
        self.theta = checks.number("theta", theta)
        self.negatives = None if negatives is None else checks.integer("negatives", negatives, 1)
        self.goodness = checks.goodness(goodness, GOODNESS, self.hidden)
        self.loss = checks.one_of("loss", loss, LOSSES)
        self.accumulate = checks.one_of("accumulate", accumulate, ACCUMULATE)

    def _check_graph(self, data: Data) -> None:
        if self.negatives is not None:
            checks.integer("negatives", self.negatives, 1, checks.num_classes(data) - 1)

    def _warnings(self, data: Data) -> list[str]:
        classes = checks.num_classes(data)
        held = self._least_bytes(data, self.negatives or classes - 1)
        if held <= _MUCH:
            return []
        less = f"negatives=1 takes {self._least_bytes(data, 1) / 1e9:.2g} GB or more; "
        return [
            f"{self.name!r} with {classes} classes and negatives={self.negatives} will take "
            f"{held / 1e9:.2g} GB or more: there is a version of the input for each negative, "
            "and in validation for each class, so that memory grows with the square of the "
            f"number of classes ({less if self.negatives != 1 else ''}a single-forward learner "
            "makes no versions)"
        ]

    @abstractmethod
    def _least_bytes(self, data: Data, negatives: int) -> int:
        """What all versions of the input take together, at least."""

    def _positive_and_negatives(self, labels: Tensor) -> Tensor:
        """The true label of each node, and below it K wrong ones, drawn once [1 + K, T]."""
        wrong = wrong_labels(labels, self.num_classes, self.negatives, self.seed)
        return torch.cat([labels.unsqueeze(0), wrong])

    def _objective(self, positive: Tensor, negative: Tensor) -> Tensor:
        if self.loss == "symba":
            return symba_loss(positive / self.temperature, negative / self.temperature)
        return ff_loss(positive, negative, self.theta, self.temperature)

    def _vote(self, h: Tensor) -> Tensor:  # [C V, H] -> [V, C]
        g = self._goodness(h)
        return g.view(self.num_classes, len(g) // self.num_classes).t()

    def _votes(self, number: int, layer: Layer, x: LayerInput, total: Tensor | None) -> Tensor:
        """The votes [V, C] of layers 1..number, from those of the layers below and its own."""
        return add_vote(self.accumulate, total, self._vote(layer(x)), number)

    def _goodness(self, h: Tensor) -> Tensor:  # [R, H] -> [R]
        function = GOODNESS[self.goodness] if isinstance(self.goodness, str) else self.goodness
        return function(h)
