"""Single-forward: every layer learns alone, from one pass over one graph, without negatives."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.augment import DIRECTIONS, virtual_edges, virtual_features
from fgnn_lite.layers import (
    BACKBONES,
    Heard,
    Layer,
    Propagated,
    World,
    direction_scale,
    input_scale,
    normalise,
)
from fgnn_lite.learners.base import ACCUMULATE, Learner, add_vote
from fgnn_lite.learners.run import Run
from fgnn_lite.matrices import Edges, Features
from fgnn_lite.objectives import accuracy, margins, sf_logits


class SF(Learner):
    """Layers that are trained one after the other to agree with the node of the right class.

        Z_l = ReLU(conv_l(norm(Z_{l-1}), E'))            E': the edges and the virtual nodes'
        loss_l = cross-entropy(Z_train Z_virtual^T / tau, y_train)
        prediction = arg max_c sum_l softmax(Z_l Z_virtual^T / tau)_c

    While layer l trains, its input is a constant: it is detached, normalised and, for GCN and
    GraphSAGE, propagated once. Only training and class nodes are computed, as the loss reads no
    other. One layer's gradients and optimiser exist at a time: memory does not grow with depth.

    Args:
        virtual_edges: `"both"` ties training and class nodes both ways; `"to-virtual"` lets only
            the class nodes listen, so that no node hears its own label.
        accumulate: the layers whose votes are added up: `"all"`, `"skip-first"` or `"last"`.
        **shared: as for every learner, see `Learner`.

    Source: Park et al. (2024), section 3.3. Chapter 7.
    """

    name = "sf"

    def __init__(self, virtual_edges: str = "both", accumulate: str = "all", **shared: Any) -> None:
        super().__init__(**shared)
        self.virtual_edges = checks.one_of("virtual_edges", virtual_edges, DIRECTIONS)
        self.accumulate = checks.one_of("accumulate", accumulate, ACCUMULATE)

    @property
    def layer_wise(self) -> bool:
        """True: a layer is finished before the next one begins."""
        return True

    def _train(self, run: Run, data: Data) -> None:
        edges, virtual = self._augmented(data)
        train = data.train_mask.nonzero().squeeze(-1)
        val = data.val_mask.nonzero().squeeze(-1) if "val_mask" in data else train[:0]
        votes: Tensor | None = None  # of the finished layers [V, C]
        features = self._input(data, len(train))

        for number, layer in enumerate(self._net(), start=1):
            world = World(features, edges)
            heard = layer.prepare([world], torch.cat([train, virtual]))
            heard_val = layer.prepare([world], torch.cat([val, virtual]))
            validate = partial(self._accuracy, number, layer, heard_val, votes, data.y[val])

            optimizer = run.optimizer(layer)
            for _ in run.epochs(layer, number):
                logits = sf_logits(*self._split(layer(heard)), self.temperature)
                loss = functional.cross_entropy(logits, data.y[train])
                run.step(optimizer, loss)  # inside this layer, and nowhere else
                ahead = margins(logits.detach(), data.y[train])
                run.report(loss, ahead, validate if len(val) else None)
            del optimizer

            if run.stopped or number == self.depth:
                return
            with torch.no_grad():
                votes = add_vote(self.accumulate, votes, self._vote(layer(heard_val)), number)
                features = self._hand_on(layer(self._everyone(features, edges)))

    def _vote(self, z: Tensor) -> Tensor:  # [. + C, H] -> [., C]
        return sf_logits(*self._split(z), self.temperature).softmax(-1)

    def _accuracy(
        self,
        number: int,
        layer: Layer,
        heard: Heard | Propagated,
        votes: Tensor | None,
        labels: Tensor,
    ) -> float:
        vote = self._vote(layer(heard))
        return accuracy(add_vote(self.accumulate, votes, vote, number), labels)

    def _class_scores(self, data: Data) -> list[Tensor]:
        edges, _ = self._augmented(data)
        features = self._input(data, int(data.train_mask.sum()))
        votes: list[Tensor] = []
        for number, layer in enumerate(self._net()[: self.trained_layers], start=1):
            z = layer(self._everyone(features, edges))
            total = votes[-1] if votes else None
            votes.append(add_vote(self.accumulate, total, self._vote(z), number))
            features = self._hand_on(z)
        return votes

    def _augmented(self, data: Data) -> tuple[Edges, Tensor]:
        """The adjacency with class nodes [N + C, N + C], and the class nodes' indices [C]."""
        n, c = len(data.x), self.num_classes
        train = data.train_mask.nonzero().squeeze(-1)
        ties = virtual_edges(data.y[train], train, n, self.virtual_edges)
        edge_index = torch.cat([data.edge_index, ties], dim=1)
        edges = BACKBONES[self.backbone].edges(edge_index, n + c, data.x.dtype)
        return edges, torch.arange(n, n + c, device=data.x.device)

    def _input(self, data: Data, num_train: int) -> Features:
        """norm(X) on top of norm(virtual features), as scaled rows: X itself is not copied.

        A sparse X stays sparse where that is smaller than the T + C dense rows (twice that for
        GraphSAGE) that would otherwise be propagated once and kept.
        """
        x, c = data.x, self.num_classes
        rows = (num_train + c) * (2 if self.backbone == "sage" else 1)
        scale = direction_scale(x, input_scale(x, self._scaling(data)))
        real = Features.compact(x, scale, rows * self.num_features * x.element_size())
        virtual = virtual_features(c, self.num_features, self.seed, x.dtype).to(x.device)
        return real.above(normalise(virtual))

    def _everyone(self, features: Features, edges: Edges) -> Heard:
        """What a layer hears in order to compute all N + C nodes."""
        return Heard(features, edges if self.backbone == "gat" else edges.sparse())

    def _hand_on(self, z: Tensor) -> Features:
        """A finished layer's output as the next layer's input: detached, and without its length."""
        z = z.detach()
        return Features([z], [direction_scale(z)])

    def _split(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Nodes [.., H] and, below them, the C class nodes [C, H]."""
        nodes, virtual = z.split([len(z) - self.num_classes, self.num_classes])
        return nodes, virtual
