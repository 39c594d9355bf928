"""Hinton's unsupervised net: real images against hybrids; labels only in a linear read-out."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.hinton.images import SIDE, hybrid_images
from fgnn_lite.hinton.net import ImageFF, layer_input
from fgnn_lite.layers import normalise
from fgnn_lite.learners.base import nodes_in, validation
from fgnn_lite.learners.run import Budget, Run
from fgnn_lite.objectives import margins
from fgnn_lite.seeds import generator

_HYBRIDS = 1_000_007  # the purpose of this generator


class UnsupervisedFF(ImageFF):
    """Layers learn from images alone; then a linear read-out learns what they are.

        positive: an image,   negative: a hybrid of two
        read-out: logits = W [sqrt(H) norm(h_2) | ... | sqrt(H) norm(h_L)] + b, cross-entropy

    Layers are trained one after the other for all their epochs: without labels there is nothing to
    validate. The read-out is reported, validated and restored as layer L + 1; no gradient leaves
    it. With `accumulate="all"` it reads the first layer, too, with `"last"` the last one only.

    Args:
        negatives: hybrids per image, drawn once.
        **shared: as for `FF`; `backbone` is `"mlp"`.

    Source: Hinton (2022), section 3.2. Chapter 2.
    """

    name = "hinton-unsupervised"

    def __init__(self, negatives: int | None = 1, **shared: Any) -> None:
        super().__init__(negatives=checks.integer("negatives", negatives, 1), **shared)

    @property
    def layer_wise(self) -> bool:
        """True: a layer is finished before the next one begins."""
        return True

    def _check_graph(self, data: Data) -> None:
        if data.x.shape[1] != SIDE * SIDE:
            raise ValueError(
                f"data.x must hold images of {SIDE} x {SIDE} pixels; got {data.x.shape[1]} features"
            )
        if int(data.train_mask.sum()) < 2:
            raise ValueError("data.train_mask must hold two images at least, to make hybrids of")

    def _warnings(self, data: Data) -> list[str]:
        return []  # there is no version of the input for each class

    def _layer_sizes(self) -> list[tuple[int, int]]:
        read = {"all": self.depth, "skip-first": max(1, self.depth - 1), "last": 1}
        return [*super()._layer_sizes(), (read[self.accumulate] * self.hidden, self.num_classes)]

    def _answers(self, number: int) -> bool:
        return number == self.depth + 1

    def _updates(self, budget: Budget) -> int:
        return budget.epochs * (self.depth + 1)

    def _train(self, run: Run, data: Data) -> None:
        *layers, readout = self._net()
        images = data.x[data.train_mask]
        random = generator(self.seed, _HYBRIDS)
        negatives = [hybrid_images(images, random) for _ in range(self.negatives or 1)]
        h = normalise(torch.cat([images, *negatives]))

        for number, layer in enumerate(layers, start=1):
            optimizer = run.optimizer(layer)
            for _ in run.epochs(layer, number):
                g = self._goodness(layer(layer_input(h))).view(1 + len(negatives), -1)  # [1 + K, T]
                loss = self._objective(g[0], g[1:])
                run.step(optimizer, loss)  # inside this layer, and nowhere else
                run.report(loss, g[0] - g[1:], None, (g[0], g[1:]))
            if run.stopped:
                return
            with torch.no_grad():
                h = normalise(layer(layer_input(h)))

        with torch.no_grad():
            features = self._features(data.x)
        labels, optimizer, val = (
            data.y[data.train_mask],
            run.optimizer(readout),
            nodes_in(data, "val_mask"),
        )
        x_val = layer_input(features[val])
        validate = validation(lambda: readout(x_val), data.y[val])
        for _ in run.epochs(readout, self.depth + 1):
            logits = readout(layer_input(features[data.train_mask])) / self.temperature
            loss = functional.cross_entropy(logits, labels)
            run.step(optimizer, loss)
            run.report(loss, margins(logits.detach(), labels), validate)

    def _features(self, x: Tensor) -> Tensor:
        """What the read-out reads: directions beside each other, scaled to entries of size one."""
        outputs = []
        h = normalise(x)
        for layer in self._net()[: self.depth]:
            h = normalise(layer(layer_input(h)))
            outputs.append(h)
        first = {"all": 0, "skip-first": min(1, self.depth - 1), "last": self.depth - 1}
        return torch.cat(outputs[first[self.accumulate] :], dim=1) * math.sqrt(self.hidden)

    def _check_fitted(self) -> None:
        super()._check_fitted()
        if self.trained_layers <= self.depth:
            from sklearn.exceptions import NotFittedError

            raise NotFittedError(
                f"this {self.name!r} net has no read-out yet: only its layers learned"
            )

    def _class_scores(self, data: Data) -> list[Tensor]:
        return [self.layers[-1](layer_input(self._features(data.x)))]
