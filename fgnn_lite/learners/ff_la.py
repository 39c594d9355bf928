"""Forward-forward with labels appended to the features, as Hinton writes them into an image."""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.data import Data

from fgnn_lite.augment import label_features
from fgnn_lite.layers import BACKBONES, EPSILON, Layer, World, hand_on, input_scale, output
from fgnn_lite.learners.ff import FF
from fgnn_lite.matrices import Features


class FFLabels(FF):
    """Forward-forward whose candidate labels stand beside the features.

        layer 1 hears norm([X | Y]);  Y: one-hot where a label is written, 1/C everywhere else

    Every world goes through every layer: a layer above the first hears, in world k, what the layer
    below made of world k.

    Args:
        **shared: as for `FF`.

    Source: Park et al. (2024), section 3.1; Hinton (2022), section 3.3.
    """

    name = "ff-la"

    def _layer_sizes(self) -> list[tuple[int, int]]:
        sizes = super()._layer_sizes()
        return [(sizes[0][0] + self.num_classes, sizes[0][1]), *sizes[1:]]

    def _worlds(self, data: Data, nodes: Tensor, labels: Tensor, rows: int) -> list[World]:
        x, c = data.x, self.num_classes
        edges = BACKBONES[self.backbone].edges(data.edge_index, len(x), x.dtype)
        parts = [label_features(row, nodes, len(x), c, x.dtype) for row in labels]  # W x [N, C]
        scale = input_scale(x, self._scaling(data))
        length = torch.linalg.vector_norm(x, dim=-1)
        length = length if scale is None else length * scale
        whole = torch.hypot(length, torch.linalg.vector_norm(parts[0], dim=-1)) + EPSILON
        shrink = 1.0 / whole  # the norm of [X | Y], the same in all worlds
        size = self._dense_bytes(x, len(labels) * rows, len(labels) * len(x))
        left = Features.compact(x, shrink if scale is None else scale * shrink, size)
        return [
            (Features(left.blocks, left.scales, part * shrink.unsqueeze(-1)), edges)
            for part in parts
        ]

    def _next(self, layer: Layer, worlds: list[World]) -> list[World]:
        return [hand_on(output(layer, world), world) for world in worlds]
