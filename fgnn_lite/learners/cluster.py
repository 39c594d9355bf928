"""The interface of the learners that read no label: rows for nodes, and clusters of them."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.clusters import k_means
from fgnn_lite.history import History
from fgnn_lite.layers import GraphView, direction_scale, input_scale, next_input, normalise
from fgnn_lite.learners.base import moved, resolve_device
from fgnn_lite.learners.feeders import WholeGraph
from fgnn_lite.learners.net import Net
from fgnn_lite.learners.run import Budget, OnEpoch, Run
from fgnn_lite.matrices import Features


class ClusterLearner(Net):
    """A way to train a graph neural network without labels, layer after layer.

        Z_l = ReLU(conv_l(norm(Z_{l-1}), E))
        clusters = k-means of the rows norm(Z_L)

    No label is read, in training or later, and no epoch is chosen: each layer makes all its
    updates, and its last state is kept. While layer l trains, its input is a constant, detached and
    normalised. Tensors of one layer exist at a time, so memory does not grow with depth; what
    k-means takes outside of PyTorch is not counted by the probe.

    Args:
        clusters: C, from 2 to 65,536; a graph must have at least as many nodes.
        **shared: the settings of a `Net`.

    Raises:
        ValueError: if a value is out of range.
        TypeError: if it is of another kind.
    """

    def __init__(self, clusters: int, **shared: Any) -> None:
        super().__init__(**shared)
        self.clusters = checks.integer("clusters", clusters, 2, checks.WIDEST)

    @property
    def layer_wise(self) -> bool:
        """A layer is finished before the next one begins."""
        return True

    def fit(  # noqa: D417 (what it shares with `Learner.fit` is explained there)
        self,
        data: Data,
        epochs: int = 300,
        lr: float = 1e-3,
        weight_decay: float = 5e-4,
        on_epoch: OnEpoch | None = None,
        progress: bool = False,
        device: str | torch.device = "auto",
    ) -> History:
        """Train from scratch; what `Learner.fit` promises holds here, too.

        Args:
            data: x [N, F], edge_index [2, E], and weights of edges as for `Learner.fit`. Labels and
                masks may be there; they are not read.
            epochs: updates of each layer.
            lr, weight_decay, on_epoch, progress, device: as for `Learner.fit`.

        Returns:
            The history: one record per update, without a validation.

        Raises:
            ValueError: if an argument is out of range or the graph cannot be trained on, for
                instance because it has fewer nodes than there are clusters.
            FloatingPointError, RuntimeError: as `Learner.fit`.
        """
        never = epochs  # nothing validates, so nothing waits for a better epoch
        budget = Budget(epochs, never, never, lr, weight_decay, on_epoch, progress, False)
        self._check_nodes(data)
        where = resolve_device(device)
        return self._run(
            budget, where, data, self.clusters, lambda run: self._train(run, moved(data, where))
        )

    def embed(self, data: Data) -> Tensor:
        """The rows that the last layer gives the nodes, of length 1.

        Args:
            data: a graph with the F features of the one that `fit` saw, that one or another.

        Returns:
            Rows [N, H] on the CPU; one of zeros stays so.

        Raises:
            NotFittedError: before `fit` (a ValueError).
            ValueError: if the graph does not fit the net.
        """
        return self.embed_layers(data)[-1]

    def embed_layers(self, data: Data) -> list[Tensor]:
        """The rows of each layer, as the layer above gets them.

        Args:
            data: as for `embed`.

        Returns:
            Rows [N, H] for each trained layer, from the bottom up, on the CPU.

        Raises:
            NotFittedError, ValueError: as `embed`.
        """
        self._check_fitted()
        self._check_nodes(data)
        weight = next(self.parameters())
        self._check_like("data", data, self.num_features, weight.dtype)
        kind = weight.device.type
        with torch.inference_mode(False), torch.no_grad(), torch.autocast(kind, enabled=False):
            there = moved(data, weight.device)
            view, rows = self._view(there, len(there.x)), []
            for layer in self._net()[: self.trained_layers]:
                z = WholeGraph(self.backbone).output(layer, view)  # [N, H]
                rows.append(normalise(z).cpu())
                view = next_input(z, view)
            return rows

    def predict(self, data: Data) -> Tensor:
        """The cluster of every node: k-means of the last layer's rows.

        The rows are clustered anew at each call, of this graph alone: a number has no meaning, and
        is not the same cluster in another graph. Where a layer gives fewer than C different rows,
        some clusters are empty.

        Args:
            data: as for `embed`.

        Returns:
            Clusters in 0..C-1 [N], int64, on the CPU; the same for the same rows and seed.

        Raises:
            NotFittedError, ValueError: as `embed`.
        """
        return k_means(self.embed(data), self.clusters, self.seed)

    @abstractmethod
    def _train(self, run: Run, data: Data) -> None:
        """The algorithm."""

    def _check_nodes(self, data: Data) -> None:
        """That a graph can be computed on and cut into so many clusters; no label is looked at."""
        checks.graph(data, masks=(), labels=False, classes_in_training=False)
        self._check_edges("data", data)
        if len(data.x) < self.clusters:
            raise ValueError(
                f"data must have at least as many nodes as there are clusters, {self.clusters}; "
                f"got {len(data.x)}"
            )

    def _view(self, data: Data, rows: int) -> GraphView:
        """The graph as the first layer gets it, which computes so many rows: X is not copied."""
        scale = direction_scale(data.x, input_scale(data.x, self.scaling))
        features = Features.smallest(data.x, scale, WholeGraph(self.backbone).kept_rows(rows))
        return GraphView(features, self._adjacency(data))
