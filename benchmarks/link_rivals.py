"""Links without training: what the score of a pair is worth that nobody learned.

    FGNN_LITE_DATA=... .venv/bin/python benchmarks/link_rivals.py

The splits of `study.py` and `links.py`, and the digits of chapter 10. "cosine" is that of the two
nodes' features, rows of length 1, propagated as often as `depth` says; "Adamic-Adar" counts common
neighbours, each divided by the logarithm of its degree (networkx). Both see the edges along which
messages run, and no other. A second or two a graph; results/link-rivals.json is written anew.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import networkx as nx
import torch
from provenance import RESULTS, write
from torch import Tensor
from torch.nn.functional import normalize
from torch_geometric.data import Data
from torch_geometric.nn import APPNP
from torch_geometric.utils import to_networkx

import fgnn_lite as fgnn
from fgnn_lite.learners.link import roc_auc

PATH = RESULTS / "link-rivals.json"
GRAPHS = ("digits", "cora-ml", "citeseer-full")
SPLITS, HOPS = range(5), range(5)


def cosine(data: Data, hops: int) -> Tensor:
    """The cosine of the propagated rows of each pair's two nodes. Returns: [P]."""
    rows = APPNP(hops, alpha=0)(normalize(data.x), data.edge_index)  # [N, F], no restart
    source, target = normalize(rows)[data.edge_label_index]  # [P, F] each
    return (source * target).sum(dim=1)


def adamic_adar(data: Data) -> Tensor:
    """Common neighbours of each pair, each divided by the logarithm of its degree. Returns: [P]."""
    graph = to_networkx(data, to_undirected=True)
    pairs = data.edge_label_index.T.tolist()
    return torch.tensor([score for _, _, score in nx.adamic_adar_index(graph, pairs)])


def measure(graph: str, split: int) -> list[dict[str, Any]]:
    """The rows of one split."""
    _, *parts = fgnn.load_links(graph, split=split)
    scores = [("link-cosine", hops, [cosine(part, hops) for part in parts]) for hops in HOPS]
    scores.append(("link-adamic-adar", 0, [adamic_adar(part) for part in parts]))
    rows = []
    for method, hops, answers in scores:
        pairs = zip(answers, parts, strict=True)
        val, test = (round(roc_auc(answer, part.edge_label), 4) for answer, part in pairs)
        place = {"graph": graph, "method": method, "split": split, "depth": hops}
        rows.append(place | {"test": test, "val": val})
    return rows


def main() -> None:
    """Score every pair, and write the file."""
    torch.set_num_threads(1)
    rows = [row for place in product(GRAPHS, SPLITS) for row in measure(*place)]
    about = "ROC-AUC of links. " + __doc__.splitlines()[0]
    write(PATH, about, {"splits": len(SPLITS)}, rows)


if __name__ == "__main__":
    main()
