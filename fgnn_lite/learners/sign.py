"""SIGN: the hops of the graph side by side in a node's row, and an MLP on top."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Data
from torch_geometric.nn.conv.gcn_conv import gcn_norm

from fgnn_lite import checks
from fgnn_lite.learners.mlp import NodeMLP
from fgnn_lite.learners.rows import hops
from fgnn_lite.matrices import Edges


class SIGN(NodeMLP):
    """An MLP on the features of a node and of its neighbours, up to K edges away.

        row_i = [X | M X | ... | M^K X]_i   with M = D^-1/2 A D^-1/2,   made once
        logits = ReLU(row W_1^T + b_1) W_2^T + b_2
        loss = cross-entropy(logits / tau) on the training nodes

    The hops are those of PyG's transform `SIGN`. What is kept grows with K, for the rows of
    training and validation nodes; what is differentiated does not grow with the graph.

    Args:
        backbone: `"gcn"`.
        **shared: as for `NodeMLP`; `depth` is K.

    Source: Frasca et al., *SIGN: Scalable inception graph neural networks* (2020). Chapter 11.
    """

    name = "sign"
    backbones = ("gcn",)

    def __init__(self, backbone: str = "gcn", **shared: Any) -> None:
        super().__init__(backbone=backbone, **shared)

    def _layer_sizes(self) -> list[tuple[int, int]]:
        width = self.num_features * (self.depth + 1)
        return list(pairwise([width, self.hidden, self.num_classes]))

    def _rows(self, data: Data, nodes: Tensor) -> Tensor:
        weight = checks.edge_weight(data)
        count = len(data.x)
        (source, target), weight = gcn_norm(
            data.edge_index,
            None if weight is None else weight.to(data.x.dtype),
            count,
            add_self_loops=False,
            dtype=data.x.dtype,
        )
        edges = Edges(target, source, weight, (count, count))
        return torch.cat([h[nodes] for h in hops(self._scaled(data), edges, self.depth)], dim=1)
