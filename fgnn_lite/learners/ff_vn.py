"""Forward-forward with virtual nodes: a label is an edge to the node of a class."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.augment import DIRECTIONS, virtual_edges, virtual_features
from fgnn_lite.layers import (
    Layer,
    World,
    direction_scale,
    hand_on,
    input_scale,
    normalise,
    output,
)
from fgnn_lite.learners.ff_graph import GraphFF
from fgnn_lite.matrices import Features


class FFVirtual(GraphFF):
    """Forward-forward whose candidate labels are edges to virtual class nodes.

    In training the worlds differ by their virtual edges only: every layer hears, in all of them,
    what the layer below made of the positive one. In prediction each world goes its own way. With
    `hypotheses="single"` a double hears the node of its class, which itself hears nobody, and every
    world goes its own way in training, too.

    Args:
        virtual_edges: `"both"` ties a node and its class node both ways; `"to-virtual"` lets only
            the class nodes listen, so that a node hears its label only through others (and not at
            all with `hypotheses="single"`, which therefore needs `"both"`).
        **shared: as for `GraphFF`.

    Source: Park et al. (2024), section 3.1. Chapter 6.
    """

    name = "ff-vn"

    def __init__(self, virtual_edges: str = "both", **shared: Any) -> None:
        super().__init__(**shared)
        self.virtual_edges = checks.one_of("virtual_edges", virtual_edges, DIRECTIONS)
        if self.hypotheses == "single" and self.virtual_edges != "both":
            raise ValueError(
                f"virtual_edges must be 'both' with hypotheses='single', for a node that is asked "
                f"alone hears its class from the class node only; got {virtual_edges!r}"
            )

    def _class_nodes(self, dtype: torch.dtype) -> Tensor:
        return normalise(virtual_features(self.num_classes, self.num_features, self.seed, dtype))

    def _worlds(self, data: Data, nodes: Tensor, labels: Tensor, rows: int) -> list[World]:
        x, n, c = data.x, len(data.x), self.num_classes
        scale = direction_scale(x, input_scale(x, self.scaling))
        size = self._dense_bytes(x, len(labels) * rows, n)
        assert self.class_nodes is not None
        features = Features.compact(x, scale, size).above(self.class_nodes)
        direction = "from-virtual" if self.hypotheses == "single" else self.virtual_edges
        worlds = []
        for row in labels:
            ties = virtual_edges(row, nodes, n, direction)
            worlds.append(World(features, self._adjacency(data, ties, c)))
        return worlds

    def _next(self, layer: Layer, worlds: list[World]) -> list[World]:
        if self.hypotheses == "single":
            return super()._next(layer, worlds)
        positive = hand_on(output(layer, worlds[0]), worlds[0])
        return [world._replace(features=positive.features) for world in worlds]

    def _bytes_of_a_world(self, data: Data) -> int:
        each = 2 * 8 + data.x.element_size()  # both ends and a weight
        return (data.num_edges + len(data.x)) * each
