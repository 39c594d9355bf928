"""An MLP trained by backpropagation, without edges: the baseline for what edges add."""

from __future__ import annotations

from typing import Any

from fgnn_lite.learners.bp import BP


class NodeMLP(BP):
    """A net that reads each node's own features and nothing else.

        h_0 = X,   h_l = ReLU(h_{l-1} W_l^T + b_l),   logits = h_{L-1} W_L^T + b_L [N, C]
        loss = cross-entropy(logits / tau) on the training nodes

    Args:
        backbone: `"mlp"`: a node aggregates only itself.
        adjacency: as for `BP`; `"sparse"` also keeps X compressed if it is mostly zeros.
        **shared: as for `BP`; `depth` counts the linear layers.

    Source: Shchur et al., *Pitfalls of graph neural network evaluation* (2018). Chapter 11.
    """

    name = "mlp"
    backbones = ("mlp",)

    def __init__(self, backbone: str = "mlp", adjacency: str = "sparse", **shared: Any) -> None:
        super().__init__(backbone=backbone, adjacency=adjacency, **shared)
