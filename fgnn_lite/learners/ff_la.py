"""Forward-forward with labels appended to the features, as Hinton writes them into an image."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.augment import label_features
from fgnn_lite.layers import EPSILON, GraphView, input_scale
from fgnn_lite.learners.ff_graph import GraphFF, ViewBatch
from fgnn_lite.matrices import Features

LABEL_LAYERS = ("first", "all")
_LONG = 10.0  # rows of that length make the label a tenth of the input: `fit` warns


class FFLabels(GraphFF):
    """Forward-forward whose candidate labels are appended to the features.

        input of layer 1: norm([X | Y]);  Y: one-hot where a label is written, 1/C everywhere else

    Every view goes through every layer: the input of a layer above the first, in view k, is what
    the layer below made of view k. A label has length 1 however long the rows of X are: on the
    digits one layer reaches 77 % with rows of length 4, 63 % with 10 and 16 % with 19. `fit` warns
    if half of the rows are longer than 10; `features="l2"` gives them length 1.

    Args:
        label_layers: `"first"`: the label is appended to the input only; `"all"`: to the input of
            every layer, norm([norm(Z) | Y]).
        **shared: as for `GraphFF`.

    Source: Park et al. (2024), section 3.1; Hinton (2022), section 3.3. Chapter 5.
    """

    name = "ff-la"

    def __init__(self, label_layers: str = "first", **shared: Any) -> None:
        super().__init__(**shared)
        self.label_layers = checks.one_of("label_layers", label_layers, LABEL_LAYERS)

    def _layer_sizes(self) -> list[tuple[int, int]]:
        first, *upper = super()._layer_sizes()
        c = self.num_classes
        if self.label_layers == "all":
            upper = [(inputs + c, out) for inputs, out in upper]
        return [(first[0] + c, first[1]), *upper]

    def _warnings(self, data: Data) -> list[str]:
        length = float(_lengths(data.x.detach(), input_scale(data.x, self._scaling(data))).median())
        if length <= _LONG:
            return super()._warnings(data)
        return [
            *super()._warnings(data),
            f"the features drown the appended label: half of the rows of data.x are longer than "
            f"{length:.3g}, and a label has length 1: the longer they are, the less is learned "
            '(features="l2" makes both alike)',
        ]

    def _views(self, data: Data, nodes: Tensor, labels: Tensor, rows: Tensor) -> ViewBatch:
        x, c = data.x, self.num_classes
        edges = self._adjacency(data)
        parts = [label_features(row, nodes, len(x), c, x.dtype) for row in labels]  # W x [N, C]
        scale = input_scale(x, self.scaling)
        whole = (
            torch.hypot(_lengths(x, scale), torch.linalg.vector_norm(parts[0], dim=-1)) + EPSILON
        )
        shrink = 1.0 / whole  # the norm of [X | Y], the same in all views
        left = Features.smallest(
            x,
            shrink if scale is None else scale * shrink,
            dense_rows=len(labels) * len(rows),
            sparse_numbers=len(labels) * len(x) * self.hidden,
        )
        views = []
        for part in parts:
            features = left.with_extra(part * shrink.unsqueeze(-1))
            label = part if self.label_layers == "all" else None
            views.append(GraphView(features, edges, label))
        return ViewBatch(views, rows, common=True)

    def _bytes_of_a_view(self, data: Data) -> int:
        return len(data.x) * checks.num_classes(data) * data.x.element_size()  # labels


def _lengths(x: Tensor, scale: Tensor | None) -> Tensor:
    """The lengths of the scaled rows [N]."""
    length = torch.linalg.vector_norm(x, dim=-1)
    return length if scale is None else length * scale
