"""Local heads: every layer learns with a linear readout of its own."""

from __future__ import annotations

from torch import Tensor, nn

from fgnn_lite.layers import Layer
from fgnn_lite.learners.in_turn import InTurn


class HeadedLayer(Layer):
    """A layer and its readout M, which reads the layer's output and nothing else.

        P = f(X, E) M   [N, C]

    Args:
        backbone: see `Layer`.
        in_channels: F.
        out_channels: H.
        classes: C.
    """

    def __init__(self, backbone: str, in_channels: int, out_channels: int, classes: int) -> None:
        super().__init__(backbone, in_channels, out_channels)
        self.head = nn.Linear(out_channels, classes, bias=False)


class LocalHeads(InTurn):
    """Layers trained in turn, each together with a linear readout that is its own.

        Z_l = ReLU(conv_l(norm(Z_{l-1}), E)),   P_l = Z_l M_l   [N, C]
        loss_l = cross-entropy(P_train / tau, y_train)
        prediction = arg max_c sum_l softmax(P_l / tau)_c

    The gradient of a loss reaches W_l, b_l and M_l and stops at the layer's input. This is `SF`
    with class nodes replaced by free vectors: the columns of M_l are trained, where those of `SF`
    are made by propagation.

    Args:
        **shared: as for `InTurn`.

    Source: Nøkland & Eidnes, *Training neural networks with local error signals* (2019); Belilovsky
    et al., *Decoupled greedy learning of CNNs* (2020); on graphs You et al., *L2-GCN* (2020).
    Chapter 12.
    """

    name = "local-heads"

    def _layer(self, number: int, inputs: int, outputs: int) -> Layer:
        return HeadedLayer(self.backbone, inputs, outputs, self.num_classes)

    def _logits(self, layer: Layer, z: Tensor) -> Tensor:  # [., H] -> [., C]
        logits: Tensor = layer.head(z) / self.temperature
        return logits
