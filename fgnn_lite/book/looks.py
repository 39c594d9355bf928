"""What every method looks like, and what readers call it: one table for all figures and explorers.

A hue is an index into `DAY` and `NIGHT`, `MARKERS` and `SHAPES`; a variant of a method has the
method's hue and marker, and a dash of its own. `explorer.css` repeats the colours and dashes; a
test holds it to this table.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

DAY = ("#0b6fc2", "#d55e00", "#009e73", "#a0338f", "#6b5200", "#26323b", "#7b2ff2")  # on white
NIGHT = ("#4a9be0", "#ff7f32", "#2ea88c", "#e07fc4", "#e2d04a", "#ffffff", "#9050ff")  # on dark
MARKERS = ("o", "s", "^", "D", "v", "P", "X")  # matplotlib's names of the shapes below
SHAPES = (
    "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
    "M-3.6-3.6h7.2v7.2h-7.2z",
    "M0-4.9 4.7 3.5h-9.4z",
    "M0-5.3 5 0 0 5.3-5 0z",
    "M0 4.9 4.7-3.5h-9.4z",
    "M-1.5-4.5h3v3h3v3h-3v3h-3v-3h-3v-3h3z",
    "M-4.2-2.1-2.1-4.2 0-2.1 2.1-4.2 4.2-2.1 2.1 0 4.2 2.1 2.1 4.2 0 2.1-2.1 4.2-4.2 2.1-2.1 0z",
)
DASHES = ((), (5, 2.5), (1, 2), (5, 1.5, 1, 1.5))  # drawn and left out, in widths of the line


class Look(NamedTuple):
    """How a method is drawn.

    Attributes:
        name: what readers call it.
        hue: which colour and marker.
        dash: which of `DASHES`: 0 is the method itself, the others are its variants.
    """

    name: str
    hue: int
    dash: int = 0


_SF, _BP, _LABELS, _VIRTUAL, _INPUT, _LOSS, _RIVAL = range(7)
_LOOKS = {
    "sf": Look("SF", _SF),
    "bp": Look("BP", _BP),
    "ff-la": Look("FF-LA", _LABELS),
    "ff-vn": Look("FF-VN", _VIRTUAL),
    "sf-top-to-input": Look("top-to-input", _INPUT),
    "sf-top-to-loss": Look("top-to-loss", _LOSS),
    # the cheap rivals
    "sgc": Look("SGC", _RIVAL),
    "sign": Look("SIGN", _RIVAL, 1),
    "mlp": Look("MLP", _RIVAL, 2),
    "label-propagation": Look("label propagation", _RIVAL, 3),
    "correct-and-smooth": Look("MLP, corrected and smoothed", _RIVAL, 2),
    "dfa": Look("DFA", _BP, 2),
    "class-groups": Look("class groups", _LABELS, 3),
    "local-heads": Look("local heads", _SF, 3),
    "cafo": Look("random layers, readouts", _SF, 2),
    "ccl": Look("label net", _SF, 1),
    "ccl-fixed": Look("label net, as drawn", _SF, 2),
    "local-heads-last": Look("local heads, last answers", _SF, 3),
    "heads-together": Look("local heads, at once", _SF, 2),
    "auglocal": Look("AugLocal", _INPUT, 1),
    "auglocal-mlp": Look("AugLocal, linear layers", _INPUT, 2),
    "man": Look("MAN", _LOSS, 1),
    "pepita": Look("PEPITA", _VIRTUAL, 2),
    # many hops
    "dgmlp": Look("DGMLP", _RIVAL, 3),
    "dagnn": Look("DAGNN", _BP, 3),
    # of links
    "link-bp": Look("BP", _BP),
    "link-ce": Look("CE", _SF),
    "link-ff": Look("FF", _LABELS),
    "link-ce-top-to-input": Look("CE, top-to-input", _INPUT),
    "link-cosine": Look("cosine, untrained", _RIVAL),
    "link-adamic-adar": Look("Adamic-Adar", _RIVAL, 3),
    # of graphs
    "graph-bp": Look("BP", _BP),
    "graph-sf": Look("SF", _SF),
    "graph-ff": Look("FF", _LABELS),
    "graph-local-heads": Look("local heads", _SF, 3),
    "graph-sf-others": Look("SF, without its own vote", _SF, 1),
    "graph-prototypes": Look("prototypes", _SF, 2),
    "graph-prototypes-others": Look("prototypes, without its own", _SF, 2),
    "graph-pooled": Look("linear, pooled rows", _RIVAL, 2),
    "graph-histogram": Look("histogram of nodes", _RIVAL, 1),
    "graph-wl": Look("Weisfeiler-Lehman kernel", _RIVAL),
    "majority": Look("majority", _RIVAL, 3),
    # of clusters
    "cluster-sf": Look("SF on clusters", _SF, 2),
    "cluster-dgi": Look("local DGI", _LABELS),
    "cluster-random": Look("layers as drawn", _BP, 3),
    "kmeans": Look("k-means on features", _RIVAL, 3),
    "kmeans-2": Look("k-means on two hops", _RIVAL),
    "kmeans-5": Look("k-means on five hops", _RIVAL, 1),
    # variants
    "bp edges": Look("BP, edge list", _BP),
    "bp sparse": Look("BP, sparse", _BP, 1),
    "bp checkpoint": Look("BP, checkpointed", _BP, 2),
    "bp sparse checkpoint": Look("BP, sparse, checkpointed", _BP, 3),
    "bp-pseudo": Look("BP, pseudo-errors", _BP, 1),
    "dfa-pseudo": Look("DFA, pseudo-errors", _BP, 3),
    "bp-l2": Look("BP, unit rows", _BP, 1),
    "bp-momentum": Look("BP, plain steps", _BP, 1),
    "bp-head": Look("BP, linear head", _BP, 1),
    "bp-heads": Look("BP, a readout on every layer", _BP, 2),
    "random": Look("random layers, linear head", _BP, 3),
    "link-bp-l2": Look("BP, unit rows", _BP, 1),
    "no graph": Look("no graph", _BP, 2),
    "sage, sampled": Look("BP, GraphSAGE, sampled", _BP, 3),
    "sf-one-way": Look("SF, one-way", _SF, 1),
    "sf, row batches": Look("SF, row batches", _SF, 1),
    "sf, hops": Look("SF on SIGN's rows", _SF, 3),
    "sgc, hops": Look("SGC on SIGN's rows", _RIVAL, 2),
    "sf, rows, sage": Look("SF, row batches, GraphSAGE", _SF, 2),
    "ff-la-mended": Look("FF-LA, mended", _LABELS, 1),
    "ff-vn-mended": Look("FF-VN, mended", _VIRTUAL, 1),
    "ff-vn, one node at a time": Look("FF-VN, one node at a time", _VIRTUAL, 2),
    "receives all": Look("receives all", _INPUT),
    "receives states": Look("receives states", _INPUT, 1),
    "receives labels": Look("receives labels", _INPUT, 2),
    "receives nothing": Look("receives nothing", _INPUT, 3),
}
_ALSO = {  # other names in use -> the name above
    "backprop": "bp",
    "edge list": "bp edges",
    "sparse matrix": "bp sparse",
    "checkpointed": "bp checkpoint",
    "bp, edges": "bp edges",
    "bp, edges, checkpoint": "bp checkpoint",
    "bp, sparse, checkpoint": "bp sparse checkpoint",
    "single-forward": "sf",
    "sf, rows": "sf, row batches",
    "sf, rows, tau 1": "sf, row batches",
    "sf, rows, tau 0.5": "sf, row batches",
    "sf, rows, 80 epochs": "sf, row batches",
    "sf, rows, one-way": "sf-one-way",
    "sign, rows": "sign",
    "bp, trained": "bp sparse",
    "forward-forward": "link-ff",
    "ff, labels appended": "ff-la",
    "ff, virtual nodes": "ff-vn",
}
_WORDS = {  # what is no method, and no word either
    "working_bytes": "working memory",
    "peak_bytes": "peak memory",
    "saved_bytes": "kept for the way back",
    "update_seconds": "time of an update",
    "cora-ml": "CoraML",
    "citeseer-full": "CiteSeer",
    "photo": "Photo",
    "github": "GitHub",
    "gcn": "GCN",
    "sage": "GraphSAGE",
    "gat": "GAT",
    "sum-squares": "sum of squares",
    "mean-squares": "mean of squares",
    "sum-abs": "sum of absolute values",
    "negative-entropy": "negative entropy",
    "symba": "SymBa",
}
_PLAIN = {each.name.lower(): name for name, each in reversed(_LOOKS.items())}


def look(name: str) -> Look | None:
    """Say how a method is drawn.

    Args:
        name: of a learner, of a method in `results/`, or what readers call it.

    Returns:
        Its look; `None` if it is no method.
    """
    name = name.lower()
    name = _ALSO.get(name, name)
    return _LOOKS.get(name) or _LOOKS.get(_PLAIN.get(name, ""))


def plain(name: str) -> str:
    """Say what readers call a method, a count or a graph; anything else is called what it is."""
    found = look(name)
    return found.name if found else _WORDS.get(name, name)


def looks_of(names: Iterable[str]) -> list[Look]:
    """Say how several are drawn beside each other.

    Args:
        names: methods or not.

    Returns:
        Each one's look: of a method its own; of the others one that is free, in their order.
    """
    names = list(names)
    known = [look(name) for name in names]
    taken = {each.hue for each in known if each}
    free = [hue for hue in range(len(DAY)) if hue not in taken] or list(range(len(DAY)))
    out: list[Look] = []
    for name, each in zip(names, known, strict=True):
        if each is None:
            hue = free.pop(0)
            free.append(hue)
            each = Look(plain(name), hue)
        out.append(each)
    return out
