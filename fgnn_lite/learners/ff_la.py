"""Forward-forward with labels appended to the features, as Hinton writes them into an image."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.augment import label_features
from fgnn_lite.layers import EPSILON, World, input_scale
from fgnn_lite.learners.ff_graph import GraphFF
from fgnn_lite.matrices import Features

LABEL_LAYERS = ("first", "all")


class FFLabels(GraphFF):
    """Forward-forward whose candidate labels stand beside the features.

        layer 1 hears norm([X | Y]);  Y: one-hot where a label is written, 1/C everywhere else

    Every world goes through every layer: a layer above the first hears, in world k, what the layer
    below made of world k. A label is 1 however large the features are: where that drowns it,
    `features="l2"` makes them as long as it is.

    Args:
        label_layers: `"first"`: the label stands beside the input only; `"all"`: every layer above
            hears it once more, norm([norm(Z) | Y]).
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

    def _worlds(self, data: Data, nodes: Tensor, labels: Tensor, rows: int) -> list[World]:
        x, c = data.x, self.num_classes
        edges = self._adjacency(data)
        parts = [label_features(row, nodes, len(x), c, x.dtype) for row in labels]  # W x [N, C]
        scale = input_scale(x, self.scaling)
        length = torch.linalg.vector_norm(x, dim=-1)
        length = length if scale is None else length * scale
        whole = torch.hypot(length, torch.linalg.vector_norm(parts[0], dim=-1)) + EPSILON
        shrink = 1.0 / whole  # the norm of [X | Y], the same in all worlds
        size = self._dense_bytes(x, len(labels) * rows, len(labels) * len(x))
        left = Features.compact(x, shrink if scale is None else scale * shrink, size)
        worlds = []
        for part in parts:
            features = Features(left.blocks, left.scales, part * shrink.unsqueeze(-1))
            worlds.append(World(features, edges, part if self.label_layers == "all" else None))
        return worlds

    def _bytes_of_a_world(self, data: Data) -> int:
        return len(data.x) * checks.num_classes(data) * data.x.element_size()  # labels
