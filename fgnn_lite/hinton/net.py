"""What Hinton's three nets share."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.layers import PropagatedInput
from fgnn_lite.learners.ff import FF


class ImageFF(FF):
    """A forward-forward net of layers ReLU(W norm(x) + b); edges are not looked at.

    Args:
        backbone: `"mlp"`: a node aggregates only itself.
        accumulate: the layers that vote; all but the first, by default.
        features: `"auto"` or `"none"`: images are not scaled.
        **shared: as for `FF`.

    Source: Hinton (2022), section 2. Chapter 2.
    """

    backbones = ("mlp",)

    def __init__(
        self,
        backbone: str = "mlp",
        accumulate: str = "skip-first",
        features: str = "auto",
        **shared: Any,
    ) -> None:
        checks.one_of("features", features, ("auto", "none"))
        super().__init__(backbone=backbone, accumulate=accumulate, features=features, **shared)

    def _check_graph(self, data: Data) -> None:
        super()._check_graph(data)
        classes = checks.num_classes(data)
        if data.x.shape[1] <= classes:
            raise ValueError(
                f"data.x must have more features than there are classes ({classes}), for the label "
                f"is written into the first of them; got {data.x.shape[1]}"
            )

    def _scaling(self, data: Data) -> str:
        return "none"

    def _least_bytes(self, data: Data, negatives: int) -> int:
        judged = int(data.val_mask.sum()) if "val_mask" in data else 0
        train = (1 + negatives) * int(data.train_mask.sum())
        rows = train + checks.num_classes(data) * judged
        return rows * data.x.shape[1] * data.x.element_size()

    def _candidates(self, count: int, device: torch.device) -> Tensor:
        """Every class of every image [C, T]."""
        return torch.arange(self.num_classes, device=device).unsqueeze(1).expand(-1, count)


def layer_input(*parts: Tensor) -> PropagatedInput:
    """The input of a layer: columns beside each other [R, F], with no neighbours to aggregate."""
    return PropagatedInput(torch.cat(parts, dim=1) if len(parts) > 1 else parts[0])
