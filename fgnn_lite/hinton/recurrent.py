"""Hinton's recurrent net: a still image is watched for some steps, with the label held on top."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.hinton.net import ImageFF, layer_input
from fgnn_lite.layers import normalise
from fgnn_lite.learners.base import add_votes, nodes_in, validation
from fgnn_lite.learners.run import Run
from fgnn_lite.learners.top_down import settled_votes, with_above

COUNTED = (3, 5)  # the first and the last step whose goodness votes, from 1


class RecurrentFF(ImageFF):
    """All layers learn at once; each one sees the layers below and above as they were a step ago.

        h_l(t) = ReLU(W_l [norm(h_{l-1}(t-1)) | norm(h_{l+1}(t-1))] + b_l)
        h_0 = the image at all times,   h_{L+1} = the one-hot label at all times
        loss_l = mean over t of the forward-forward loss of g(h_l(t))
        prediction = arg max_c sum_l sum_t g(h_l(t) if the label were c),   t = 3..5

    It starts with a pass from the bottom, with zeros above. A negative has a wrong label on
    top. No gradient crosses a layer or a step. Hinton's damping of the states is left out.

    Args:
        steps: T, at least 5.
        accumulate: the layers that vote; all of them, by default.
        **shared: as for `FF`; `backbone` is `"mlp"`.

    Source: Hinton (2022), section 3.4. Chapter 2.
    """

    name = "hinton-recurrent"

    def __init__(self, steps: int = 8, accumulate: str = "all", **shared: Any) -> None:
        super().__init__(accumulate=accumulate, **shared)
        self.steps = checks.integer("steps", steps, COUNTED[1])

    def _layer_sizes(self) -> list[tuple[int, int]]:
        return with_above(super()._layer_sizes(), self.num_classes)

    def _train(self, run: Run, data: Data) -> None:
        images = data.x[data.train_mask]
        labels = self._positive_and_negatives(data.y[data.train_mask])  # [1 + K, T]
        bottom, top = self._ends(images, labels)
        optimizers = [run.optimizer(layer) for layer in self._net()]
        x_val, y_val = (each[nodes_in(data, "val_mask")] for each in (data.x, data.y))
        validate = validation(lambda: self._settled(x_val)[-1], y_val)

        for _ in run.epochs(self.layers, number=None):
            goodness: list[list[Tensor]] = [[] for _ in optimizers]  # layer by layer, step by step
            states = self._start(bottom)
            for _ in range(self.steps):
                outputs = [self._output(k, bottom, states, top) for k in range(self.depth)]
                for each, h in zip(goodness, outputs, strict=True):
                    each.append(self._goodness(h).view(len(labels), -1))  # [1 + K, T]
                states = [normalise(h.detach()) for h in outputs]
            for number, optimizer in enumerate(optimizers, start=1):
                losses = [self._objective(g[0], g[1:]) for g in goodness[number - 1]]
                loss = torch.stack(losses).mean()
                run.step(optimizer, loss)  # inside this layer, and nowhere else
                g = torch.stack(goodness[number - 1]).detach().mean(0)
                judge = validate if number == self.depth else None
                run.report(loss, g[0] - g[1:], judge, (g[0], g[1:]), layer=number)
                if run.stopped:
                    break

    def _ends(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """The image below [W T, F] and the label above [W T, C], for labels [W, T]."""
        top = functional.one_hot(labels.flatten(), self.num_classes).to(images.dtype)
        return normalise(images).repeat(len(labels), 1), top

    def _start(self, bottom: Tensor) -> list[Tensor]:
        """One pass from the bottom, with zeros from above: states L x [W T, H]."""
        states: list[Tensor] = []
        with torch.no_grad():
            for layer in self._net():
                below = states[-1] if states else bottom
                zeros = below.new_zeros(len(below), layer.inputs - below.shape[1])
                states.append(normalise(layer(layer_input(below, zeros))))
        return states

    def _output(self, k: int, bottom: Tensor, states: list[Tensor], top: Tensor) -> Tensor:
        """What layer k, from 0, makes of the states of the step before [W T, H]."""
        whole = [bottom, *states, top]
        return self._net()[k](layer_input(whole[k], whole[k + 2]))

    def _settled(self, images: Tensor) -> list[Tensor]:  # L x [T, C]
        bottom, top = self._ends(images, self._candidates(len(images), images.device))
        each = settled_votes(
            lambda k, before: self._output(k, bottom, before, top),
            self._vote,
            self._start(bottom),
            steps=COUNTED[1],
            settling=COUNTED[0] - 1,
        )
        return add_votes(self.accumulate, each)

    def _class_scores(self, data: Data) -> list[Tensor]:
        return self._settled(data.x)
