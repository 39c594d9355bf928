"""Single-forward without labels: clusters of the rows so far stand in for classes."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data

from fgnn_lite.augment import virtual_edges, virtual_features
from fgnn_lite.clusters import k_means, propagated, renamed
from fgnn_lite.layers import GraphView, next_input, normalise
from fgnn_lite.learners.cluster import ClusterLearner
from fgnn_lite.learners.feeders import WholeGraph
from fgnn_lite.learners.run import Run
from fgnn_lite.objectives import margins, sf_logits
from fgnn_lite.seeds import derive


class ClusterSF(ClusterLearner):
    """Layers trained in turn to agree with the node of the pseudo-class that k-means has given.

        y_1 = k-means of norm(S^2 norm(X)),   y_l = k-means of norm(Z_{l-1})
        Z_l = ReLU(conv_l(norm(Z_{l-1}), E'))            E': the edges, and those to class nodes
        loss_l = cross-entropy(Z Z_virtual^T / tau, y_l)

    Every node is a training node of its pseudo-class. With true labels in place of all y_l, and
    every node in the training mask, it is `SF` with `virtual_edges="to-virtual"`. Edges from class
    nodes are left out: through them a node would receive the number that it is to tell, and rows of
    nodes would depend on clusters of the graph that was trained on.

    The clusters of a layer take the numbers of those below with which they share most nodes, for
    the class nodes' rows go on from layer to layer. An empty cluster is a class node that nothing
    sends to; it is one more wrong answer to every node.

    Args:
        clusters: C.
        **shared: as for `ClusterLearner`.

    Source: Park et al. (2024), section 3.2, with labels; clusters as labels: Caron et al., *Deep
    clustering for unsupervised learning of visual features* (2018); layer by layer this library's
    own.

    Chapter 15.
    """

    name = "cluster-sf"

    def _train(self, run: Run, data: Data) -> None:
        n, feeder = len(data.x), WholeGraph(self.backbone)
        every = torch.arange(n + self.clusters, device=data.x.device)
        view = self._view(data, len(every))
        view = view._replace(features=view.features.append_rows(self._virtual(data)))  # [N + C, F]
        y = self._pseudo_classes(1, propagated(data))

        for number, layer in enumerate(self._net(), start=1):
            view = self._with_class_nodes(data, view, y)
            x = layer.prepare([view], every)  # [N + C, F], detached
            optimizer = run.optimizer(layer)
            for _ in run.epochs(layer, number):
                z = layer(x)  # [N + C, H]
                logits = sf_logits(z[:n], z[n:], self.temperature)  # [N, C]
                loss = functional.cross_entropy(logits, y)
                run.step(optimizer, loss)  # inside this layer, and nowhere else
                run.report(loss, margins(logits.detach(), y), None)
            del optimizer, x, z, logits, loss

            if run.stopped or number == self.depth:
                return
            with torch.no_grad():
                z = feeder.output(layer, view)  # [N + C, H]
                y = self._pseudo_classes(number + 1, normalise(z[:n]), y)
                view = next_input(z, view)

    def _pseudo_classes(self, number: int, rows: Tensor, below: Tensor | None = None) -> Tensor:
        """What layer `number` is trained to tell [N], from rows [N, .] and the clusters before."""
        found = k_means(rows, self.clusters, derive(self.seed, number))
        return found if below is None else renamed(found, below, self.clusters)

    def _virtual(self, data: Data) -> Tensor:
        """The class nodes' features [C, F]: drawn once, not trained, and not needed later."""
        size = self.clusters, self.num_features
        return normalise(virtual_features(*size, self.seed, data.x.dtype)).to(data.x.device)

    def _with_class_nodes(self, data: Data, view: GraphView, y: Tensor) -> GraphView:
        """The view with an edge from each node to the node of its pseudo-class."""
        nodes = torch.arange(len(y), device=y.device)
        more = virtual_edges(y, nodes, len(y), "to-virtual")
        return view._replace(edges=self._adjacency(data, more, self.clusters))
