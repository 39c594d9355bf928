"""Links to learn from: the edges of a graph, split, and as many pairs that are no edges."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Data
from torch_geometric.utils import is_undirected

from fgnn_lite import checks
from fgnn_lite.graphs import LAST_SPLIT, load_graph

_SMALLEST = 10  # undirected edges that can be split
_TRIES = 3  # to find enough pairs that are no links


def load_links(
    name: str, split: int = 0, root: str | Path | None = None, seed: int = 0, **options: Any
) -> tuple[Data, Data, Data]:
    """Load a graph and split its links, 64/16/20, with as many pairs that are no links.

    The split is the one of PyG's `RandomLinkSplit` with all seeds set to 101 * split, drawn from
    generators of its own: the global ones are neither read nor changed. Messages run along the
    training links, and in the test graph along the validation links, too; never along a link that
    is to be predicted.

    Args:
        name: a graph, see `load_graph`.
        split: which split, 0..4.
        root: as for `load_graph`.
        seed: as for `load_graph`, for the embedded graphs.
        **options: as for `load_graph`.

    Returns:
        Training, validation and test data, each with x [N, F], edge_index [2, E] for messages,
        edge_label_index [2, P] to judge, edge_label [P] (1 a link, 0 none), and name.

    Raises:
        ValueError: as `load_graph`; or if the graph is too small, or too dense, to split.

    Source: Park et al. (2024), section 4. Chapter 10.
    """
    split = checks.integer("split", split, 0, LAST_SPLIT)
    whole = load_graph(name, root=root, seed=seed, **options)
    assert is_undirected(whole.edge_index)
    if whole.num_edges < 2 * _SMALLEST:
        raise ValueError(
            f"the graph {name!r} is too small to split: it has {whole.num_edges // 2} links, "
            f"and at least {_SMALLEST} are needed"
        )
    source, target = whole.edge_index
    once = (source <= target).nonzero().squeeze(-1)  # of its two directions
    count, seed_all = len(once), 101 * split
    order = torch.randperm(
        count, generator=torch.Generator("cpu").manual_seed(seed_all), device="cpu"
    )
    num_val, num_test = int(0.16 * count), int(0.2 * count)
    num_train = count - num_val - num_test
    links = whole.edge_index[:, once[order]].split([num_train, num_val, num_test], dim=1)
    others = _pairs_that_are_none(whole.edge_index, whole.num_nodes, count, seed_all)
    if others.shape[1] < count:
        raise ValueError(
            f"the graph {name!r} is too dense to split: it lacks pairs that are no links, as many "
            f"as there are links"
        )
    none = others.split([num_val, num_test, num_train], dim=1)
    return (
        _part(whole, links[0], links[0], none[2]),
        _part(whole, links[0], links[1], none[0]),
        _part(whole, torch.cat(links[:2], dim=1), links[2], none[1]),
    )


def _part(whole: Data, known: Tensor, links: Tensor, others: Tensor) -> Data:
    """What is known of the graph [2, E / 2], and pairs to judge: links [2, P / 2] and others."""
    label = torch.zeros(links.shape[1] + others.shape[1], dtype=torch.float32, device=links.device)
    label[: links.shape[1]] = 1.0
    return Data(
        x=whole.x,
        edge_index=torch.cat([known, known.flip(0)], dim=1),
        name=whole.name,
        edge_label=label,
        edge_label_index=torch.cat([links, others], dim=1),
    )


def _pairs_that_are_none(edge_index: Tensor, nodes: int, wanted: int, seed: int) -> Tensor:
    """Up to `wanted` pairs (i, j), i and j different, that no edge joins [2, P], each once.

    The pairs of two nodes are numbered 0..N(N-1)-1, row by row, and numbers are drawn without
    replacement, as PyG's `negative_sampling` draws them; those of edges, and those that an earlier
    try drew, are dropped.
    """
    source, target = edge_index[:, edge_index[0] != edge_index[1]]
    taken = source * (nodes - 1) + target - (source < target).long()
    many, found = nodes * (nodes - 1), taken[:0]
    if len(taken) >= many:
        return edge_index[:, :0]
    draws = int(1.1 * wanted / (1.0 - len(taken) / many))  # so that enough of them are no edges
    python_like = random.Random(seed)
    for _ in range(_TRIES):
        drawn = range(many) if many <= draws else python_like.sample(range(many), draws)
        number = torch.tensor(drawn, dtype=torch.long, device=edge_index.device)
        found = torch.cat([found, number[~torch.isin(number, torch.cat([taken, found]))]])
        if len(found) >= wanted:
            break
    row, col = found[:wanted] // (nodes - 1), found[:wanted] % (nodes - 1)
    return torch.stack([row, col + (row <= col).long()])
