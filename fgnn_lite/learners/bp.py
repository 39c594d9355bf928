"""Backpropagation, the yardstick: one loss at the top, one gradient through all layers."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.checkpoint import checkpoint as recompute
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.layers import Heard, compressed, input_scale
from fgnn_lite.learners.base import Learner
from fgnn_lite.learners.run import Run
from fgnn_lite.matrices import Edges, Features, SparseMatrix
from fgnn_lite.objectives import accuracy, margins

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
        inputs = self._inputs(data)
        train = data.train_mask.nonzero().squeeze(-1)
        val = data.val_mask.nonzero().squeeze(-1) if "val_mask" in data else train[:0]

        def validate() -> float:
            return accuracy(self._logits(*inputs)[val], data.y[val])

        optimizer = run.optimizer(self.layers)
        for _ in run.epochs(self.layers, number=None):
            logits = self._logits(*inputs)[train] / self.temperature
            loss = functional.cross_entropy(logits, data.y[train])
            run.step(optimizer, loss)
            ahead = margins(logits.detach(), data.y[train])
            run.report(loss, ahead, validate if len(val) else None)

    def _class_scores(self, data: Data) -> list[Tensor]:
        return [self._logits(*self._inputs(data))]

    def _inputs(self, data: Data) -> tuple[Features, Edges | SparseMatrix]:
        """The constants of the net: its scaled input and its adjacency."""
        edges = self._adjacency(data)
        sparse = self.adjacency == "sparse"
        size = data.x.numel() * data.x.element_size() if sparse else 0
        features = Features.compact(data.x, input_scale(data.x, self.scaling), size)
        return features, compressed(self.backbone, edges) if sparse else edges

    def _logits(self, features: Features, matrix: Edges | SparseMatrix) -> Tensor:  # [N, C]
        length = math.isqrt(self.depth - 1) + 1 if self.checkpoint else self.depth
        h: Tensor | Features = features
        for start in range(0, self.depth, length):
            segment = self.layers[start : start + length]
            if self.checkpoint and torch.is_grad_enabled():
                h = recompute(  # nothing is drawn inside: no global generator is lent
                    _through, segment, h, matrix, use_reentrant=False, preserve_rng_state=False
                )
            else:
                h = _through(segment, h, matrix)
        assert isinstance(h, Tensor)
        return h


def _through(layers: Any, h: Tensor | Features, matrix: Edges | SparseMatrix) -> Tensor:
    """Layer after layer."""
    for layer in layers:
        h = layer(Heard(h if isinstance(h, Features) else Features([h]), matrix))
    assert isinstance(h, Tensor)
    return h
