"""DAGNN: an MLP whose class scores are propagated, and a gate for each hop of them."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite.layers import EVERY_BACKBONE, GraphInput, Layer, PropagatedInput, input_scale
from fgnn_lite.learners.base import Learner, nodes_in, validation
from fgnn_lite.learners.rows import hops
from fgnn_lite.learners.run import Run
from fgnn_lite.matrices import Features, SparseMatrix
from fgnn_lite.objectives import margins


class GatedLayer(Layer):
    """The layer that gives class scores, and the gate through which each hop of them goes.

        Z = h W^T + b   [N, C],   gate = sigmoid(H_k s + b')   [N, 1]

    Args:
        in_channels: H.
        classes: C.
    """

    def __init__(self, in_channels: int, classes: int) -> None:
        super().__init__("mlp", in_channels, classes, last=True)
        self.head = nn.Linear(classes, 1)


class DAGNN(Learner):
    """Transformations first, hops afterwards: C numbers a node are propagated, not H.

        Z = ReLU(X W_1^T + b_1) W_2^T + b_2   [N, C]
        H_k = S^k Z   for k = 0..K,   S = D^-1/2 (A + I) D^-1/2
        logits = sum_k sigmoid(H_k s + b') H_k
        loss = cross-entropy(logits / tau) on the training nodes

    It is trained as a whole, by backpropagation through all hops; two layers have weights, however
    many hops there are. What is kept for the way back grows with K, by some numbers a class and
    node.

    Args:
        **shared: as for every learner, see `Learner`; `depth` is K, and `backbone` is `"gcn"`.

    Source: Liu et al., *Towards deeper graph neural networks* (KDD 2020), section 4; dropout, which
    they need at 0.5 to 0.8, is left out here as in all learners.
    """

    name = "dagnn"
    backbones = ("gcn",)
    local = False

    def _layer_sizes(self) -> list[tuple[int, int]]:
        return [(self.num_features, self.hidden), (self.hidden, self.num_classes)]

    def _layer(self, number: int, inputs: int, outputs: int) -> Layer:
        return Layer("mlp", inputs, outputs) if number == 1 else GatedLayer(inputs, outputs)

    def _train(self, run: Run, data: Data) -> None:
        train, val = nodes_in(data, "train_mask"), nodes_in(data, "val_mask")  # [T], [V]
        logits = partial(self._logits, *self._constants(data))
        validate = validation(lambda: logits(val), data.y[val])

        optimizer = run.optimizer(self.layers)
        for _ in run.epochs(self.layers, number=None):
            said = logits(train) / self.temperature  # [T, C]
            loss = functional.cross_entropy(said, data.y[train])
            run.step(optimizer, loss)
            run.report(loss, margins(said.detach(), data.y[train]), validate)

    def _constants(self, data: Data) -> tuple[GraphInput, SparseMatrix]:
        """The input of the first layer, and S [N, N]."""
        x, mlp = data.x, EVERY_BACKBONE["mlp"]
        features = Features.smallest(x, input_scale(x, self.scaling), len(x))
        alone = mlp.compressed(mlp.edges(data.edge_index, len(x), x.dtype))  # M = I
        return GraphInput(features, alone), self._adjacency(data).sparse()

    def _logits(self, x: GraphInput, matrix: SparseMatrix, nodes: Tensor) -> Tensor:  # [R, C]
        first, last = self._net()
        z = last(PropagatedInput(first(x)))  # [N, C]
        seen = (h[nodes] for h in hops(z, matrix, self.depth))  # (K + 1) x [R, C]
        return torch.stack([last.head(h).sigmoid() * h for h in seen]).sum(dim=0)

    def _class_scores(self, data: Data) -> list[Tensor]:
        nodes = torch.arange(len(data.x), device=data.x.device)
        return [self._logits(*self._constants(data), nodes)]
