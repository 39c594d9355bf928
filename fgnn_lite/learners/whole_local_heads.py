"""Graphs by local heads: every layer learns with a linear readout of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from torch import Tensor
from torch.nn import functional

from fgnn_lite.layers import Layer, LayerInput
from fgnn_lite.learners.local_heads import HeadedLayer
from fgnn_lite.learners.whole import Graphs, Update, WholeInTurn
from fgnn_lite.objectives import margins


class WholeLocalHeads(WholeInTurn):
    """Layers trained in turn, each together with a linear readout of the mean over nodes.

        Z_l = ReLU(conv_l(norm(Z_{l-1}), E)),   P_l = mean over nodes of Z_l  M_l   [G, C]
        loss_l = cross-entropy(P_l / tau)
        prediction = arg max_c sum_l softmax(P_l / tau)_c

    Args:
        **shared: as for `WholeInTurn`.

    Source: as `LocalHeads`; the mean over nodes is this library's own.
    """

    name = "graph-local-heads"

    def _layer(self, number: int, inputs: int, outputs: int) -> Layer:
        return HeadedLayer(self.backbone, inputs, outputs, self.num_classes)

    def _updates_of(self, layer: Layer, train: list[Graphs]) -> list[Callable[[], Update]]:
        return [partial(self._update, layer, each.prepare(layer), each) for each in train]

    def _update(self, layer: Layer, x: LayerInput, graphs: Graphs) -> Update:
        logits = self._logits(layer, x, graphs)
        return Update(functional.cross_entropy(logits, graphs.y), margins(logits, graphs.y))

    def _voter(self, layer: Layer) -> Callable[[LayerInput, Graphs], Tensor]:
        return lambda x, graphs: self._logits(layer, x, graphs).softmax(-1)

    def _logits(self, layer: Layer, x: LayerInput, graphs: Graphs) -> Tensor:  # [G, C]
        logits: Tensor = layer.head(graphs.pooled(layer(x))) / self.temperature
        return logits
