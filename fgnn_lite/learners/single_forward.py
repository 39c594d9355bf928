"""What the three single-forward learners share: the graph with class nodes, logits and votes."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.augment import DIRECTIONS, virtual_edges, virtual_features
from fgnn_lite.layers import direction_scale, input_scale, normalise
from fgnn_lite.learners.base import ACCUMULATE, Learner
from fgnn_lite.matrices import Edges, Features
from fgnn_lite.objectives import sf_logits


class SingleForward(Learner):
    """Layers that learn to agree with the node of the right class.

        logits = Z_nodes Z_virtual^T / tau

    Args:
        virtual_edges: `"both"` links training and class nodes both ways; `"to-virtual"` leaves out
            the edges from class nodes, so that no node aggregates its own label.
        accumulate: the layers whose votes are added up: `"all"`, `"skip-first"` or `"last"`.
        **shared: as for every learner, see `Learner`.

    Source: Park et al. (2024), section 3.2. Chapter 7.
    """

    class_nodes: Tensor

    def __init__(self, virtual_edges: str = "both", accumulate: str = "all", **shared: Any) -> None:
        super().__init__(**shared)
        self.virtual_edges = checks.one_of("virtual_edges", virtual_edges, DIRECTIONS)
        self.accumulate = checks.one_of("accumulate", accumulate, ACCUMULATE)

    def _class_nodes(self, dtype: torch.dtype) -> Tensor:
        return normalise(virtual_features(self.num_classes, self.num_features, self.seed, dtype))

    @property
    def _given_masks(self) -> tuple[str, ...]:
        return ("train_mask",)

    def _logits(self, z: Tensor) -> Tensor:  # [. + C, H] -> [., C]
        return sf_logits(*self._split(z), self.temperature)

    def _vote(self, z: Tensor) -> Tensor:  # [. + C, H] -> [., C]
        return self._logits(z).softmax(-1)

    def _augmented(self, data: Data) -> tuple[Edges, Tensor]:
        """The adjacency with class nodes [N + C, N + C], and the class nodes' indices [C]."""
        n, c = len(data.x), self.num_classes
        train = data.train_mask.nonzero().squeeze(-1)
        more = virtual_edges(data.y[train], train, n, self.virtual_edges)
        return self._adjacency(data, more, c), torch.arange(n, n + c, device=data.x.device)

    def _input(self, data: Data, kept_rows: int) -> Features:
        """norm(X) above norm(virtual features), as scaled rows: X itself is not copied.

        Args:
            data: the graph.
            kept_rows: rows of M X that are kept where X is dense, see `Features.smallest`.
        """
        scale = direction_scale(data.x, input_scale(data.x, self.scaling))
        return Features.smallest(data.x, scale, kept_rows).append_rows(self.class_nodes)

    def _split(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Nodes [.., H] and, below them, the C class nodes [C, H]."""
        nodes, virtual = z.split([len(z) - self.num_classes, self.num_classes])
        return nodes, virtual
