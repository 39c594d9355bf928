"""Backpropagation, the yardstick: one loss at the top, one gradient through all layers."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial, reduce
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.checkpoint import checkpoint as recompute
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.layers import (
    EVERY_BACKBONE,
    GraphInput,
    GraphView,
    Layer,
    PropagatedInput,
    input_scale,
)
from fgnn_lite.learners.base import Learner, nodes_in, validation
from fgnn_lite.learners.errors import MOST, error_paths, spread_errors
from fgnn_lite.learners.local_heads import HeadedLayer
from fgnn_lite.learners.run import Run
from fgnn_lite.matrices import Features, Matrix
from fgnn_lite.objectives import margins

ADJACENCIES = ("edges", "sparse")
HEAD = ("none", "linear", "only", "every")


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
        head: `"none"`: the last convolution answers. `"linear"`: all L convolutions have H units
            and a ReLU, as those of layer-wise learners do, and a linear layer above them answers.
            `"only"`: the same, but the convolutions stay as they were drawn, and the head learns.
            `"every"`: each convolution has H units, a ReLU and a linear readout without bias, as in
            `LocalHeads`; the readouts' losses are added up, nothing is detached, and prediction
            adds up their softmaxes. Not with `checkpoint`.
        pseudo_errors: a, as for `DFA`, whose fair rival this is: errors of nodes without a label.
        **shared: as for every learner, see `Learner`.

    Source: Park et al. (2024), section 4; a loss at every layer: Lee et al., *Deeply-supervised
    nets* (2015). Chapter 1.
    """

    name = "bp"
    local = False

    def __init__(
        self,
        adjacency: str = "edges",
        checkpoint: bool = False,
        head: str = "none",
        pseudo_errors: float = 0.0,
        **shared: Any,
    ) -> None:
        super().__init__(**shared)
        self.adjacency = checks.one_of("adjacency", adjacency, ADJACENCIES)
        self.checkpoint = checks.flag("checkpoint", checkpoint)
        self.head = checks.one_of("head", head, HEAD)
        self.pseudo_errors = checks.number("pseudo_errors", pseudo_errors, 0.0, MOST)
        if self.head == "every" and self.checkpoint:
            raise ValueError(
                "checkpoint must be False with head='every', which needs each output; got True"
            )

    def _layer_sizes(self) -> list[tuple[int, int]]:
        sizes = super()._layer_sizes()
        if self.head == "none":
            sizes[-1] = (sizes[-1][0], self.num_classes)
            return sizes
        if self.head == "every":
            return sizes
        return [*sizes, (self.hidden, self.num_classes)]

    def _answers(self, number: int) -> bool:
        return self.head != "every" and number == len(self._layer_sizes())

    def _layer(self, number: int, inputs: int, outputs: int) -> Layer:
        if self.head == "every":
            return HeadedLayer(self.backbone, inputs, outputs, self.num_classes)
        if number <= self.depth:
            layer = super()._layer(number, inputs, outputs)
            return layer.requires_grad_(self.head != "only")
        return Layer("mlp", inputs, outputs, last=True)

    def _train(self, run: Run, data: Data) -> None:
        view = self._view(data)
        train, val = nodes_in(data, "train_mask"), nodes_in(data, "val_mask")  # [T], [V]
        validate = validation(lambda: self._scores(view)[val], data.y, val)

        told = self._told(view, train)
        optimizer = run.optimizer(self.layers)
        for _ in run.epochs(self.layers, number=None):
            if self.head == "every":
                said = [told(z)[train] / self.temperature for z in self._readouts(view)]
            else:  # [T, C] each; all N rows are gone at once
                said = [told(self._logits(view))[train] / self.temperature]
            losses = (functional.cross_entropy(z, data.y[train]) for z in said)
            loss = reduce(torch.add, losses)
            run.step(optimizer, loss)
            margin = margins(said[-1].detach(), data.y[train])  # [T]
            run.report(loss, margin, validate)

    def _told(self, view: GraphView, train: Tensor) -> Callable[[Tensor], Tensor]:
        """What gives a net's answers [N, C] pseudo-errors on the way back, if there are any."""
        if not self.pseudo_errors:
            return lambda z: z
        paths = error_paths(self.backbone, view.edges, next(self.parameters()).dtype)
        spread = partial(spread_errors, train=train, share=self.pseudo_errors, paths=paths)

        def told(z: Tensor) -> Tensor:
            z.register_hook(spread)
            return z

        return told

    def _class_scores(self, data: Data) -> list[Tensor]:
        return [self._scores(self._view(data))]

    def _scores(self, view: GraphView) -> Tensor:  # [N, C]
        """What the highest of is predicted: the logits, or the votes of several readouts."""
        if self.head != "every":
            return self._logits(view)
        votes = [(z / self.temperature).softmax(-1) for z in self._readouts(view)]
        return torch.stack(votes).sum(dim=0)

    def _readouts(self, view: GraphView) -> list[Tensor]:
        """The logits [N, C] of each layer's readout, where every layer has one."""
        h: Tensor | Features = view.features
        found = []
        for layer in self._net():
            h = through([layer], h, view.edges)  # [N, H]
            found.append(layer.head(h))
        return found

    def _view(self, data: Data) -> GraphView:
        """The constants of the net: its scaled input and its adjacency."""
        edges = self._adjacency(data)
        sparse = self.adjacency == "sparse"
        x, scale = data.x, input_scale(data.x, self.scaling)
        features = Features.smallest(x, scale, len(x) if sparse else 0)
        compressed = EVERY_BACKBONE[self.backbone].compressed
        return GraphView(features, compressed(edges) if sparse else edges)

    def _logits(self, view: GraphView) -> Tensor:  # [N, C]
        layers = self._net()
        if not (self.checkpoint and torch.is_grad_enabled()):
            return through(layers, view.features, view.edges)
        length = math.isqrt(len(layers) - 1) + 1
        lowest, *upper = (layers[k : k + length] for k in range(0, len(layers), length))
        # nothing is drawn inside: no global generator is lent
        segment = partial(recompute, through, use_reentrant=False, preserve_rng_state=False)
        h: Tensor = segment(lowest, view.features, view.edges)
        for several in upper:
            h = segment(several, h, view.edges)
        return h


def through(layers: list[Layer], h: Tensor | Features, matrix: Matrix) -> Tensor:
    """Layer after layer, nothing normalised and nothing detached: [N, F] -> [N, H]."""
    for layer in layers:
        if isinstance(h, Tensor) and layer.backbone == "mlp":  # the head
            z: Tensor = layer(PropagatedInput(h))
        else:
            z = layer(GraphInput(h if isinstance(h, Features) else Features([h]), matrix))
        h = z
    return z
