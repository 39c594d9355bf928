"""Graphs by prototypes: each pooled row should agree most with the mean of its class."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from fgnn_lite.layers import Layer
from fgnn_lite.learners.whole import Graphs, Update
from fgnn_lite.learners.whole_class_nodes import ClassNodeLayer, WholeClassNodes, class_sums


class CentredLayer(ClassNodeLayer):
    """A layer, and the centre of each class: the sum of its graphs' pooled rows over a root.

    Args:
        backbone: `"gcn"`, `"sage"` or `"gat"`.
        in_channels: F.
        out_channels: H.
        classes: C.

    Attributes:
        centres: as the weights gave them when they were last read [C, H].
        compute: gives them as they are now [C, H], while the layer learns.
    """

    centres: Tensor

    def __init__(self, backbone: str, in_channels: int, out_channels: int, classes: int) -> None:
        super().__init__(backbone, in_channels, out_channels)
        self.register_buffer("centres", torch.zeros(classes, out_channels))
        self.compute: Callable[[], Tensor] | None = None
        self.register_state_dict_pre_hook(CentredLayer._refresh)

    def class_nodes(self) -> Tensor:
        """What graphs are compared with [C, H]."""
        return self.centres if self.compute is None else self.compute()

    def settle(self) -> None:
        """The layer has learned: keep the centres that its weights give."""
        self._refresh()
        self.compute = None

    def _refresh(self, *_: Any) -> None:
        """Before a state is kept or saved: its centres are those of its weights."""
        with torch.no_grad():
            self.centres = self.class_nodes()


class WholePrototypes(WholeClassNodes):
    """Layers trained in turn to make a graph's pooled row agree with the mean of its class.

        Z_l = ReLU(conv_l(norm(Z_{l-1}), E)),   r = mean over nodes of Z_l   [G, H]
        z_c = sum over the training graphs g of class c of r_g / sqrt(their number)
        loss_l = cross-entropy(r z^T / tau)
        prediction = arg max_c sum_l softmax(r z^T / tau)_c

    It differs from `WholeSF` in the order: there a class node is computed from the mean of what its
    graphs give a layer, here from the mean of what the layer makes of them, biases included. Every
    update computes the pooled rows of all training graphs and differentiates them, whatever
    `batch_size` is. A layer keeps its z, so that prediction needs no training graph.

    Args:
        leave_one_out: while it learns, a graph is no part of the mean of its own class that it is
            compared with. One that is the only one of its class is compared with 0.
        **shared: as for `WholeInTurn`.

    Source: Snell, Swersky & Zemel, *Prototypical networks for few-shot learning* (2017), section
    2.2; the inner product in place of a distance and the layers in turn are this library's own.
    """

    name = "graph-prototypes"

    def _layer(self, number: int, inputs: int, outputs: int) -> Layer:
        return CentredLayer(self.backbone, inputs, outputs, self.num_classes)

    def _updates_of(self, layer: Layer, train: list[Graphs]) -> list[Callable[[], Update]]:
        assert isinstance(layer, CentredLayer)
        inputs = [each.prepare(layer) for each in train]
        y = torch.cat([each.y for each in train])
        count = torch.bincount(y, minlength=self.num_classes).unsqueeze(1)  # [C, 1]

        def pooled() -> list[Tensor]:  # of each batch [G, H]
            return [graphs.pooled(layer(x)) for x, graphs in zip(inputs, train, strict=True)]

        def update(k: int) -> Update:
            r, own = pooled(), train[k].y
            total = class_sums(torch.cat(r), y, len(count))  # [C, H]

            def others() -> Tensor:  # [G, H]
                many = count[own].to(total)  # [G, 1]
                return (total[own] - r[k]) * many.sqrt() / (many - 1).clamp(min=1)

            z = total / count.to(total).sqrt()
            return self._compare(r[k], z, own, others if self.leave_one_out else None)

        def centres() -> Tensor:
            total = class_sums(torch.cat(pooled()), y, len(count))
            return total / count.to(total).sqrt()

        layer.compute = centres
        return [partial(update, k) for k in range(len(train))]

    def _learned(self, layer: Layer) -> None:
        assert isinstance(layer, CentredLayer)
        layer.settle()
