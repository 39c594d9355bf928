"""Single-forward: every layer learns alone, from one pass over one graph, without negatives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.layers import (
    BACKBONES,
    Heard,
    Layer,
    Propagated,
    World,
    compressed,
    hand_on,
    output_in_chunks,
    prepare_in_chunks,
)
from fgnn_lite.learners.base import add_vote
from fgnn_lite.learners.run import Run
from fgnn_lite.learners.single_forward import SingleForward
from fgnn_lite.objectives import accuracy, margins
from fgnn_lite.seeds import generator

_BATCHES = 1_000_005  # the purpose of these generators; layers use their number


class SF(SingleForward):
    """Layers that are trained one after the other to agree with the node of the right class.

        Z_l = ReLU(conv_l(norm(Z_{l-1}), E'))            E': the edges and the virtual nodes'
        loss_l = cross-entropy(Z_train Z_virtual^T / tau, y_train)
        prediction = arg max_c sum_l softmax(Z_l Z_virtual^T / tau)_c

    While layer l trains, its input is a constant: it is detached, normalised and, for GCN and
    GraphSAGE, propagated once. Only training and class nodes are computed, as the loss reads no
    other. One layer's gradients and optimiser exist at a time: memory does not grow with depth.

    Args:
        batch_size: training nodes per update, for GCN and GraphSAGE; an epoch, and its record, is
            then a pass over all of them. A batch is some rows of the propagated input: no neighbour
            is sampled, and beyond the stored features memory grows with the batch, not with the
            graph. `None` makes one update an epoch, of all training nodes.
        **shared: as for `SingleForward`.

    Source: Park et al. (2024), section 3.2; batches of rows are this library's own. Chapter 7.
    """

    name = "sf"

    def __init__(self, batch_size: int | None = None, **shared: Any) -> None:
        super().__init__(**shared)
        self.batch_size = None
        if batch_size is not None:
            self.batch_size = checks.integer("batch_size", batch_size, 1)
        if self.batch_size and not BACKBONES[self.backbone].caches:
            raise ValueError(
                f"batch_size must be None with {self.backbone!r}: only what 'gcn' and 'sage' hear "
                f"can be propagated in advance and cut into rows; got {batch_size}"
            )

    @property
    def layer_wise(self) -> bool:
        """True: a layer is finished before the next one begins."""
        return True

    def _train(self, run: Run, data: Data) -> None:
        world, virtual = self._world(data)
        train = data.train_mask.nonzero().squeeze(-1)
        val = data.val_mask.nonzero().squeeze(-1) if "val_mask" in data else train[:0]
        votes: Tensor | None = None  # of the finished layers [V, C]

        for number, layer in enumerate(self._net(), start=1):
            heard = self._heard(layer, world, torch.cat([train, virtual]))
            heard_val = self._heard(layer, world, torch.cat([val, virtual]))
            validate = partial(self._accuracy, number, layer, heard_val, votes, data.y[val])
            batches = self._batches(heard, data.y[train], number)

            optimizer = run.optimizer(layer)
            for _ in run.epochs(layer, number):
                mean, ahead = data.x.new_zeros(()), []
                for part, labels in batches:
                    logits = self._logits(layer(part))
                    loss = functional.cross_entropy(logits, labels)
                    run.step(optimizer, loss)  # inside this layer, and nowhere else
                    mean += loss.detach() * (len(labels) / len(train))
                    ahead.append(margins(logits.detach(), labels))
                run.report(mean, torch.cat(ahead), validate if len(val) else None)
            del optimizer

            if run.stopped or number == self.depth:
                return
            with torch.no_grad():
                votes = add_vote(self.accumulate, votes, self._votes(layer, heard_val), number)
                world = hand_on(self._output(layer, world), world)

    def _class_scores(self, data: Data) -> list[Tensor]:
        world, _ = self._world(data)
        votes: list[Tensor] = []
        for number, layer in enumerate(self._net()[: self.trained_layers], start=1):
            z = self._output(layer, world)
            total = votes[-1] if votes else None
            votes.append(add_vote(self.accumulate, total, self._vote(z), number))
            world = hand_on(z, world)
        return votes

    def _accuracy(
        self,
        number: int,
        layer: Layer,
        heard: Heard | Propagated,
        votes: Tensor | None,
        labels: Tensor,
    ) -> float:
        vote = self._votes(layer, heard)
        return accuracy(add_vote(self.accumulate, votes, vote, number), labels)

    # The same, of the whole graph at once or a few rows at a time

    def _world(self, data: Data) -> tuple[World, Tensor]:
        """The graph with class nodes as the first layer meets it, and their indices [C]."""
        edges, virtual = self._augmented(data)
        if self.batch_size:
            return World(self._input(data, dense_rows=0), edges.sparse()), virtual
        return World(self._input(data, int(data.train_mask.sum()) + len(virtual)), edges), virtual

    def _heard(self, layer: Layer, world: World, rows: Tensor) -> Heard | Propagated:
        if self.batch_size:
            return prepare_in_chunks(layer, world, rows)
        return layer.prepare([world], rows)

    def _batches(
        self, heard: Heard | Propagated, labels: Tensor, number: int
    ) -> Iterable[tuple[Heard | Propagated, Tensor]]:
        """What an epoch learns from, update by update: nodes above the class nodes, and labels."""
        if not self.batch_size:
            return [(heard, labels)]
        return _Batches(heard, labels, self.batch_size, generator(self.seed, _BATCHES, number))

    def _votes(self, layer: Layer, heard: Heard | Propagated) -> Tensor:  # of [. + C] -> [., C]
        if not self.batch_size:
            return self._vote(layer(heard))
        assert isinstance(heard, Propagated)
        count = len(heard.neighbours) - self.num_classes
        nodes = torch.arange(count, device=heard.neighbours.device)
        rows = _Rows(heard, nodes)
        parts = nodes.split(self.batch_size)
        return torch.cat([self._vote(layer(rows[part][0])) for part in parts])

    def _output(self, layer: Layer, world: World) -> Tensor:  # [N + C, H]
        if self.batch_size:
            return output_in_chunks(layer, world)
        return layer(Heard(world.features, compressed(self.backbone, world.edges)))


class _Rows:
    """Nodes that hear a constant, and their labels; asked for some of them, it gives a batch.

    Args:
        heard: nodes and, below them, the class nodes, which are in every batch.
        labels: of the nodes [T].
    """

    def __init__(self, heard: Heard | Propagated, labels: Tensor) -> None:
        assert isinstance(heard, Propagated)
        self.heard, self.labels = heard, labels
        self._virtual = torch.arange(len(labels), len(heard.neighbours), device=labels.device)

    def __getitem__(self, nodes: Tensor) -> tuple[Propagated, Tensor]:
        return self.heard.rows(torch.cat([nodes, self._virtual])), self.labels[nodes]


class _Batches(_Rows):
    """The same nodes, some at a time, in another order in every epoch.

    Args:
        heard: as for `_Rows`.
        labels: of the nodes [T].
        size: nodes in a batch.
        random: draws the orders, as PyTorch's `DataLoader` does: a number and an order that nobody
            uses stand around the one that is used.
    """

    def __init__(
        self, heard: Heard | Propagated, labels: Tensor, size: int, random: torch.Generator
    ) -> None:
        super().__init__(heard, labels)
        self.size, self.random = size, random

    def __iter__(self) -> Iterator[tuple[Propagated, Tensor]]:
        torch.empty((), dtype=torch.long, device="cpu").random_(generator=self.random)
        order, _ = (self._order() for _ in range(2))
        for nodes in order.to(self.labels.device).split(self.size):
            yield self[nodes]

    def _order(self) -> Tensor:
        return torch.randperm(len(self.labels), generator=self.random, device="cpu")
