"""DGMLP: many hops, weighted node by node, then a linear classifier."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity
from torch_geometric.data import Data
from torch_geometric.utils import add_remaining_self_loops, scatter

from fgnn_lite import checks
from fgnn_lite.learners.rows import hops
from fgnn_lite.learners.sgc import SGC


class DGMLP(SGC):
    """A linear classifier on a mean of K hops in which each node weighs the hops by itself.

        x_k = S^k X   with S = D^-1/2 (A + I) D^-1/2,   x_inf = its limit, see `stationary`
        w_k = softmax over k = 0..K of cos(x_0, x_k) (1 - cos(x_inf, x_k)),   row by row
        logits = (sum_k w_k x_k) W^T + b,   all but W and b made once

    A hop weighs much where it is still like the node and not yet like what all nodes of a component
    become. The problem is convex and solved as that of `SGC`; nothing is propagated while it
    learns, and its memory does not grow with K.

    Args:
        **shared: as for `SGC`; `depth` is K.

    Source: Zhang et al., *Evaluating deep graph neural networks* (2021), where several layers may
    follow; here it is one, the limit is that of S, and there is no dropout.
    """

    name = "dgmlp"

    def _rows(self, data: Data, nodes: Tensor) -> Tensor:
        x = self._scaled(data)
        own, limit = x[nodes], stationary(data, x)[nodes]  # [R, F]
        total, weights = torch.zeros_like(own), own.new_zeros(len(own), 1)
        for h in hops(x, self._adjacency(data), self.depth):
            some = h[nodes]
            like = cosine_similarity(own, some) * (1 - cosine_similarity(limit, some))  # [R]
            weight = like.exp().unsqueeze(-1)
            total += weight * some
            weights += weight
        return total / weights


def stationary(data: Data, x: Tensor) -> Tensor:
    """What the rows of S^k X come to for k -> infinity, where edges have no direction.

        x_inf,i = sqrt(d_i) sum_j sqrt(d_j) x_j / sum_j d_j   over the nodes j of i's component

    d are the row sums of A + I. A mean weighted by d_j alone is the limit of D^-1 (A + I) and
    points elsewhere. One-way edges have no such limit; what counts there is the same formula.

    Args:
        data: the graph.
        x: features X [N, F].

    Returns:
        Rows [N, F].
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count, weight = len(x), checks.edge_weight(data)
    weight = x.new_ones(data.num_edges) if weight is None else weight.to(x.dtype)
    (source, target), weight = add_remaining_self_loops(data.edge_index, weight, 1.0, count)
    degree = scatter(weight, target, dim=0, dim_size=count)  # [N]
    ends = source[weight > 0].cpu().numpy(), target[weight > 0].cpu().numpy()
    edges = coo_array((np.ones(len(ends[0])), ends), shape=(count, count))
    parts, part_of = connected_components(edges, directed=False)
    part = torch.from_numpy(part_of).long().to(x.device)  # [N]
    root = degree.sqrt().unsqueeze(-1)
    means = scatter(root * x, part, dim=0, dim_size=parts)  # [P, F]
    means /= scatter(degree, part, dim=0, dim_size=parts).clamp(min=1e-12).unsqueeze(-1)
    return root * means[part]
