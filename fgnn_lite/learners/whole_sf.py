"""Graphs by single-forward: each pooled row should agree most with the node of its class."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from fgnn_lite.layers import Layer, LayerInput, PropagatedInput
from fgnn_lite.learners.whole import Graphs, Update
from fgnn_lite.learners.whole_class_nodes import ClassNodeLayer, WholeClassNodes, class_sums


class VotedLayer(ClassNodeLayer):
    """A layer, and what it computes its class nodes from: the training graphs' sums, per class.

    Args:
        backbone: `"gcn"` or `"sage"`.
        in_channels: F.
        out_channels: H.
        classes: C.

    Attributes:
        aggregated: of each class the sum of its graphs' M X, averaged over nodes, over the root of
            their number [C, F].
        roots: the same of X [C, F], for GraphSAGE.
    """

    aggregated: Tensor
    roots: Tensor | None

    def __init__(self, backbone: str, in_channels: int, out_channels: int, classes: int) -> None:
        super().__init__(backbone, in_channels, out_channels)
        self.register_buffer("aggregated", torch.zeros(classes, in_channels))
        roots = torch.zeros(classes, in_channels) if backbone == "sage" else None
        self.register_buffer("roots", roots)

    def class_nodes(self) -> Tensor:
        """What this layer makes of the class nodes [C, H]."""
        z: Tensor = self(PropagatedInput(self.aggregated, self.roots))
        return z


class WholeSF(WholeClassNodes):
    """Layers trained in turn to make a graph's pooled row agree with the node of its class.

        Z_l = ReLU(conv_l(norm(Z_{l-1}), E)),   r = mean over nodes of Z_l   [G, H]
        u_c = sum over the training graphs g of class c of p_g / sqrt(their number)
        z_c = ReLU(u_c W_l + b_l);   p: the mean over nodes of what the layer aggregates
        loss_l = cross-entropy(r Z_class^T / tau)
        prediction = arg max_c sum_l softmax(r Z_class^T / tau)_c

    Class node c has an edge from the pooled row of every training graph of class c, and none from a
    graph to be predicted. A layer keeps its u, so that prediction needs no training graph. GAT's
    weights of neighbours move while it learns, and nothing can be summed in advance: it is refused.

    Args:
        leave_one_out: while it learns, a graph does not vote for the node of its own class that it
            is compared with: u_c is the others' mean times sqrt(their number + 1) there. Their sum
            over sqrt(their number) would put every graph's own class a little behind the rest: on
            the digits all class nodes then fall silent. A graph that is the only one of its class
            is compared with ReLU(b_l).
        **shared: as for `WholeInTurn`.

    Source: Park et al. (2024), section 3.2 and appendix D; the pooling and `leave_one_out` are
    this library's own.
    """

    name = "graph-sf"
    backbones = ("gcn", "sage")

    def _layer(self, number: int, inputs: int, outputs: int) -> Layer:
        return VotedLayer(self.backbone, inputs, outputs, self.num_classes)

    def _updates_of(self, layer: Layer, train: list[Graphs]) -> list[Callable[[], Update]]:
        assert isinstance(layer, VotedLayer)
        inputs = [each.prepare(layer) for each in train]
        pooled = [_pooled(x, graphs) for x, graphs in zip(inputs, train, strict=True)]  # p
        y = torch.cat([each.y for each in train])
        count = torch.bincount(y, minlength=self.num_classes)  # [C]
        wholes = [torch.cat(each) for each in zip(*pooled, strict=True)]  # [all graphs, F]
        sums = [class_sums(p, y, self.num_classes) for p in wholes]  # of M X; for GraphSAGE, of X
        means = [each / count.to(each).sqrt().unsqueeze(1) for each in sums]  # u
        layer.aggregated, layer.roots = means[0], means[1] if len(means) > 1 else None
        updates: list[Callable[[], Update]] = []
        for x, graphs, own in zip(inputs, train, pooled, strict=True):
            others = None
            if self.leave_one_out:
                many = count[graphs.y].to(own[0]).unsqueeze(1)  # [G, 1]
                share = many.sqrt() / (many - 1).clamp(min=1)
                left = [(s[graphs.y] - p) * share for s, p in zip(sums, own, strict=True)]
                others = PropagatedInput(*left)
            updates.append(partial(self._update, layer, x, graphs, others))
        return updates

    def _update(
        self, layer: VotedLayer, x: LayerInput, graphs: Graphs, others: PropagatedInput | None
    ) -> Update:
        r = graphs.pooled(layer(x))  # [G, H]
        without = None if others is None else partial(layer, others)
        return self._compare(r, layer.class_nodes(), graphs.y, without)


def _pooled(x: LayerInput, graphs: Graphs) -> tuple[Tensor, ...]:
    """The means over each graph's nodes of what a layer was given [G, F]."""
    assert isinstance(x, PropagatedInput)
    return tuple(graphs.pooled(each) for each in x.tensors)
