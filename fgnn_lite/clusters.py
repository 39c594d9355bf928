"""Clusters of nodes: propagated features, k-means, and what clusters are worth beside labels.

Shapes: N nodes, F features, H hidden units, C clusters, which stand where classes stand elsewhere.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.layers import EVERY_BACKBONE, normalise
from fgnn_lite.seeds import derive, generator

__all__ = ["k_means", "matched_accuracy", "nmi", "propagated", "renamed", "shuffles"]

STARTS = 10  # of k-means; the best of them counts
_K_MEANS = 1_000_010  # the purpose of its seed
_SHUFFLES = 1_000_011  # the purpose of these generators; layers use their number


def propagated(data: Data, hops: int = 2) -> Tensor:
    """Features that were averaged over neighbours: what a clustering learner has to beat.

        norm(S^K norm(X))   with S = D^-1/2 (A + I) D^-1/2

    Args:
        data: a graph with x [N, F] and edge_index [2, E], and weights of edges as GCN reads them.
        hops: K; 0 leaves the features.

    Returns:
        Rows of length 1, or of zeros [N, F].

    Source: Wu et al., *Simplifying graph convolutional networks* (2019); Zhang et al.,
    *Attributed graph clustering via adaptive graph convolution* (2019).

    Chapter 15.
    """
    hops, x = checks.integer("hops", hops, 0), data.x.detach()
    weight = checks.edge_weight(data)
    s = EVERY_BACKBONE["gcn"].edges(data.edge_index.long(), len(x), x.dtype, weight).sparse()
    x = normalise(x)
    for _ in range(hops):
        x = s @ x
    return normalise(x)


def k_means(rows: Tensor, clusters: int, seed: int = 0) -> Tensor:
    """Cut rows into clusters around means: scikit-learn's, the best of ten starts.

        minimise sum_i ||x_i - mean of cluster(i)||^2

    Rows that are alike are in one cluster. Where fewer than C rows differ, some clusters are empty:
    their numbers are not used. It computes on one thread of the CPU, so that the same seed always
    gives the same clusters.

    Args:
        rows: the nodes [N, H].
        clusters: C, from 1 to N.
        seed: of the starts.

    Returns:
        The cluster of each row, in 0..C-1 [N], on the device of the rows. A number has no meaning.

    Raises:
        ValueError: if there are fewer rows than clusters.

    Source: Lloyd, *Least squares quantization in PCM* (1982); Arthur & Vassilvitskii,
    *k-means++: the advantages of careful seeding* (2007).

    Chapter 15.
    """
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # of sklearn

    clusters = checks.integer("clusters", clusters, 1)
    if len(rows) < clusters:
        raise ValueError(f"clusters must be at most the {len(rows)} rows; got {clusters}")
    model = KMeans(clusters, n_init=STARTS, random_state=derive(seed, _K_MEANS) % 2**32)
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # of clusters that stay empty
        found = model.fit_predict(rows.detach().cpu().numpy())
    return torch.from_numpy(found.astype(np.int64)).to(rows.device)


def renamed(found: Tensor, like: Tensor, clusters: int) -> Tensor:
    """The same clusters with other numbers: those of the clusters they share most nodes with.

    One old number is given to one cluster, so that the shared nodes are as many as can be.

    Args:
        found: clusters [N], in 0..C-1.
        like: other clusters of the same nodes [N], in 0..C-1.
        clusters: C.

    Returns:
        Clusters [N], in 0..C-1.

    Source: Kuhn, *The Hungarian method for the assignment problem* (1955).
    """
    rows, columns = _matching(_shared(found, like, clusters, clusters))
    number = torch.empty(clusters, dtype=torch.long)
    number[torch.from_numpy(rows)] = torch.from_numpy(columns)
    return number.to(found.device)[found]


def shuffles(nodes: int, seed: int, layer: int) -> Iterator[Tensor]:
    """The orders of rows by which a layer of local DGI makes its negatives, without an end.

    Args:
        nodes: N.
        seed: of the learner.
        layer: its number, from 1.

    Yields:
        A permutation of the nodes [N], on the CPU: one for each update.

    Chapter 15.
    """
    random = generator(seed, _SHUFFLES, layer)
    while True:
        yield torch.randperm(nodes, generator=random, device="cpu")


def nmi(found: Tensor, labels: Tensor) -> float:
    """The normalised mutual information of clusters and labels, in [0, 1].

        NMI = 2 I(clusters; labels) / (H(clusters) + H(labels))

    It is 1 where each tells the other, and near 0 for clusters that were drawn; many small clusters
    raise it. Numbers of clusters do not matter. Nodes with a label of -1 are left out.

    Args:
        found: clusters [N].
        labels: classes [N].

    Returns:
        scikit-learn's `normalized_mutual_info_score`.

    Raises:
        ValueError: if the shapes differ, or no node has a label.

    Source: Strehl & Ghosh, *Cluster ensembles* (2002).

    Chapter 15.
    """
    from sklearn.metrics import normalized_mutual_info_score

    found, labels = _known(found, labels)
    return float(normalized_mutual_info_score(labels.numpy(), found.numpy()))


def matched_accuracy(found: Tensor, labels: Tensor) -> float:
    """The share of nodes in the right cluster, once each class has one of the clusters, in [0, 1].

        max over one-to-one pi of 1/N sum_i [pi(cluster_i) = y_i]

    The matching reads all labels: it is a measure, not a prediction. Where there are more clusters
    than classes, nodes of the clusters that are left over count as wrong. Nodes with a label of -1
    are left out.

    Args:
        found: clusters [N].
        labels: classes [N].

    Returns:
        The accuracy of the best matching, by SciPy's `linear_sum_assignment`.

    Raises:
        ValueError: if the shapes differ, or no node has a label.

    Source: Kuhn, *The Hungarian method for the assignment problem* (1955).

    Chapter 15.
    """
    found, labels = _known(found, labels)
    shared = _shared(found, labels, int(found.max()) + 1, int(labels.max()) + 1)
    return float(shared[_matching(shared)].sum() / len(found))


def _known(found: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Clusters and labels of the nodes that have a label, on the CPU."""
    if found.shape != labels.shape or found.dim() != 1:
        raise ValueError(
            "found and labels must have one number for each of the same nodes; got the shapes "
            f"{list(found.shape)} and {list(labels.shape)}"
        )
    found, labels = found.cpu(), labels.cpu()
    known = labels >= 0
    if not bool(known.any()):
        raise ValueError("labels must hold at least one that is known; all are negative")
    return found[known], labels[known]


def _shared(found: Tensor, labels: Tensor, clusters: int, classes: int) -> np.ndarray[Any, Any]:
    """How many nodes are in a cluster and of a class [clusters, classes]."""
    pairs = torch.bincount(found * classes + labels, minlength=clusters * classes)
    return pairs.view(clusters, classes).cpu().numpy()


def _matching(shared: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Rows and columns, each taken once, whose entries have the largest sum."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(shared, maximize=True)
    return rows, columns
