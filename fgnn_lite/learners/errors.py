"""The error at the output, and how it reaches nodes and layers that have none of their own."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional

from fgnn_lite.matrices import Matrix, SparseMatrix

MOST = 0.99  # of what a node takes of its neighbours' errors
_HOPS = 50  # that errors spread


def error_paths(backbone: str, matrix: Matrix, dtype: torch.dtype) -> SparseMatrix:
    """S [N, N]: along which edges, and how strongly, an error goes; no parameter is in it.

    Args:
        backbone: of the layers. GCN and an MLP: what they multiply with. GraphSAGE: half the node,
            half the mean of its neighbours. GAT: the mean of both, as attention that has learned
            nothing.
        matrix: the backbone's adjacency [N, N].
        dtype: of the entries.
    """
    if backbone not in ("sage", "gat"):
        return matrix.sparse()
    edges = matrix.edges()
    target, source, weight = edges.target, edges.source, edges.weight
    if weight is None:
        weight = 1 / torch.bincount(target, minlength=edges.size[0]).to(dtype)[target]
    else:
        node = torch.arange(edges.size[0], device=edges.device)
        target, source = torch.cat([target, node]), torch.cat([source, node])
        weight = torch.cat([weight, weight.new_ones(len(node))]) / 2
    return SparseMatrix(target, source, weight, edges.size)


def spread_errors(error: Tensor, train: Tensor, share: float, paths: SparseMatrix) -> Tensor:
    """Give nodes without a label an error, too: that of the training nodes around them.

        Q <- (1 - a) E + a S Q, from Q = E;   a node j without a label: mean|e|_1 q_j / |q_j|_1

    Args:
        error: E, of the training nodes, and 0 elsewhere [N, C].
        train: which nodes these are [T].
        share: a in [0, 1): what a node takes of its neighbours; 0 leaves E as it is.
        paths: S [N, N].

    Returns:
        An error for every node [N, C]: those of training nodes as they were; rows that none of
        these reaches are 0.
    """
    if share == 0:
        return error
    spread, known = error, error[train]
    for _ in range(_HOPS):
        spread = (1 - share) * error + share * (paths @ spread)
    size = known.abs().sum(-1).mean()
    spread = functional.normalize(spread, p=1, dim=-1) * size  # rows of 0 stay 0
    return spread.index_copy_(0, train, known)


def errors_below(error: Tensor, paths: SparseMatrix) -> Iterator[Tensor]:
    """S^T E, S^T S^T E, ... [N, C]: what arrives at each lower layer, top down."""
    while True:
        error = paths.transposed @ error
        yield error
