"""Direct feedback alignment: the error at the top goes straight to every layer, at random."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.layers import BACKBONES, GraphInput, GraphView, input_scale
from fgnn_lite.learners.base import Learner, nodes_in, validation
from fgnn_lite.learners.bp import through
from fgnn_lite.learners.errors import MOST, error_paths, errors_below, spread_errors
from fgnn_lite.learners.run import Run
from fgnn_lite.matrices import Features, SparseMatrix
from fgnn_lite.objectives import margins
from fgnn_lite.seeds import generator

_FEEDBACK = 1_000_009  # the purpose of these generators; layers use their number


class DFA(Learner):
    """Every layer gets the output's error through a random matrix of its own, not from above.

        h_0 = X,   h_l = ReLU(conv_l(h_{l-1}, E)),   logits = conv_L(h_{L-1}, E) [N, C]
        E = d cross-entropy(logits / tau) / d logits on training nodes, 0 elsewhere [N, C]
        dh_l = (S^T)^(L-l) E B_l   for l < L, in place of backpropagation's dh_l
        dW_l = (S h_{l-1})^T (dh_l * ReLU'(h_l)),   dW_L = (S h_{L-1})^T E, which is exact

    The net and its start are those of `BP`. B_l [C, H] is drawn once, as large as a layer's first
    weights, and never learns; S is the graph as an error crosses it, without parameters: GCN's
    propagation; for GraphSAGE half the node and half the mean of its neighbours; for GAT the mean
    of both. Inside a layer dh_l is differentiated, whatever the layer is; nothing passes from layer
    to layer. One forward pass, then all layers move at once: each needs its own h_l until the
    error is known, so all are kept, and memory grows with depth.

    Args:
        pseudo_errors: a, from 0 to 0.99. Above 0, errors spread over the graph before they are
            used, Q <- (1 - a) E + a S Q, and nodes without a label get theirs, scaled to the mean
            size of the true ones. What is reported is the loss on training nodes.
        **shared: as for every learner, see `Learner`.

    Source: Nøkland, *Direct feedback alignment provides learning in deep neural networks* (2016);
    on graphs, with pseudo-errors, Zhao et al., *DFA-GNN* (NeurIPS 2024). Their update leaves ReLU'
    out; their proof, and this, have it. Chapter 14.
    """

    name = "dfa"
    local = False
    feedback: Tensor

    def __init__(self, pseudo_errors: float = 0.0, **shared: Any) -> None:
        super().__init__(**shared)
        self.pseudo_errors = checks.number("pseudo_errors", pseudo_errors, 0.0, MOST)
        self.register_buffer("feedback", torch.empty(0, device="cpu"))

    def _layer_sizes(self) -> list[tuple[int, int]]:
        sizes = super()._layer_sizes()
        return [*sizes[:-1], (sizes[-1][0], self.num_classes)]

    def _build(self, num_features: int, num_classes: int, dtype: torch.dtype) -> None:
        super()._build(num_features, num_classes, dtype)
        shape = num_classes, self.hidden
        bound = (6 / sum(shape)) ** 0.5  # of Glorot's first weights
        self.feedback = torch.empty(self.depth - 1, *shape, dtype=dtype, device="cpu")
        for number, matrix in enumerate(self.feedback, start=1):  # B_l [C, H]
            matrix.uniform_(-bound, bound, generator=generator(self.seed, _FEEDBACK, number))

    def _train(self, run: Run, data: Data) -> None:
        view, paths = self._view(data)
        train, val = nodes_in(data, "train_mask"), nodes_in(data, "val_mask")  # [T], [V]
        validate = validation(lambda: self._logits(view)[val], data.y[val])

        optimizer = run.optimizer(self.layers)
        for _ in run.epochs(self.layers, number=None):
            loss, top, logits = self._feed_back(view, paths, data.y[train], train)
            run.step(optimizer, top)
            run.report(loss, margins(logits, data.y[train]), validate)

    def _feed_back(
        self, view: GraphView, paths: SparseMatrix, labels: Tensor, train: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """One pass, then each lower layer's gradient, which its parameters keep.

        Returns:
            The loss, a scalar whose gradient in the top layer is the error, and the training nodes'
            logits [T, C].
        """
        *hidden, z = self._outputs(view)  # (L - 1) x [N, H], [N, C]
        logits = z.detach()[train] / self.temperature  # [T, C]
        loss = functional.cross_entropy(logits, labels)
        known = logits.softmax(-1) - functional.one_hot(labels, self.num_classes)
        known /= len(train) * self.temperature
        error = torch.zeros_like(z).index_copy_(0, train, known)  # [N, C]
        error = spread_errors(error, train, self.pseudo_errors, paths)
        top = (z * error).sum()
        below = errors_below(error, paths)
        for h, back in zip(hidden[::-1], self.feedback.unbind()[::-1], strict=True):
            h.backward(next(below) @ back)  # inside this layer, and nowhere else
        return loss, top, logits

    def _outputs(self, view: GraphView) -> list[Tensor]:
        """What each layer computes; its input is detached at its door."""
        outputs: list[Tensor] = []
        features = view.features
        for layer in self._net():
            outputs.append(layer(GraphInput(features, view.edges)))
            features = Features([outputs[-1].detach()])
        return outputs

    def _view(self, data: Data) -> tuple[GraphView, SparseMatrix]:
        """The constants of the net: its scaled input and its adjacency; and S."""
        features = Features.smallest(data.x, input_scale(data.x, self.scaling), len(data.x))
        matrix = BACKBONES[self.backbone].compressed(self._adjacency(data))
        return GraphView(features, matrix), error_paths(self.backbone, matrix, data.x.dtype)

    def _logits(self, view: GraphView) -> Tensor:  # [N, C]
        return through(self._net(), view.features, view.edges)

    def _class_scores(self, data: Data) -> list[Tensor]:
        return [self._logits(self._view(data)[0])]
