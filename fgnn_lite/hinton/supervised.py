"""Hinton's supervised net: a label is written into the image; goodness says if it is right."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.hinton.images import write_labels
from fgnn_lite.hinton.net import ImageFF, layer_input
from fgnn_lite.layers import normalise
from fgnn_lite.learners.base import add_vote, nodes_in, validation
from fgnn_lite.learners.run import Run


class SupervisedFF(ImageFF):
    """Images with their label are positive, images with a wrong one negative.

        h_0 = image with a one-hot label in its first C pixels, as large as the largest pixel
        h_l = ReLU(W_l norm(h_{l-1}) + b_l)
        prediction = arg max_c sum_l g(h_l if the label were c),   l = 2..L

    Layers are trained one after the other. Wrong labels are drawn once, without replacement. The
    largest absolute value in the training images is kept, as `label_size`, and saved.

    Args:
        norm: normalise the activities between layers; without it, h_{l-1} is the input as it is
            for l > 1.
        **shared: as for `FF`; `backbone` is `"mlp"`, and the first layer does not vote.

    Source: Hinton (2022), section 3.3. Chapter 2; without norm, chapter 3.
    """

    name = "hinton-supervised"
    label_size: Tensor

    def __init__(self, norm: bool = True, **shared: Any) -> None:
        super().__init__(**shared)
        self.norm = checks.flag("norm", norm)
        self.register_buffer("label_size", None)

    def _build(self, num_features: int, num_classes: int, dtype: torch.dtype) -> None:
        super()._build(num_features, num_classes, dtype)
        self.label_size = next(self.parameters()).new_ones(())

    @property
    def layer_wise(self) -> bool:
        """True: a layer is finished before the next one begins."""
        return True

    def _train(self, run: Run, data: Data) -> None:
        train, val = (data.x[nodes_in(data, mask)] for mask in ("train_mask", "val_mask"))
        labels = self._positive_and_negatives(data.y[data.train_mask])  # [1 + K, T]
        low, high = torch.aminmax(train)
        largest = torch.maximum(-low, high)
        self.label_size = torch.where(largest > 0, largest, torch.ones_like(largest))
        h = self._written(train, labels)
        h_val = self._written(val, self._candidates(len(val), val.device))  # [C V, F]
        y_val = data.y[nodes_in(data, "val_mask")]
        total: Tensor | None = None  # the votes of the finished layers [V, C]

        for number, layer in enumerate(self._net(), start=1):
            votes = partial(self._votes, number, layer, layer_input(h_val), total)
            validate = validation(votes, y_val)
            optimizer = run.optimizer(layer)
            for _ in run.epochs(layer, number):
                g = self._goodness(layer(layer_input(h))).view(len(labels), -1)  # [1 + K, T]
                loss = self._objective(g[0], g[1:])
                run.step(optimizer, loss)  # inside this layer, and nowhere else
                run.report(loss, g[0] - g[1:], validate, (g[0], g[1:]))
            del optimizer

            if run.stopped or number == self.depth:
                return
            with torch.no_grad():
                total = votes()
                h = self._next_input(layer(layer_input(h)))
                h_val = self._next_input(layer(layer_input(h_val)))

    def _class_scores(self, data: Data) -> list[Tensor]:
        h = self._written(data.x, self._candidates(len(data.x), data.x.device))
        votes: list[Tensor] = []
        for number, layer in enumerate(self._net()[: self.trained_layers], start=1):
            out = layer(layer_input(h))
            total = votes[-1] if votes else None
            votes.append(add_vote(self.accumulate, total, self._vote(out), number))
            h = self._next_input(out)
        return votes

    def _next_input(self, h: Tensor) -> Tensor:
        """The input of the next layer [R, H]."""
        return normalise(h) if self.norm else h

    def _written(self, x: Tensor, labels: Tensor) -> Tensor:
        """norm(images with a label) for each row of labels [W, T] -> [W T, F]."""
        c, size = self.num_classes, self.label_size
        return normalise(torch.cat([write_labels(x, row, c, size) for row in labels]))
