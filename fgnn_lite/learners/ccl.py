"""Counter-current learning: labels run down a net of their own while features run up."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.layers import (
    BACKBONES,
    GraphInput,
    GraphView,
    Layer,
    LayerInput,
    direction_scale,
    input_scale,
    normalise,
)
from fgnn_lite.learners.base import ACCUMULATE, Learner, add_vote, nodes_in, validation
from fgnn_lite.learners.run import Run
from fgnn_lite.matrices import Features, Matrix
from fgnn_lite.objectives import margins, sf_logits

LABEL_NETS = ("trained", "fixed")


class LabelledLayer(Layer):
    """A layer, and the layer of the label net that meets it there.

        U = ELU(U_above V)   [C, H]

    Args:
        backbone: see `Layer`.
        in_channels: F.
        out_channels: H.
        above: the width of U_above: H, or C where that is one row a class.
    """

    def __init__(self, backbone: str, in_channels: int, out_channels: int, above: int) -> None:
        super().__init__(backbone, in_channels, out_channels)
        self.head = nn.Linear(above, out_channels, bias=False)

    def signal(self, above: Tensor) -> Tensor:
        """What each class sends to this layer [C, H].

        Args:
            above: what it sent to the layer above, detached [C, .].
        """
        sent: Tensor = functional.elu(self.head(above))
        return sent


class CCL(Learner):
    """Layers that learn to agree with a label net, which runs the other way.

        Z_l = ReLU(conv_l(norm(Z_{l-1}), E))   [N, H], upwards
        U_l = ELU(U_{l+1} V_l)   [C, H], downwards from U_{L+1} = I
        loss_l = cross-entropy(Z_train U_l^T / tau, y_train)
        prediction = arg max_c sum_l softmax(Z_l U_l^T / tau)_c

    Both inputs, norm(Z_{l-1}) and U_{l+1}, are detached: a loss reaches W_l, b_l and V_l, nothing
    else. In each step the features run up and the labels run down once, and every layer makes one
    update. This is `SF` with class nodes replaced by a label net, and `LocalHeads` with readouts
    that depend on each other: the layer below learns from what the layer above has made of a class.

    Args:
        label_net: `"trained"`, or `"fixed"`: V stays as it was drawn, so that each layer has one
            random direction a class.
        accumulate: the layers whose votes are added up: `"all"`, `"skip-first"` or `"last"`.
        **shared: as for every learner, see `Learner`.

    Source: Kao & Hariharan, *Counter-current learning* (NeurIPS 2024). There the loss is a squared
    error or a cosine, both nets learn by plain gradient steps, and the top layer answers alone;
    loss, optimiser and votes are here those of `SF`.
    """

    name = "ccl"

    def __init__(self, label_net: str = "trained", accumulate: str = "all", **shared: Any) -> None:
        super().__init__(**shared)
        self.label_net = checks.one_of("label_net", label_net, LABEL_NETS)
        self.accumulate = checks.one_of("accumulate", accumulate, ACCUMULATE)

    def _layer(self, number: int, inputs: int, outputs: int) -> Layer:
        above = self.num_classes if number == self.depth else self.hidden
        layer = LabelledLayer(self.backbone, inputs, outputs, above)
        layer.head.requires_grad_(self.label_net == "trained")
        return layer

    def _train(self, run: Run, data: Data) -> None:
        x, matrix = self._constants(data)
        train, val = nodes_in(data, "train_mask"), nodes_in(data, "val_mask")  # [T], [V]

        def scores() -> Tensor:  # [V, C]
            (last,) = deque(self._votes(x, matrix), maxlen=1)
            return last[val]

        validate = validation(scores, data.y[val])

        optimizers = [run.optimizer(layer) for layer in self._net()]
        for _ in run.epochs(self.layers, number=None):
            below, above = x, self._labels()
            for k, layer in enumerate(self._net()):
                z = layer(below)  # [N, H]
                logits = self._logits(layer, z[train], above[k])  # [T, C]
                loss = functional.cross_entropy(logits, data.y[train])
                run.step(optimizers[k], loss)  # inside this layer and its V, and nowhere else
                below = self._next(z, matrix)
                judge = validate if k == self.depth - 1 else None
                run.report(loss, margins(logits.detach(), data.y[train]), judge, layer=k + 1)
                if run.stopped:
                    break

    def _constants(self, data: Data) -> tuple[LayerInput, Matrix]:
        """The input of the first layer, and the adjacency that the others multiply with."""
        edges, backbone = self._adjacency(data), BACKBONES[self.backbone]
        everyone = torch.arange(len(data.x), device=data.x.device)
        scale = direction_scale(data.x, input_scale(data.x, self.scaling))
        features = Features.smallest(data.x, scale, len(everyone) * backbone.kept)
        first = self._net()[0].prepare([GraphView(features, edges)], everyone)
        return first, backbone.compressed(edges)

    def _next(self, z: Tensor, matrix: Matrix) -> LayerInput:
        """What the layer above gets: detached, of length 1."""
        return GraphInput(Features([normalise(z.detach())]), matrix)

    @torch.no_grad()
    def _labels(self) -> list[Tensor]:
        """U_{l+1} for each layer l: L x [C, H], and [C, C] for the top one."""
        weight = next(self.parameters())
        above = [torch.eye(self.num_classes, dtype=weight.dtype, device=weight.device)]
        for layer in self._net()[:0:-1]:
            above.append(layer.signal(above[-1]))  # type: ignore[operator]
        return above[::-1]

    def _logits(self, layer: Layer, z: Tensor, above: Tensor) -> Tensor:  # [., H] -> [., C]
        signal = layer.signal(above)  # type: ignore[operator]
        return sf_logits(z, signal, self.temperature)

    def _votes(self, x: LayerInput, matrix: Matrix) -> Iterator[Tensor]:  # L x [N, C]
        """The votes of layers 1..l, for l = 1..L, one after the other."""
        total = None
        for number, (layer, above) in enumerate(zip(self._net(), self._labels(), strict=True), 1):
            z = layer(x)
            vote = self._logits(layer, z, above).softmax(-1)
            total = add_vote(self.accumulate, total, vote, number)
            yield total
            x = self._next(z, matrix)

    def _class_scores(self, data: Data) -> list[Tensor]:
        return list(self._votes(*self._constants(data)))
