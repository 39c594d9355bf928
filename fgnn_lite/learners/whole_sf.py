"""Graphs by single-forward: each pooled row should agree most with the node of its class."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from fgnn_lite import checks
from fgnn_lite.layers import Layer, LayerInput, PropagatedInput
from fgnn_lite.learners.whole import Graphs, Update, WholeInTurn
from fgnn_lite.objectives import margins, sf_logits


class VotedLayer(Layer):
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


class WholeSF(WholeInTurn):
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

    def __init__(self, leave_one_out: bool = False, **shared: Any) -> None:
        super().__init__(**shared)
        self.leave_one_out = checks.flag("leave_one_out", leave_one_out)

    def _layer(self, number: int, inputs: int, outputs: int) -> Layer:
        return VotedLayer(self.backbone, inputs, outputs, self.num_classes)

    def _updates_of(self, layer: Layer, train: list[Graphs]) -> list[Callable[[], Update]]:
        assert isinstance(layer, VotedLayer)
        inputs = [each.prepare(layer) for each in train]
        pooled = [_pooled(x, graphs) for x, graphs in zip(inputs, train, strict=True)]  # p
        y = torch.cat([each.y for each in train])
        count = torch.bincount(y, minlength=self.num_classes)  # [C]
        sums = []  # of M X and, for GraphSAGE, of X
        for each in zip(*pooled, strict=True):
            p = torch.cat(each)  # [all graphs, F]
            sums.append(p.new_zeros(self.num_classes, p.shape[1]).index_add_(0, y, p))
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
        logits = sf_logits(r, layer.class_nodes(), self.temperature)  # [G, C]
        if others is not None:
            own = (r * layer(others)).sum(dim=-1, keepdim=True) / self.temperature  # [G, 1]
            logits = logits.scatter(1, graphs.y.unsqueeze(1), own)
        return Update(functional.cross_entropy(logits, graphs.y), margins(logits, graphs.y))

    def _vote(self, layer: Layer, x: LayerInput, graphs: Graphs) -> Tensor:
        assert isinstance(layer, VotedLayer)
        r = graphs.pooled(layer(x))
        return sf_logits(r, layer.class_nodes(), self.temperature).softmax(-1)


def _pooled(x: LayerInput, graphs: Graphs) -> tuple[Tensor, ...]:
    """The means over each graph's nodes of what a layer was given [G, F]."""
    assert isinstance(x, PropagatedInput)
    return tuple(graphs.pooled(each) for each in x.tensors)
