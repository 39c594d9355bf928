"""Forward-forward with virtual nodes: a label is an edge to the node of a class."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.augment import DIRECTIONS, virtual_edges, virtual_features
from fgnn_lite.layers import (
    GraphView,
    Layer,
    direction_scale,
    input_scale,
    next_input,
    normalise,
    output,
)
from fgnn_lite.learners.ff_graph import GraphFF, ViewBatch
from fgnn_lite.matrices import Features


class FFVirtual(GraphFF):
    """Forward-forward whose candidate labels are edges to virtual class nodes.

    In training the views differ by their virtual edges only: in all of them, a layer's input is
    what the layer below made of the positive one. In prediction each view has inputs of its own.
    With `hypotheses="single"` a probe receives from the node of its class, which has no in-edges,
    and every view has inputs of its own in training, too.

    Args:
        virtual_edges: `"both"` links a node and its class node both ways; `"to-virtual"` leaves
            out the edges from class nodes, so that a label reaches a node only through others (and
            not at all with `hypotheses="single"`, which therefore needs `"both"`).
        **shared: as for `GraphFF`.

    Source: Park et al. (2024), section 3.1. Chapter 6.
    """

    name = "ff-vn"
    class_nodes: Tensor

    def __init__(self, virtual_edges: str = "both", **shared: Any) -> None:
        super().__init__(**shared)
        self.virtual_edges = checks.one_of("virtual_edges", virtual_edges, DIRECTIONS)
        if self.hypotheses == "single" and self.virtual_edges != "both":
            raise ValueError(
                f"virtual_edges must be 'both' with hypotheses='single', for a probe receives its "
                f"class from the class node only; got {virtual_edges!r}"
            )

    def _class_nodes(self, dtype: torch.dtype) -> Tensor:
        return normalise(virtual_features(self.num_classes, self.num_features, self.seed, dtype))

    def _views(self, data: Data, nodes: Tensor, labels: Tensor, rows: Tensor) -> ViewBatch:
        x, n, c = data.x, len(data.x), self.num_classes
        scale = direction_scale(x, input_scale(x, self.scaling))
        real = Features.smallest(
            x, scale, dense_rows=len(labels) * len(rows), sparse_numbers=n * self.hidden
        )
        features = real.append_rows(self.class_nodes)  # [N + C, F]
        direction = "from-virtual" if self.hypotheses == "single" else self.virtual_edges
        more = (virtual_edges(row, nodes, n, direction) for row in labels)
        views = [GraphView(features, self._adjacency(data, edges, c)) for edges in more]
        return ViewBatch(views, rows, common=True)

    def _next_inputs(self, layer: Layer, batch: ViewBatch) -> ViewBatch:
        if self.hypotheses == "single":
            return super()._next_inputs(layer, batch)
        positive = next_input(output(layer, batch.views[0]), batch.views[0])
        views = [view._replace(features=positive.features) for view in batch.views]
        return batch._replace(views=views)

    def _bytes_of_a_view(self, data: Data) -> int:
        each = 2 * 8 + data.x.element_size()  # both ends and a weight
        return (data.num_edges + len(data.x)) * each
