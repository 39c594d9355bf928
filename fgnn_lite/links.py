"""Links to learn from: the edges of a graph, split, and as many pairs that are no edges."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch_geometric.data import Data
from torch_geometric.transforms import RandomLinkSplit
from torch_geometric.utils import is_undirected

from fgnn_lite import checks
from fgnn_lite.graphs import LAST_SPLIT, load_graph
from fgnn_lite.seeds import all_generators

_SMALLEST = 10  # undirected edges that can be split


def load_links(
    name: str, split: int = 0, root: str | Path | None = None, seed: int = 0, **options: Any
) -> tuple[Data, Data, Data]:
    """Load a graph and split its links, 64/16/20, with as many pairs that are no links.

    PyG's `RandomLinkSplit`, drawn with the seed 101 * split; the global random generators are left
    as they were. Messages run along the training links, and in the test graph along the validation
    links, too; never along a link that is to be predicted.

    Args:
        name: a graph, see `load_graph`.
        split: which split, 0..4.
        root: as for `load_graph`.
        seed: as for `load_graph`, for the embedded graphs.
        **options: as for `load_graph`.

    Returns:
        Training, validation and test data, each with x [N, F], edge_index [2, E] to listen along,
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
    graph = Data(x=whole.x, edge_index=whole.edge_index, name=whole.name)
    divide = RandomLinkSplit(num_val=0.16, num_test=0.2, neg_sampling_ratio=1.0, is_undirected=True)
    with all_generators(101 * split):
        train, val, test = divide(graph)
    for argument, part in (("train", train), ("val", val), ("test", test)):
        checks.links(argument, part)
        if 2 * int(part.edge_label.sum()) != len(part.edge_label):
            raise ValueError(
                f"the graph {name!r} is too dense to split: it lacks pairs that are no links, as "
                f"many as there are links, for {argument}"
            )
    return train, val, test
