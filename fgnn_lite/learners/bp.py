"""Backpropagation, the yardstick: one loss at the top, one gradient through all layers."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.checkpoint import checkpoint as recompute
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.layers import BACKBONES, GraphInput, GraphView, Layer, input_scale
from fgnn_lite.learners.base import Learner, nodes_in, validation
from fgnn_lite.learners.run import Run
from fgnn_lite.matrices import Features, Matrix
from fgnn_lite.objectives import margins

ADJACENCIES = ("edges", "sparse")


class BP(Learner):
    """A graph neural network trained end to end.

        h_0 = X,   h_l = ReLU(conv_l(h_{l-1}, E)),   logits = conv_L(h_{L-1}, E) [N, C]
        loss = cross-entropy(logits / tau) on the training nodes

    The function, the parameters and their start are those of PyG's `GCN`, `GraphSAGE` and `GAT`
    models; at tau = 1 so is the loss. Everything that a layer computes is kept until the gradient
    comes back.

    Args:
        adjacency: `"edges"` makes a message for every edge, as PyG does when it is given an
            `edge_index`; `"sparse"` multiplies with compressed matrices, X too if it is mostly
            zeros. Same function, other costs. GAT always makes messages.
        checkpoint: keep only the inputs of about sqrt(L) segments of layers and compute the rest
            again on the way back (Chen et al., 2016): less memory, one more forward pass.
        **shared: as for every learner, see `Learner`.

    Source: Park et al. (2024), section 4. Chapter 1.
    """

    name = "bp"
    local = False

    def __init__(self, adjacency: str = "edges", checkpoint: bool = False, **shared: Any) -> None:
        super().__init__(**shared)
        self.adjacency = checks.one_of("adjacency", adjacency, ADJACENCIES)
        self.checkpoint = checks.flag("checkpoint", checkpoint)

    def _layer_sizes(self) -> list[tuple[int, int]]:
        *lower, (inputs, _) = super()._layer_sizes()
        return [*lower, (inputs, self.num_classes)]  # the last one answers

    def _train(self, run: Run, data: Data) -> None:
        view = self._view(data)
        train, val = nodes_in(data, "train_mask"), nodes_in(data, "val_mask")  # [T], [V]
        validate = validation(lambda: self._logits(view)[val], data.y, val)

        optimizer = run.optimizer(self.layers)
        for _ in run.epochs(self.layers, number=None):
            logits = self._logits(view)[train] / self.temperature  # [T, C]
            loss = functional.cross_entropy(logits, data.y[train])
            run.step(optimizer, loss)
            margin = margins(logits.detach(), data.y[train])  # [T]
            run.report(loss, margin, validate)

    def _class_scores(self, data: Data) -> list[Tensor]:
        return [self._logits(self._view(data))]

    def _view(self, data: Data) -> GraphView:
        """The constants of the net: its scaled input and its adjacency."""
        edges = self._adjacency(data)
        sparse = self.adjacency == "sparse"
        x, scale = data.x, input_scale(data.x, self.scaling)
        features = Features.smallest(x, scale, len(x) if sparse else 0)
        return GraphView(features, BACKBONES[self.backbone].compressed(edges) if sparse else edges)

    def _logits(self, view: GraphView) -> Tensor:  # [N, C]
        layers = self._net()
        if not (self.checkpoint and torch.is_grad_enabled()):
            return through(layers, view.features, view.edges)
        length = math.isqrt(self.depth - 1) + 1
        lowest, *upper = (layers[k : k + length] for k in range(0, self.depth, length))
        # nothing is drawn inside: no global generator is lent
        segment = partial(recompute, through, use_reentrant=False, preserve_rng_state=False)
        h: Tensor = segment(lowest, view.features, view.edges)
        for several in upper:
            h = segment(several, h, view.edges)
        return h


def through(layers: list[Layer], h: Tensor | Features, matrix: Matrix) -> Tensor:
    """Layer after layer, nothing normalised and nothing detached: [N, F] -> [N, H]."""
    first, *upper = layers
    z: Tensor = first(GraphInput(h if isinstance(h, Features) else Features([h]), matrix))
    for layer in upper:
        z = layer(GraphInput(Features([z]), matrix))
    return z
