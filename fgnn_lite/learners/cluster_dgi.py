"""Local DGI: each layer tells the graph's rows from those of the graph with shuffled features."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from fgnn_lite.clusters import shuffles
from fgnn_lite.layers import GraphView, Layer, next_input
from fgnn_lite.learners.cluster import ClusterLearner
from fgnn_lite.learners.feeders import WholeGraph
from fgnn_lite.learners.run import Run
from fgnn_lite.matrices import Edges
from fgnn_lite.objectives import ff_loss


class SummaryLayer(Layer):
    """A layer, and the matrix J that compares a row with the summary of all rows.

        agreement(h_i, s) = h_i J s

    Args:
        backbone: see `Layer`.
        in_channels: F.
        out_channels: H.
    """

    def __init__(self, backbone: str, in_channels: int, out_channels: int) -> None:
        super().__init__(backbone, in_channels, out_channels)
        self.head = nn.Linear(out_channels, out_channels, bias=False)


class ClusterDGI(ClusterLearner):
    """Forward-forward without labels: positives are a layer's rows, negatives those of a shuffle.

        H = ReLU(conv_l(norm(H_{l-1}), E)),   H' = ReLU(conv_l(P norm(H_{l-1}), E))
        s = sigmoid(mean of the rows of H)   [H]
        g_i = h_i J_l s / tau,   g'_i = h'_i J_l s / tau
        loss_l = mean_i softplus(-g_i) + mean_i softplus(g'_i)

    P puts the input's rows in another order, a new one in every update: features stay as they are
    and lose their neighbours. The gradient reaches W_l, b_l and J_l and stops at the layer's input.
    A layer that cannot tell the two has a loss of 2 log 2. Deep Graph Infomax trains its layers
    together, by backpropagation, and has no norm between them.

    Args:
        clusters: C, of `predict`: training does not depend on it.
        **shared: as for `ClusterLearner`.

    Source: Veličković et al., *Deep graph infomax* (2019); negatives that data make: Hinton (2022),
    section 3.2; layer by layer this library's own.

    Chapter 15.
    """

    name = "cluster-dgi"

    def _layer(self, number: int, inputs: int, outputs: int) -> Layer:
        return SummaryLayer(self.backbone, inputs, outputs)

    def _train(self, run: Run, data: Data) -> None:
        nodes = torch.arange(len(data.x), device=data.x.device)
        view, feeder = self._view(data, 2 * len(nodes)), WholeGraph(self.backbone)

        for number, layer in enumerate(self._net(), start=1):
            orders = shuffles(len(nodes), self.seed, number)
            optimizer = run.optimizer(layer)
            for _ in run.epochs(layer, number):
                pair = [view, shuffled(view, next(orders))]
                x = layer.prepare(pair, nodes, common=True)  # [2 N, F], detached
                positive, negative = layer(x).chunk(2)  # [N, H] each
                s = positive.mean(dim=0).sigmoid()  # [H]
                g, g_shuffled = (h @ layer.head(s) for h in (positive, negative))  # [N] each
                loss = ff_loss(g, g_shuffled.unsqueeze(0), 0.0, self.temperature)
                run.step(optimizer, loss)  # inside this layer, and nowhere else
                run.report(loss, g - g_shuffled, None, (g, g_shuffled))
            del optimizer, pair, x, positive, negative, s, g, g_shuffled, loss

            if run.stopped or number == self.depth:
                return
            with torch.no_grad():
                view = next_input(feeder.output(layer, view), view)  # [N, H]


def shuffled(view: GraphView, order: Tensor) -> GraphView:
    """The same rows and edges, joined otherwise: node j of the graph gets the row order[j].

    No row is copied: the ends of the edges are renamed, so that row order[j] of what a layer
    computes is the one that node j would have with shuffled features.

    Args:
        view: the graph as a layer gets it; its edges are a list.
        order: a permutation of the nodes [N].

    Returns:
        The view with renamed edges.
    """
    edges, order = view.edges.edges(), order.to(view.edges.device)
    renamed = Edges(order[edges.target], order[edges.source], edges.weight, edges.size)
    return view._replace(edges=renamed)
