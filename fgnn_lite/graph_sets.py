"""Sets of graphs to classify: lists of PyG ``Data``, one label a graph, in ten fixed folds.

Embedded (no files, no network): ``digits-grid`` and ``motifs``. ``mutag``, ``proteins`` and
``enzymes`` come through PyG's `TUDataset`, from a folder of raw files that is only read, or from
the network.

Notation: G graphs, N nodes of one of them, F features, C classes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch_geometric.data import Data
from torch_geometric.utils import degree, grid, to_undirected

from fgnn_lite import checks
from fgnn_lite.graphs import EMBEDDED_SETS, SOURCES_OF_SETS, _existing, _read_source

__all__ = ["GRAPH_SETS", "load_graphs"]

GRAPH_SETS = (*EMBEDDED_SETS, *SOURCES_OF_SETS)
FOLDS = 10
HIGHEST = 10  # nodes of more neighbours count as having that many
_FOLDS, _MOTIFS = 1, 2  # the purposes of the generators

MOTIFS = {  # edges of the six nodes of each: all have seven, and the degrees 3, 3, 2, 2, 2, 2
    "ladder": ((0, 1), (0, 2), (2, 3), (3, 1), (0, 4), (4, 5), (5, 1)),
    "house": ((0, 1), (0, 2), (2, 1), (0, 3), (3, 4), (4, 5), (5, 1)),
    "bridge": ((0, 2), (2, 1), (0, 3), (3, 1), (0, 4), (4, 5), (5, 1)),
}
_SETTINGS = {"graphs": 300, "tree": 8}  # of the motif set


def load_graphs(
    name: str, fold: int = 0, root: str | Path | None = None, seed: int = 0, **options: Any
) -> tuple[list[Data], list[Data], list[Data]]:
    """Load a set of graphs: those to train on, to validate on and to test on.

    The ten folds have the same share of every class, as nearly as numbers allow. Fold k is for
    testing, the next one (after the last the first) for validation, and the other eight for
    training. The global random generators are neither used nor changed.

    ``digits-grid``: scikit-learn's 1,797 digits, 8 x 8 pixels each. A pixel is a node and is
    joined to those beside, above and below it; its features are its ink, from 0 to 1, and one-hot
    its row and its column [64, 17]. ``motifs``: a random tree with a motif of six nodes hung on
    it, a ladder, a house or a bridge; all have seven edges and the same degrees, so that no
    count of degrees tells them apart; features are the one-hot degree. ``mutag``, ``proteins``
    and ``enzymes`` have one-hot labels of nodes, and one-hot degrees up to 10, as features.

    Args:
        name: one of ``GRAPH_SETS``.
        fold: which fold is for testing, 0..9.
        root: a folder of raw files, ``TU/MUTAG/raw`` for instance; else as for `load_graph`.
        seed: of the folds, and of what is drawn for ``motifs``.
        **options: for ``motifs`` only: `graphs` (300 of them), `tree` (8 nodes of each tree; with 0
            the motifs stand alone).

    Returns:
        Three lists of Data: x [N, F] float32, edge_index [2, E] with every edge in both
        directions, y [1] int64.

    Raises:
        TypeError, ValueError, FileNotFoundError, PermissionError: as `load_graph`.

    Source: the last three: Morris et al., *TUDataset* (2020); ten folds: Xu et al., *How powerful
    are graph neural networks?* (2019), section 7.
    """
    name = checks.one_of("name", name, GRAPH_SETS)
    checks.options(f"load_graphs({name!r})", options, _SETTINGS if name == "motifs" else ())
    fold = checks.integer("fold", fold, 0, FOLDS - 1)
    seed = checks.integer("seed", seed, 0)
    folder = None if root is None else _existing("root", root)
    with torch.device("cpu"):  # whatever PyTorch's default is
        if name == "digits-grid":
            graphs = _digits()
        elif name == "motifs":
            graphs = _motifs(seed, **_SETTINGS | options)
        else:
            graphs = [_with_degrees(each) for each in _read_source(name, folder)]
        labels = np.array([int(each.y) for each in graphs])
        place = (_folds(labels, seed) - fold) % FOLDS  # 0 is for testing, 1 for validation
    parts = (place > 1, place == 1, place == 0)
    train, val, test = ([graphs[k] for k in part.nonzero()[0]] for part in parts)
    return train, val, test


def _folds(labels: np.ndarray, seed: int) -> np.ndarray:
    """The fold of every graph [G]: each class is shuffled and dealt out, one class after another.

    The next class goes on where the last one ended, so folds differ by one graph at most.
    """
    order = np.random.default_rng([seed, _FOLDS]).permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    fold = np.empty(len(labels), dtype=np.int64)
    fold[order] = np.arange(len(labels)) % FOLDS
    return fold


def _digits() -> list[Data]:
    """A grid of 64 nodes for each of scikit-learn's digits."""
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)  # [G, 64] whole numbers 0..16, [G]
    ink = torch.from_numpy((pixels / 16).astype(np.float32))
    edges, place = grid(8, 8)  # to the eight around each node and to itself; [64, 2]
    source, target = edges
    edges = edges[:, (place[source] - place[target]).abs().sum(dim=1) == 1]
    node = torch.arange(64)
    where = torch.cat([functional.one_hot(node // 8), functional.one_hot(node % 8)], dim=1).float()
    return [
        Data(x=torch.cat([each.unsqueeze(1), where], dim=1), edge_index=edges, y=torch.tensor([y]))
        for each, y in zip(ink, labels.tolist(), strict=True)
    ]


def _motifs(seed: int, graphs: int, tree: int) -> list[Data]:
    """Random recursive trees; one edge leads from a node of each to a node of its motif."""
    graphs = checks.integer("graphs", graphs, FOLDS * len(MOTIFS))
    tree = checks.integer("tree", tree, 0)
    rng = np.random.default_rng([seed, _MOTIFS])
    found = []
    for k in range(graphs):
        y = k % len(MOTIFS)
        pairs = [(int(rng.integers(node)), node) for node in range(1, tree)]
        pairs += [(tree + a, tree + b) for a, b in list(MOTIFS.values())[y]]
        if tree:
            pairs.append((int(rng.integers(tree)), tree + int(rng.integers(6))))
        edges = to_undirected(torch.tensor(pairs).t(), num_nodes=tree + 6)
        data = Data(edge_index=edges, y=torch.tensor([y]), num_nodes=tree + 6)
        found.append(_with_degrees(data))
    return found


def _with_degrees(data: Data) -> Data:
    """Features, labels of nodes if there are any, and one-hot degrees; nothing that edges carry."""
    edges = data.edge_index
    count = degree(edges[0], data.num_nodes, torch.long).clamp(max=HIGHEST)
    one_hot = functional.one_hot(count, HIGHEST + 1).float()
    x: Tensor = one_hot if data.x is None else torch.cat([data.x, one_hot], dim=1)
    return Data(x=x, edge_index=edges, y=data.y)
