"""How a layer is fed while it trains: with all of its rows at once, or with batches of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

import torch
from torch import Tensor

from fgnn_lite.layers import BACKBONES, GraphInput, GraphView, Layer, LayerInput, output, overwrite
from fgnn_lite.matrices import Edges, Matrix
from fgnn_lite.seeds import generator

_BATCHES = 1_000_005  # the purpose of these generators; layers use their number


class Feeder(Protocol):
    """What `SF` asks of a way to feed a layer; the last C rows of an input are the class nodes."""

    def matrix(self, edges: Edges) -> Matrix:
        """The adjacency in the form in which it is kept."""

    def kept_rows(self, rows: int) -> int:
        """The rows of M X that are kept where so many are computed; 0 leaves the features dense."""

    def batches(
        self, x: LayerInput, labels: Tensor, number: int
    ) -> Iterable[tuple[LayerInput, Tensor]]:
        """The updates of an epoch of layer `number`: some nodes above the class nodes, and labels.

        It is gone through once in every epoch.
        """

    def parts(self, x: LayerInput, labels: Tensor) -> Iterable[LayerInput]:
        """All nodes in order, some at a time, each time above the class nodes."""

    def output(self, layer: Layer, view: GraphView) -> Tensor:
        """What the finished layer computes for all nodes [S, H]."""


class WholeGraph:
    """One update an epoch, of all training nodes.

    Args:
        backbone: of the layers.
    """

    def __init__(self, backbone: str) -> None:
        self.backbone = BACKBONES[backbone]

    def matrix(self, edges: Edges) -> Matrix:
        """A list of edges, from which each layer takes those that it needs."""
        return edges

    def kept_rows(self, rows: int) -> int:
        """What the backbone keeps of a dense input."""
        return rows * self.backbone.kept

    def batches(
        self, x: LayerInput, labels: Tensor, number: int
    ) -> Iterable[tuple[LayerInput, Tensor]]:
        """One batch of all."""
        return [(x, labels)]

    def parts(self, x: LayerInput, labels: Tensor) -> Iterable[LayerInput]:
        """One part."""
        return [x]

    def output(self, layer: Layer, view: GraphView) -> Tensor:  # [S, H]
        """M (X W^T), in one product."""
        return layer(GraphInput(view.features, self.backbone.compressed(view.edges)))


class RowBatches:
    """An update for every batch of training nodes; what is propagated is cut into rows.

    Args:
        size: nodes in a batch.
        num_classes: C.
        seed: of the batches, which are drawn anew in every epoch.
    """

    def __init__(self, size: int, num_classes: int, seed: int) -> None:
        self.size, self.num_classes, self.seed = size, num_classes, seed

    def matrix(self, edges: Edges) -> Matrix:
        """Compressed rows, which give some of themselves without a look at the others."""
        return edges.sparse()

    def kept_rows(self, rows: int) -> int:
        """None: features stay dense, or nothing could be propagated in advance."""
        return 0

    def batches(self, x: LayerInput, labels: Tensor, number: int) -> Batches:
        """All nodes in a new order."""
        random = generator(self.seed, _BATCHES, number)
        return Batches(x, labels, self.num_classes, self.size, random)

    def parts(self, x: LayerInput, labels: Tensor) -> Iterable[LayerInput]:
        """As many nodes at a time as in a batch."""
        for nodes in torch.arange(len(labels), device=labels.device).split(self.size):
            yield with_class_nodes(x, nodes, len(labels), self.num_classes)

    def output(self, layer: Layer, view: GraphView) -> Tensor:  # [S, H]
        """(M X) W^T, some rows at a time; over X, if the layer below made it and nobody needs it.

        Of the first layer, X and the class nodes are two blocks, and the caller's own.
        """
        made_below = len(view.features.blocks) == 1
        alone = BACKBONES[layer.backbone].kept == 1  # the root's own row is not read
        return overwrite(layer, view) if made_below and alone else output(layer, view)


class Batches:
    """Nodes and their labels, some at a time, in another order whenever they are gone through.

    Args:
        x: T nodes and, below them, the class nodes, which are in every batch [T + C, F].
        labels: of the nodes [T].
        num_classes: C.
        size: nodes in a batch.
        random: draws the orders, as PyTorch's `DataLoader` does: a number and an order that nobody
            uses stand around the one that is used.
    """

    def __init__(
        self, x: LayerInput, labels: Tensor, num_classes: int, size: int, random: torch.Generator
    ) -> None:
        self.x, self.labels, self.num_classes = x, labels, num_classes
        self.size, self.random = size, random

    def __iter__(self) -> Iterator[tuple[LayerInput, Tensor]]:
        return (self[nodes] for nodes in self.nodes())

    def nodes(self) -> Iterator[Tensor]:
        """Which nodes are in each batch [B], from 0 to T - 1."""
        torch.empty((), dtype=torch.long, device="cpu").random_(generator=self.random)
        order, _ = (self._order() for _ in range(2))
        yield from order.to(self.labels.device).split(self.size)

    def __getitem__(self, nodes: Tensor) -> tuple[LayerInput, Tensor]:
        batch = with_class_nodes(self.x, nodes, len(self.labels), self.num_classes)
        return batch, self.labels[nodes]

    def _order(self) -> Tensor:
        return torch.randperm(len(self.labels), generator=self.random, device="cpu")


def with_class_nodes(x: LayerInput, nodes: Tensor, count: int, num_classes: int) -> LayerInput:
    """Some of `count` nodes [B], and below them the class nodes: the input of B + C rows."""
    virtual = torch.arange(count, count + num_classes, device=nodes.device)
    return x.rows(torch.cat([nodes, virtual]))
