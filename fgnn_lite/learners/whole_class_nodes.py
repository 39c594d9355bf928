"""What learners of graphs share that compare a graph with a node of each class."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from torch import Tensor
from torch.nn import functional

from fgnn_lite import checks
from fgnn_lite.layers import Layer, LayerInput
from fgnn_lite.learners.whole import Graphs, Update, WholeInTurn
from fgnn_lite.objectives import margins, sf_logits


class ClassNodeLayer(Layer):
    """A layer that has a class node for each class of graphs."""

    @abstractmethod
    def class_nodes(self) -> Tensor:
        """What graphs are compared with [C, H]."""


class WholeClassNodes(WholeInTurn):
    """Layers trained in turn to make a graph's pooled row r agree with the node z of its class.

        loss_l = cross-entropy(r z^T / tau)
        prediction = arg max_c sum_l softmax(r z^T / tau)_c

    Args:
        leave_one_out: while it learns, a graph has no part in the node of its own class that it is
            compared with.
        **shared: as for `WholeInTurn`.
    """

    def __init__(self, leave_one_out: bool = False, **shared: Any) -> None:
        super().__init__(**shared)
        self.leave_one_out = checks.flag("leave_one_out", leave_one_out)

    def _compare(
        self, r: Tensor, z: Tensor, y: Tensor, others: Callable[[], Tensor] | None = None
    ) -> Update:
        """Pooled rows [G, H] with class nodes [C, H]; `others` gives each its own for y [G, H]."""
        logits = sf_logits(r, z, self.temperature)  # [G, C]
        if others is not None:
            own = (r * others()).sum(dim=-1, keepdim=True) / self.temperature  # [G, 1]
            logits = logits.scatter(1, y.unsqueeze(1), own)
        return Update(functional.cross_entropy(logits, y), margins(logits, y))

    def _voter(self, layer: Layer) -> Callable[[LayerInput, Graphs], Tensor]:
        assert isinstance(layer, ClassNodeLayer)
        z = layer.class_nodes()  # [C, H]
        return lambda x, graphs: sf_logits(graphs.pooled(layer(x)), z, self.temperature).softmax(-1)


def class_sums(rows: Tensor, y: Tensor, classes: int) -> Tensor:
    """The sum of the rows of each class: [G, H], [G] -> [C, H]."""
    return rows.new_zeros(classes, rows.shape[1]).index_add_(0, y, rows)
