"""Graphs: every source becomes one PyG ``Data`` with masks.

Embedded (no files, no network): ``karate``, ``digits`` and ``sbm``. The citation, shop and GitHub
graphs come through PyG's own dataset classes, from a folder of raw files that is only read, or
from the network.

Notation: N nodes, F features, C classes, E columns of ``edge_index``, both directions counted.
"""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
import torch_geometric
from torch import Tensor
from torch_geometric.data import Data
from torch_geometric.utils import to_undirected

from fgnn_lite import checks
from fgnn_lite.seeds import generator

__all__ = ["GRAPHS", "load_graph", "rewire"]

EMBEDDED = ("karate", "digits", "sbm")
GRAPHS = (
    *EMBEDDED,
    *("cora", "citeseer", "pubmed"),
    *("cora-ml", "citeseer-full", "pubmed-full", "photo", "github"),
)
_REWIRED = 1_000_008  # the purpose of this generator
LAST_SPLIT = 4  # five splits, 0..4
SIGNAL = 1.5  # sbm: the length of a class mean; the noise around it has deviation 1 per feature
GITHUB_FEATURES = 128  # what the paper's GitHub graph has
EMBEDDED_SETS = ("digits-grid", "motifs")
_MEND = "mend or delete them"


def load_graph(
    name: str, split: int = 0, root: str | Path | None = None, seed: int = 0, **options: Any
) -> Data:
    """Load a graph, with its training, validation and test nodes.

    ``karate``, ``digits`` and ``sbm`` are embedded. ``cora``, ``citeseer`` and ``pubmed`` have
    Planetoid's public split. ``cora-ml``, ``citeseer-full``, ``pubmed-full``, ``photo`` and
    ``github`` have the five splits of ForwardGNN, 64/16/20. The global random generators are
    neither used nor changed.

    Args:
        name: one of ``GRAPHS``.
        split: which split, 0..4; only 0 for the graphs with a public split.
        root: a folder of raw files, laid out as PyG's classes do: ``CitationFull/cora_ml/raw``,
            ``Planetoid/Cora/raw``, ``Amazon/Photo/raw``, ``GitHub/raw``. All files of the graph
            must be there: nothing is downloaded in their place. None means ``$FGNN_LITE_DATA``, if
            that is set; a graph of which it holds nothing is downloaded. Both are only read:
            downloads go into the cache, ``$FGNN_LITE_CACHE`` or PyG's home. Embedded graphs need
            none.
        seed: of everything that is drawn for the embedded graphs: the splits and, for ``sbm``,
            the graph, which is the same in every split.
        **options: for ``sbm`` only: `nodes` (400), `edges` (1600 undirected ones), `classes` (4),
            `features` (16), `homophily` (0.8, the part of the edges that join nodes of one
            class).

    Returns:
        A Data: x [N, F] float32 dense, y [N] int64, edge_index [2, E] int64 with every edge in
        both directions, train_mask, val_mask, test_mask [N] bool, num_classes int, name str.

    Raises:
        TypeError: an argument of the wrong type, or an option that the graph does not have.
        ValueError: no such graph or split, an option out of range, or files that cannot be read.
        FileNotFoundError: `root` does not exist or lacks files of the graph, ``$FGNN_LITE_DATA``
            holds some and not all of them, or they are neither there nor to be had.
        PermissionError: the cache cannot be written.

    Source: Park et al. (2024), section 4: the five graphs and their splits. Chapter 1.
    """
    name = checks.one_of("name", name, GRAPHS)
    options_of = tuple(SBM) if name == "sbm" else ()
    checks.options(f"load_graph({name!r})", options, options_of)
    public = name in SOURCES and SOURCES[name].dataset == "Planetoid"
    split = checks.integer(f"split of {name!r}", split, 0, 0 if public else LAST_SPLIT)
    seed = checks.integer("seed", seed, 0)
    folder = None if root is None else _existing("root", root)
    with torch.device("cpu"):  # whatever PyTorch's default is
        if name == "karate":
            data = _karate(split, seed)
        elif name == "digits":
            data = _digits(split, seed)
        elif name == "sbm":
            data = _sbm(split, seed, **SBM | options)
        else:
            data = _from_files(name, split, folder)
    data.name = name
    checks.graph(data, masks=("train_mask", "val_mask", "test_mask"))
    return data


def rewire(data: Data, share: float, seed: int = 0) -> Data:
    """Replace one end of some edges by a node drawn from all: neighbours of any class.

    Every edge is taken as going both ways, and stays so. An edge that would join a node to itself
    is left out. An edge keeps its weight, if it has one; the weights of edges that join the same
    two nodes are averaged.

    Args:
        data: a graph of N nodes.
        share: of the edges, from 0 to 1; each is replaced with this probability.
        seed: of the draw. The edges of a smaller share are among those of a larger one.

    Returns:
        A copy of `data` with another edge_index (and edge_weight).

    Raises:
        ValueError: if `share` is out of range, or edges carry what is no weight.

    Chapter 4.
    """
    share = checks.number("share", share, 0, 1)
    random = generator(checks.integer("seed", seed, 0), _REWIRED)
    count, weight = data.num_nodes, checks.edge_weight(data)
    (source, target), weight = to_undirected(data.edge_index, weight, count, reduce="mean")
    one_way = source < target
    source, target = source[one_way], target[one_way]
    size = (len(source),)
    moved = torch.rand(size, generator=random, dtype=torch.float32, device="cpu") < share
    drawn = torch.randint(count, size, generator=random, device="cpu")
    target = torch.where(moved.to(target.device), drawn.to(target.device), target)
    other = source != target
    out = data.clone()
    pairs = torch.stack([source[other], target[other]])
    if weight is not None:
        weight = weight[one_way][other]
    out.edge_index, weight = to_undirected(pairs, weight, count, reduce="mean")
    if weight is not None:
        out.edge_weight = weight
        if "edge_attr" in out:
            del out.edge_attr  # it was taken as the weights
    return out


# The embedded graphs


def _karate(split: int, seed: int) -> Data:
    """Zachary's karate club: 34 people, 4 groups, one training node each.

    Source: Zachary, *An information flow model for conflict and fission in small groups* (1977).
    """
    from torch_geometric.datasets import KarateClub

    club = KarateClub()[0]
    train = club.train_mask.numpy().nonzero()[0]
    rest = _generator(seed, split).permutation((~club.train_mask).numpy().nonzero()[0])
    return _assemble(club.x, club.y, club.edge_index, (train, rest[:10], rest[10:]))


def _digits(split: int, seed: int) -> Data:
    """1,797 handwritten digits of 8 x 8 pixels, each joined to the 8 that look most like it.

    Distances are exact integers and ties go to the smaller number, so the graph is the same on
    every machine. 20 training nodes per class, 500 for validation, the rest for testing.

    Source: Alpaydin and Kaynak, *Optical recognition of handwritten digits* (UCI, 1998).
    """
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)  # [N, 64] whole numbers 0..16, [N]
    order = _generator(seed, split).permutation(len(labels))
    train = order[_rank_in_class(labels[order]) < 20]
    rest = order[_rank_in_class(labels[order]) >= 20]
    edges = _both_ways(*_nearest_neighbours(pixels, 8), nodes=len(labels))
    x = torch.from_numpy((pixels / 16).astype(np.float32))
    y = torch.from_numpy(labels.astype(np.int64))
    return _assemble(x, y, edges, (train, rest[:500], rest[500:]))


def _nearest_neighbours(points: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Join every row of whole numbers, [N, F], to the `count` others nearest to it.

    Float64 holds whole numbers exactly, so no distance depends on the order of a sum.
    """
    nodes = len(points)
    squares = (points**2).sum(axis=1)
    distance = squares[:, None] + squares[None, :] - 2 * points @ points.T  # [N, N], exact
    key = distance.astype(np.int64) * nodes + np.arange(nodes)  # no two alike: ties by number
    np.fill_diagonal(key, np.iinfo(np.int64).max)
    near = np.argpartition(key, count, axis=1)[:, :count]  # [N, count]
    return np.repeat(np.arange(nodes), count), near.ravel()


SBM: dict[str, Any] = {
    "nodes": 400,
    "edges": 1600,
    "classes": 4,
    "features": 16,
    "homophily": 0.8,
}


def _sbm(
    split: int, seed: int, nodes: int, edges: int, classes: int, features: int, homophily: float
) -> Data:
    """A contextual stochastic block model: classes of equal size, exactly `edges` edges.

    Of the edges, a part `homophily` is drawn evenly from the pairs of one class, the rest from
    the pairs of two classes. x is the mean of the node's class, a random vector of length
    ``SIGNAL``, plus noise N(0, 1). Of each class 10 % are for training and 10 % for validation.

    PyG's `stochastic_blockmodel_graph` draws every pair on its own: the number of edges is left to
    chance, and 8,000 nodes with 80,000 edges take 7 s and 1.5 GB (here 0.04 s and 6 MB). Drawing
    both ends of an edge block by block, and drawing again what is there twice, takes as long as
    this (200,000 nodes, 2 million edges: 1.5 s), 300 MB for 180, and no end near all pairs.

    Source: Deshpande et al., *Contextual stochastic block models* (NeurIPS 2018).
    """
    classes = checks.integer("classes", classes, 2)
    nodes = checks.integer("nodes", nodes, 3 * classes)
    edges = checks.integer("edges", edges, 0, nodes * (nodes - 1) // 2)
    features = checks.integer("features", features, 1)
    homophily = checks.number("homophily", homophily, 0, 1)

    rng = _generator(seed, 0, stream=1)
    labels = rng.permutation(np.arange(nodes) % classes)
    sizes = np.bincount(labels)
    inside = round(homophily * edges)
    _enough_pairs(edges, inside, sizes, homophily)
    start, end = _pairs_inside(_distinct(rng, _count_inside(sizes), inside), sizes)
    start_, end_ = _pairs_across(_distinct(rng, _count_across(sizes), edges - inside), sizes)
    by_class = np.argsort(labels, kind="stable")  # a pair names places in this order
    start, end = by_class[np.append(start, start_)], by_class[np.append(end, end_)]
    edge_index = _both_ways(start, end, nodes)
    x = _class_features(rng, labels, classes, features)

    order = _generator(seed, split, stream=2).permutation(nodes)
    rank, share = _rank_in_class(labels[order]), np.maximum(1, sizes // 10)[labels[order]]
    parts = (rank < share, (rank >= share) & (rank < 2 * share), rank >= 2 * share)
    return _assemble(x, torch.from_numpy(labels), edge_index, tuple(order[part] for part in parts))


def _count_inside(sizes: np.ndarray) -> int:
    """How many pairs of nodes share a class."""
    return sum(int(size) * (int(size) - 1) // 2 for size in sizes)


def _count_across(sizes: np.ndarray) -> int:
    """How many pairs of nodes do not."""
    nodes = int(sizes.sum())
    return nodes * (nodes - 1) // 2 - _count_inside(sizes)


def _enough_pairs(edges: int, inside: int, sizes: np.ndarray, homophily: float) -> None:
    for where, wanted, most in (
        ("within classes", inside, _count_inside(sizes)),
        ("between classes", edges - inside, _count_across(sizes)),
    ):
        if wanted > most:
            raise ValueError(
                f"edges={edges} with homophily={homophily:g} asks for {wanted} edges {where}, "
                f"but {len(sizes)} classes of {sizes.min()} to {sizes.max()} nodes allow at most "
                f"{most}: fewer edges, more nodes, or another homophily"
            )


def _distinct(rng: np.random.Generator, many: int, count: int) -> np.ndarray:
    """Draw `count` different whole numbers below `many`, every set of them equally likely.

    Memory is in proportion to `count`, however many there are to choose from.
    """
    if many <= 4 * count:
        return rng.permutation(many)[:count]
    drawn = np.empty(0, dtype=np.int64)
    while len(drawn) < count:
        more = rng.integers(many, size=int(1.2 * (count - len(drawn))) + 16)
        drawn = _unique(np.append(drawn, more))
    surplus = rng.choice(len(drawn), size=len(drawn) - count, replace=False)
    return np.delete(drawn, surplus)


def _pairs_inside(number: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Turn numbers 0.. of the pairs within classes into pairs of places in class order.

    Within a class of n the pairs are (i, i + s mod n): first all i for step s = 1, then for 2,
    up to n / 2, where for even n only the first half of the i is left.
    """
    sizes = sizes.astype(np.int64)
    before = np.concatenate([[0], np.cumsum(sizes * (sizes - 1) // 2)])
    group = np.searchsorted(before, number, side="right") - 1
    size, offset = sizes[group], (np.cumsum(sizes) - sizes)[group]
    step, i = np.divmod(number - before[group], size)
    return offset + i, offset + (i + step + 1) % size


def _pairs_across(number: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Turn numbers 0.. of the pairs between classes into pairs of places in class order.

    Each node of a class has as many partners in later classes as there are nodes after its own.
    """
    sizes = sizes.astype(np.int64)
    ends = np.cumsum(sizes)
    later = ends[-1] - ends
    before = np.concatenate([[0], np.cumsum(sizes * later)])
    group = np.searchsorted(before, number, side="right") - 1
    i, partner = np.divmod(number - before[group], later[group])
    return (ends - sizes)[group] + i, ends[group] + partner


def _class_features(
    rng: np.random.Generator, labels: np.ndarray, classes: int, features: int
) -> Tensor:
    """The mean of each node's class plus unit noise: [N, F]."""
    means = rng.standard_normal((classes, features), dtype=np.float32)
    means *= SIGNAL / np.linalg.norm(means, axis=1, keepdims=True)
    x = rng.standard_normal((len(labels), features), dtype=np.float32)
    for rows in np.array_split(np.arange(len(labels)), 1 + x.size // checks.CHUNK):
        x[rows[0] : rows[-1] + 1] += means[labels[rows]]  # by parts: no second [N, F]
    return torch.from_numpy(x)


# The graphs of PyG's dataset classes


@dataclass(frozen=True)
class _Source:
    """Where a graph comes from.

    Args:
        dataset: PyG's class, which is also the name of its folder in `root`.
        argument: what the class calls the graph; empty if it has only one.
        raw: the folder of the raw files, in that of the class.
        files: the raw files.
        folder: that of the class, if it is called otherwise.
    """

    dataset: str
    argument: str
    raw: str
    files: tuple[str, ...]
    folder: str = ""

    @property
    def place(self) -> str:
        """The folder of the raw files in `root`, and in the cache."""
        return f"{self.folder or self.dataset}/{self.raw}"


def _planetoid(argument: str) -> _Source:
    parts = ("x", "tx", "allx", "y", "ty", "ally", "graph", "test.index")
    files = tuple(f"ind.{argument.lower()}.{part}" for part in parts)
    return _Source("Planetoid", argument, f"{argument}/raw", files)


def _citation_full(argument: str) -> _Source:
    folder = argument.lower()
    return _Source("CitationFull", argument, f"{folder}/raw", (f"{folder}.npz",))


SOURCES = {
    "cora": _planetoid("Cora"),
    "citeseer": _planetoid("CiteSeer"),
    "pubmed": _planetoid("PubMed"),
    "cora-ml": _citation_full("Cora_ML"),
    "citeseer-full": _citation_full("CiteSeer"),
    "pubmed-full": _citation_full("PubMed"),
    "photo": _Source("Amazon", "Photo", "Photo/raw", ("amazon_electronics_photo.npz",)),
    "github": _Source("GitHub", "", "raw", ("github.npz",)),
}


def _tu(argument: str) -> _Source:
    files = tuple(f"{argument}_{part}.txt" for part in ("A", "graph_indicator", "graph_labels"))
    files = (*files, f"{argument}_node_labels.txt")
    return _Source("TUDataset", argument, f"{argument}/raw", files, folder="TU")


SOURCES_OF_SETS = {name.lower(): _tu(name) for name in ("MUTAG", "PROTEINS", "ENZYMES")}


def _source(name: str) -> _Source:
    return SOURCES[name] if name in SOURCES else SOURCES_OF_SETS[name]


def _else(name: str) -> str:
    """What needs no files."""
    if name in SOURCES:
        return f"These graphs need no files: {', '.join(EMBEDDED)}."
    return f"These sets of graphs need no files: {', '.join(EMBEDDED_SETS)}."


def _from_files(name: str, split: int, root: Path | None) -> Data:
    """A graph of one of PyG's dataset classes, from `root`, the cache or the network."""
    found = _read_source(name, root)[0]
    if SOURCES[name].dataset == "Planetoid":
        masks = (found.train_mask, found.val_mask, found.test_mask)
        parts = tuple(mask.numpy().nonzero()[0] for mask in masks)
    else:
        parts = _paper_split(found.num_nodes, split)
    return _assemble(found.x, found.y, found.edge_index, parts)


def _paper_split(nodes: int, split: int) -> tuple[np.ndarray, ...]:
    """The training, validation and test nodes of ForwardGNN's split: 64/16/20 %."""
    from sklearn.model_selection import KFold, train_test_split

    folds = KFold(5, shuffle=True, random_state=101).split(np.arange(nodes))
    rest, test = list(folds)[split]
    train, val = train_test_split(rest, test_size=0.2, random_state=127 * split)
    return train, val, test


def _read_source(name: str, root: Path | None) -> Any:
    """PyG's dataset of that name, from `root`, from ``$FGNN_LITE_DATA``, the cache or the network.

    PyG writes into the folder that it reads, and takes every file it finds there for whole. Tried:
    after a download that was killed, or beside one that still runs, each load ends in BadZipFile.
    So it works in a scratch folder, of which one rename keeps the raw files of a whole download.
    What it makes of them is made anew each time: 0.1 s for cora-ml, 3 s for the original
    features of GitHub; kept, it would need a lock, and a key that tells when a file has changed.

    Args:
        name: of a graph or a set of graphs.
        root: a folder that must hold its raw files, or `None`.
    """
    source, raw = _source(name), _named(name, root)
    home = os.environ.get("FGNN_LITE_CACHE") or torch_geometric.get_home_dir()
    kept = Path(home).expanduser().resolve() / "fgnn_lite" / source.place
    if raw is None and kept.is_dir():
        raw = kept
    if raw is not None:
        with TemporaryDirectory() as scratch:
            return _open(name, scratch, raw)
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        partial = TemporaryDirectory(prefix="partial-", dir=kept.parent)
    except OSError as error:
        raise PermissionError(
            f"graph {name!r} is downloaded into a cache, and {kept.parent} cannot be written "
            f"({type(error).__name__}: {error}). Set FGNN_LITE_CACHE to a folder that can. "
            f"{_else(name)}"
        ) from error
    with partial as scratch:
        dataset = _open(name, scratch, None)
        with contextlib.suppress(OSError):  # another process was first
            Path(scratch, source.raw).rename(kept)
    return dataset


def _open(name: str, scratch: str, raw: Path | None) -> Any:
    """Process the files in `raw`, or those that PyG downloads, in the folder `scratch`.

    PyG's class, quiet, and with errors that say what to do.
    """
    from torch_geometric import datasets

    source = _source(name)
    base: Any = getattr(datasets, source.dataset)

    class Guarded(base):
        log = property(lambda self: False, lambda self, value: None)  # no "Processing..."
        raw_dir = base.raw_dir if raw is None else str(raw)

        def download(self) -> None:
            if raw is not None:  # never write there
                raise FileNotFoundError(f"files of graph {name!r} vanished from {raw}: {_MEND}")
            try:
                super().download()
            except Exception as error:
                where = f"{source.place}/{source.files[0]}"
                raise FileNotFoundError(
                    f"the files of graph {name!r} are not here (FGNN_LITE_DATA is "
                    f"{os.environ.get('FGNN_LITE_DATA') or 'not set'}) and could not be "
                    f"downloaded ({type(error).__name__}: {error}). Set FGNN_LITE_DATA, or root=, "
                    f"to a folder with {where}{' and the rest' * (len(source.files) > 1)}, or "
                    f"connect to the network once. {_else(name)}"
                ) from error

        def process(self) -> None:
            try:
                if name == "github" and _holds_original_features(self.raw_paths[0]):
                    self.save([_read_github(self.raw_paths[0])], self.processed_paths[0])
                else:
                    super().process()
            except Exception as error:
                raise ValueError(
                    f"the files of graph {name!r} cannot be read; they came from "
                    f"{raw or 'the network'}, {_MEND}: {type(error).__name__}: {error}"
                ) from error

    return Guarded(scratch, *([source.argument] if source.argument else []))


def _holds_original_features(path: str) -> bool:
    """Whether GitHub's file holds the 4,005 binary features as CSR; PyG's has 128 real ones."""
    with np.load(path) as file:
        return "attr_shape" in file


def _read_github(path: str) -> Data:
    """GitHub with its original features reduced to as many as the paper's graph has."""
    with np.load(path) as file:
        x = _reduced(_sparse_features(file), GITHUB_FEATURES)
        y = file["target"].astype(np.int64)
        edges = np.ascontiguousarray(file["edges"].T, dtype=np.int64)
    return Data(x=torch.from_numpy(x), y=torch.from_numpy(y), edge_index=torch.from_numpy(edges))


def _sparse_features(file: Any) -> Any:
    """The CSR matrix [N, F] that an npz file holds in four arrays."""
    import scipy.sparse

    values = file["attr_data"].astype(np.float64)
    shape = tuple(file["attr_shape"])
    return scipy.sparse.csr_matrix((values, file["attr_indices"], file["attr_indptr"]), shape=shape)


def _reduced(features: Any, count: int) -> np.ndarray:
    """The `count` strongest singular directions of a sparse [N, F], strongest first: [N, count].

    Neither start nor sign is left to chance: the start vector is given, and the largest weight
    of each direction is made positive. One thread: for products as small as these, sharing the
    work among threads takes up to twenty times as long, and rounds differently.
    """
    import scipy.sparse.linalg
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # of sklearn

    start = np.ones(min(features.shape))
    with threadpool_limits(limits=1, user_api="blas"):
        left, strength, right = scipy.sparse.linalg.svds(features, k=count, v0=start)
    order = np.argsort(-strength, kind="stable")
    largest = np.abs(right).argmax(axis=1)
    sign = np.sign(right[np.arange(count), largest])
    return np.ascontiguousarray((left * (strength * sign))[:, order], dtype=np.float32)


def _existing(argument: str, folder: Any) -> Path:
    """The folder an argument names, resolved; it must be there."""
    if not isinstance(folder, str | os.PathLike):
        raise TypeError(f"{argument} must be a path; got {type(folder).__name__}")
    path = Path(folder).expanduser().resolve()
    if not path.is_dir():
        what = "is not a folder" if path.exists() else "does not exist"
        error = NotADirectoryError if path.exists() else FileNotFoundError
        raise error(f"{argument} must be a folder of raw files; {path} {what}")
    return path


def _named(name: str, root: Path | None) -> Path | None:
    """The folder of a graph's raw files in `root`, which must hold them, or $FGNN_LITE_DATA.

    `None` where the graph is to be downloaded: no folder is named, or $FGNN_LITE_DATA holds none
    whose name is the graph's but for what is easily mistaken.
    """
    argument = "FGNN_LITE_DATA" if root is None else "root"
    if root is None and not os.environ.get("FGNN_LITE_DATA"):
        return None
    folder = root or _existing(argument, os.environ["FGNN_LITE_DATA"])
    source = _source(name)
    raw = folder / source.place
    missing = [file for file in source.files if not (raw / file).is_file()]
    if not missing:
        return raw
    graph = raw.parent.relative_to(folder)
    inside = [path.relative_to(folder) for path in folder.glob("/".join("*" for _ in graph.parts))]
    alike = sorted(str(path) for path in inside if _plain(path) == _plain(graph))
    if root is None and not alike:
        return None
    there = f" ({', '.join(alike)} is there)" if alike else ""
    raise FileNotFoundError(
        f"{argument} must hold all files of graph {name!r}{there}; {raw} does not hold "
        f"{', '.join(missing)}. Nothing is downloaded in place of a folder that was named: mend "
        f"it, or do not name it. {_else(name)}"
    )


def _plain(path: Path) -> str:
    """A name without what is easily mistaken."""
    return str(path).lower().replace("-", "").replace("_", "")


# What all of them share


def _generator(seed: int, split: int, stream: int = 0) -> np.random.Generator:
    return np.random.default_rng([seed, split, stream] if stream else [seed, split])


def _rank_in_class(labels: np.ndarray) -> np.ndarray:
    """For each place in `labels` [N], how many of its class come before it: [N]."""
    order = np.argsort(labels, kind="stable")
    sizes = np.bincount(labels)
    rank = np.empty(len(labels), dtype=np.int64)
    rank[order] = np.arange(len(labels)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return rank


def _both_ways(start: np.ndarray, end: np.ndarray, nodes: int) -> Tensor:
    """Each edge in both directions, once, sorted: [2, E]."""
    key = _unique(np.append(start * nodes + end, end * nodes + start))
    edges = np.empty((2, len(key)), dtype=np.int64)
    np.divmod(key, nodes, out=(edges[0], edges[1]))
    return torch.from_numpy(edges)


def _unique(numbers: np.ndarray) -> np.ndarray:
    """The different numbers among some from 0 on, sorted; they are sorted in place.

    `np.unique` took 4.5 s for 2 million in numpy 2.4, and this 0.3 s.
    """
    numbers.sort()
    return numbers[np.diff(numbers, prepend=-1) > 0]


def _assemble(x: Tensor, y: Tensor, edge_index: Tensor, parts: tuple[np.ndarray, ...]) -> Data:
    """One Data; `parts` are the training, validation and test nodes."""
    data = Data(x=x, y=y, edge_index=edge_index)
    for field, part in zip(("train_mask", "val_mask", "test_mask"), parts, strict=True):
        data[field] = torch.zeros(y.size(0), dtype=torch.bool)
        data[field][torch.from_numpy(part)] = True
    data.num_classes = int(y.max()) + 1
    return data
