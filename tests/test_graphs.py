"""Graphs: what they hold, where they come from, and what is left alone."""

import hashlib
import math
import os
import pickle
import random
import shutil
import subprocess
import sys
import threading
import tracemalloc
from itertools import combinations
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from patience import patience
from torch_geometric import datasets
from torch_geometric.data import Data
from torch_geometric.datasets import citation_full, planetoid

from fgnn_lite import graphs
from fgnn_lite.graphs import GRAPHS, SOURCES, load_graph
from fgnn_lite.links import load_links

DATA = os.environ.get("FGNN_LITE_DATA")
MASKS = ("train_mask", "val_mask", "test_mask")
FIELDS = {"x", "y", "edge_index", *MASKS, "num_classes", "name"}


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    """No raw files, and a cache of its own, for every test."""
    monkeypatch.delenv("FGNN_LITE_DATA", raising=False)
    monkeypatch.setenv("FGNN_LITE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def offline(monkeypatch):
    def refuse(*args, **kwargs):
        raise URLError("no network here")

    for module in (citation_full, datasets.amazon, datasets.github):
        monkeypatch.setattr(module, "download_url", refuse)
    monkeypatch.setattr(planetoid.fs, "cp", refuse)


def sizes(data):
    return tuple(int(data[mask].sum()) for mask in MASKS)


def assert_sound(data, name):
    """What the contract says of every graph."""
    nodes = data.x.size(0)
    assert set(data.to_dict()) == FIELDS
    assert data.name == name
    assert data.x.dtype == torch.float32
    assert data.x.layout == torch.strided
    assert data.x.dim() == 2
    assert data.x.is_contiguous()
    assert data.y.dtype == torch.int64
    assert data.y.shape == (nodes,)
    assert data.edge_index.dtype == torch.int64
    assert data.edge_index.is_contiguous()
    assert type(data.num_classes) is int
    assert data.y.unique().tolist() == list(range(data.num_classes))
    assert all(data[mask].dtype == torch.bool for mask in MASKS)
    assert all(data[mask].shape == (nodes,) for mask in MASKS)
    assert sum(data[mask].int() for mask in MASKS).max() == 1, "the parts overlap"
    assert data.y[data.train_mask].unique().tolist() == list(range(data.num_classes))
    edges = set(map(tuple, data.edge_index.t().tolist()))
    assert len(edges) == data.edge_index.size(1), "an edge stands twice"
    assert {(end, start) for start, end in edges} == edges, "an edge lacks its other direction"
    assert not any(start == end for start, end in edges), "a self-loop"


def same(one, other):
    return all(
        torch.equal(one[key], other[key]) if torch.is_tensor(one[key]) else one[key] == other[key]
        for key in FIELDS
    )


# The embedded graphs


@pytest.mark.parametrize("split", range(5))
@pytest.mark.parametrize("name", ["karate", "digits", "sbm"])
def test_embedded_graphs_are_sound(name, split):
    assert_sound(load_graph(name, split=split), name)


@pytest.mark.parametrize("name", ["karate", "digits", "sbm"])
def test_embedded_graphs_depend_on_split_and_seed_only(name):
    first = load_graph(name)
    assert same(first, load_graph(name, split=0, seed=0))
    drawn = [load_graph(name, split=split).val_mask for split in range(5)]
    assert not any(torch.equal(one, other) for one, other in combinations(drawn, 2))
    assert torch.equal(first.edge_index, load_graph(name, split=3).edge_index)
    assert torch.equal(first.x, load_graph(name, split=3).x)
    assert not torch.equal(first.val_mask, load_graph(name, seed=1).val_mask)
    assert sizes(first) == sizes(load_graph(name, split=4, seed=9))


@pytest.mark.parametrize("name", ["karate", "digits", "sbm", "cora-ml"])
def test_a_default_device_changes_nothing(name, root, offline):
    with torch.device("meta"):
        data = load_graph(name, root=root)
    assert same(data, load_graph(name, root=root))


def test_a_loaded_graph_belongs_to_the_caller():
    load_graph("karate").x.fill_(7)
    assert load_graph("karate").x.max() == 1


def test_karate_is_zacharys():
    data = load_graph("karate")
    assert (data.num_nodes, data.edge_index.size(1), data.num_classes) == (34, 156, 4)
    assert sizes(data) == (4, 10, 20)
    assert torch.equal(data.train_mask, load_graph("karate", split=2, seed=5).train_mask)
    degree = torch.bincount(data.edge_index[0])
    assert (degree[0], degree[33]) == (16, 17)  # Mr. Hi and John A.


def test_digits_are_the_images():
    from sklearn.datasets import load_digits

    images = load_digits()
    data = load_graph("digits")
    assert torch.equal(data.x * 16, torch.from_numpy(images.data).float())
    assert data.x.min() == 0
    assert data.x.max() == 1
    assert data.y.tolist() == images.target.tolist()
    assert sizes(data) == (200, 500, 1097)
    assert torch.bincount(data.y[data.train_mask]).tolist() == [20] * 10


def test_digits_join_each_to_its_eight_nearest():
    pixels = (load_graph("digits").x * 16).round().to(torch.int64).numpy()
    wanted = set()
    for node, image in enumerate(pixels):
        distance = ((pixels - image) ** 2).sum(axis=1)
        distance[node] = 1 << 40
        near = np.argsort(distance, kind="stable")[:8]
        wanted |= {(node, int(other)) for other in near} | {(int(other), node) for other in near}
    edges = load_graph("digits").edge_index
    assert set(map(tuple, edges.t().tolist())) == wanted
    assert edges.size(1) == 19_858


def test_digits_graph_is_the_same_everywhere():
    edges = load_graph("digits").edge_index.numpy().astype("<i8").tobytes()
    assert hashlib.sha256(edges).hexdigest()[:16] == "6ee48920e7ec45ac"


@pytest.mark.parametrize(
    ("name", "split", "options", "wanted"),
    [
        ("karate", 0, {}, "70f3954eb9018073"),
        ("karate", 3, {}, "41eb480b7251de99"),
        ("digits", 0, {}, "ffb0dbea78781073"),
        ("digits", 3, {}, "941e28e0ce5fa3ef"),
        ("sbm", 0, {}, "c0945bfc278b8875"),
        ("sbm", 3, {}, "92af7dfe30e36c12"),
        ("sbm", 0, {"nodes": 20, "edges": 90, "homophily": 0.4}, "ff946e717f15d476"),
    ],
)
def test_splits_are_the_same_everywhere(name, split, options, wanted):
    """Labels, edges and parts: what stored results were made with."""
    data = load_graph(name, split=split, **options)
    parts = (data.y, data.edge_index, *(data[mask].long() for mask in MASKS))
    whole = b"".join(part.numpy().astype("<i8").tobytes() for part in parts)
    assert hashlib.sha256(whole).hexdigest()[:16] == wanted


def test_of_equal_distances_the_smaller_number_counts():
    points = np.array([[0.0], [2], [1], [1], [0]])
    start, end = graphs._nearest_neighbours(points, 2)
    near = {node: set(end[start == node].tolist()) for node in range(5)}
    assert near == {0: {4, 2}, 1: {2, 3}, 2: {3, 0}, 3: {2, 0}, 4: {0, 2}}


# The stochastic block model


def test_sbm_has_what_was_asked_for():
    options = {"nodes": 300, "edges": 1000, "classes": 3, "features": 7, "homophily": 0.25}
    data = load_graph("sbm", **options)
    assert_sound(data, "sbm")
    assert data.x.shape == (300, 7)
    assert data.edge_index.size(1) == 2000
    assert torch.bincount(data.y).tolist() == [100] * 3
    assert sizes(data) == (30, 30, 240)
    start, end = data.edge_index
    assert (data.y[start] == data.y[end]).float().mean() == 0.25


def test_sbm_rounds_the_part_within_classes():
    data = load_graph("sbm", edges=9, homophily=0.3)  # 2.7 of 9
    start, end = data.edge_index
    assert (data.y[start] == data.y[end]).sum() == 2 * 3


@pytest.mark.parametrize(
    "options",
    [
        {"edges": 0},
        {"nodes": 6, "classes": 2, "edges": 6, "homophily": 1},  # every pair within classes
        {"nodes": 6, "classes": 2, "edges": 9, "homophily": 0},  # every pair between classes
        {"nodes": 10, "classes": 2, "edges": 45, "homophily": 20 / 45},  # every pair
        {"nodes": 11, "classes": 3, "edges": 18},  # classes of unequal size
        {"nodes": np.int64(30), "features": 1, "homophily": 1, "edges": np.int32(50)},
    ],
)
def test_sbm_at_its_limits(options):
    data = load_graph("sbm", **options)
    assert_sound(data, "sbm")
    assert data.edge_index.size(1) == 2 * options["edges"]
    assert all(size > 0 for size in sizes(data))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"nodes": 11}, "nodes must be an integer of at least 12; got 11"),
        ({"nodes": 12, "edges": 67}, "edges must be an integer from 0 to 66; got 67"),
        ({"edges": -1}, "edges must be an integer from 0 to 79800; got -1"),
        ({"classes": 1}, "classes must be an integer of at least 2; got 1"),
        ({"features": 0}, "features must be an integer of at least 1; got 0"),
        ({"homophily": 1.5}, "homophily must be a finite number .* at most 1; got 1.5"),
        ({"homophily": float("nan")}, "homophily must be a finite number"),
        ({"nodes": 12, "edges": 19, "homophily": 1}, "19 edges within classes, .* at most 12"),
        ({"nodes": 12, "edges": 60, "homophily": 0}, "60 edges between classes, .* at most 54"),
    ],
)
def test_sbm_refuses_what_cannot_be(options, message):
    with pytest.raises(ValueError, match=message):
        load_graph("sbm", **options)


@pytest.mark.parametrize(
    "options", [{"nodes": 20.0}, {"edges": "9"}, {"homophily": "1"}, {"classes": True}]
)
def test_sbm_refuses_other_types(options):
    with pytest.raises(TypeError, match=f"{next(iter(options))} must be "):
        load_graph("sbm", **options)


def test_sbm_draws_another_graph_for_another_seed():
    one, other = load_graph("sbm", seed=0), load_graph("sbm", seed=1)
    assert not torch.equal(one.edge_index, other.edge_index)
    assert not torch.equal(one.y, other.y)
    assert not torch.equal(one.x, other.x)


def test_sbm_features_are_class_mean_and_unit_noise():
    data = load_graph("sbm", nodes=20_000, edges=10, classes=2, features=5)
    for label in range(2):
        x = data.x[data.y == label]
        assert x.mean(dim=0).norm() == pytest.approx(1.5, abs=0.1)
        assert torch.allclose(x.std(dim=0), torch.ones(5), atol=0.05)


def test_sbm_signal_is_there_but_not_plain():
    """The nearest class mean of the training nodes: better with the neighbours' features."""

    def accuracy(data, x):
        train = data.train_mask
        means = torch.stack([x[train & (data.y == label)].mean(dim=0) for label in range(4)])
        found = torch.cdist(x, means).argmin(dim=1)
        return (found == data.y)[data.test_mask].float().mean()

    data = load_graph("sbm")
    mixed = data.x.index_add(0, data.edge_index[1], data.x[data.edge_index[0]])
    alone, together = accuracy(data, data.x), accuracy(data, mixed)
    assert 0.35 < alone < 0.75
    assert together > alone + 0.2


def test_sbm_memory_grows_with_its_edges_not_with_its_pairs():
    tracemalloc.start()
    try:
        load_graph("sbm", nodes=20_000, edges=60_000, features=2)  # 200 million pairs
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        load_graph("sbm", nodes=20_000, edges=10, features=500)  # 40 MB of features
        widest = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20e6
    assert widest < 60e6


@pytest.mark.parametrize("sizes", [[1, 2, 5, 4], [3], [6, 6], [2, 1, 1], [7, 8, 9]])
def test_every_pair_has_one_number(sizes):
    label = np.repeat(np.arange(len(sizes)), sizes)
    everything = list(combinations(range(len(label)), 2))
    inside = {pair for pair in everything if label[pair[0]] == label[pair[1]]}
    for pairs, count, wanted in (
        (graphs._pairs_inside, graphs._count_inside, inside),
        (graphs._pairs_across, graphs._count_across, set(everything) - inside),
    ):
        assert count(np.array(sizes)) == len(wanted)
        start, end = pairs(np.arange(len(wanted)), np.array(sizes))
        found = [(min(pair), max(pair)) for pair in zip(start.tolist(), end.tolist(), strict=True)]
        assert set(found) == wanted
        assert len(found) == len(wanted)


@pytest.mark.parametrize(("many", "count"), [(10, 2), (6, 2)])
def test_every_set_is_drawn_as_often(many, count):
    rng = np.random.default_rng(0)
    seen = dict.fromkeys(combinations(range(many), count), 0)
    draws = 100 * len(seen)
    for _ in range(draws):
        seen[tuple(sorted(graphs._distinct(rng, many, count).tolist()))] += 1
    chi_square = sum((times - 100) ** 2 / 100 for times in seen.values())
    assert chi_square < len(seen) + 4 * (2 * len(seen)) ** 0.5


# Raw files: small ones in the formats of the real ones


def write_npz(path: Path, seed: int = 0) -> None:
    """40 nodes, 5 features, 3 classes, in the format of CitationFull and Amazon."""
    rng = np.random.default_rng(seed)
    features = sp.csr_matrix(rng.integers(0, 2, (40, 5)).astype(np.float32))
    links = sp.csr_matrix(rng.integers(0, 20, (40, 40)) == 0, dtype=np.float32)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        **{f"attr_{key}": getattr(features, key) for key in ("data", "indices", "indptr")},
        **{f"adj_{key}": getattr(links, key) for key in ("data", "indices", "indptr")},
        attr_shape=features.shape,
        adj_shape=links.shape,
        labels=np.arange(40) % 3,
    )


def give_npz(url: str, folder: str) -> None:
    """What a network would do."""
    write_npz(Path(folder) / "cora_ml.npz")


def write_planetoid(folder: Path, name: str) -> None:
    """6 training nodes, 500 for validation, 14 for testing, 4 features, 3 classes."""
    rng = np.random.default_rng(0)
    folder.mkdir(parents=True, exist_ok=True)
    x = sp.csr_matrix(rng.integers(0, 2, (520, 4)).astype(np.float32))
    y = np.eye(3, dtype=np.int32)[np.arange(520) % 3]
    ring = {node: [(node + 1) % 520, (node - 1) % 520] for node in range(520)}
    parts = {"x": x[:6], "y": y[:6], "allx": x[:506], "ally": y[:506], "tx": x[506:]}
    for part, value in {**parts, "ty": y[506:], "graph": ring}.items():
        (folder / f"ind.{name}.{part}").write_bytes(pickle.dumps(value))
    (folder / f"ind.{name}.test.index").write_text("\n".join(map(str, range(506, 520))) + "\n")


def write_github(path: Path, features: int) -> None:
    """150 nodes; more than 128 features come as CSR, as in the original file."""
    rng = np.random.default_rng(0)
    x = sp.csr_matrix((rng.random((150, features)) < 0.1).astype(np.uint8))
    pair = np.arange(150)
    edges = np.stack([np.append(pair, (pair + 1) % 150), np.append((pair + 1) % 150, pair)], axis=1)
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {"edges": edges.astype(np.int32), "target": pair % 2, "features": x.toarray()}
    if features > graphs.GITHUB_FEATURES:
        arrays |= {f"attr_{key}": getattr(x, key) for key in ("data", "indices", "indptr")}
        arrays |= {"attr_shape": np.array(x.shape), "features": np.zeros(0)}
    np.savez(path, **arrays)


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "raw files"
    for name in ("cora_ml", "citeseer", "pubmed"):
        write_npz(folder / "CitationFull" / name / "raw" / f"{name}.npz")
    write_npz(folder / "Amazon" / "Photo" / "raw" / "amazon_electronics_photo.npz")
    write_github(folder / "GitHub" / "raw" / "github.npz", features=140)
    for name in ("Cora", "CiteSeer", "PubMed"):
        write_planetoid(folder / "Planetoid" / name / "raw", name.lower())
    return folder


def state(folder: Path) -> dict:
    """Every file and folder: kind, time of last change, content."""
    return {
        path: (path.is_file(), path.stat().st_mtime_ns, path.is_file() and path.read_bytes())
        for path in [folder, *folder.rglob("*")]
    }


@pytest.mark.parametrize("name", SOURCES)
def test_graphs_of_files_are_sound_and_the_files_left_alone(name, root, offline):
    before = state(root)
    first = load_graph(name, root=root)
    again = load_graph(name, root=str(root))
    assert state(root) == before
    assert not (root.parent / "cache").exists()
    assert_sound(first, name)
    assert same(first, again)
    nodes = {"Planetoid": 520, "GitHub": 150}.get(SOURCES[name].dataset, 40)
    assert first.num_nodes == nodes
    assert first.num_features == {520: 4, 150: 128, 40: 5}[nodes]


def test_root_comes_from_the_environment(root, offline, monkeypatch):
    monkeypatch.setenv("FGNN_LITE_DATA", str(root))
    assert load_graph("cora-ml").num_nodes == 40
    monkeypatch.setenv("FGNN_LITE_DATA", "")
    with pytest.raises(FileNotFoundError, match="FGNN_LITE_DATA is not set"):
        load_graph("cora-ml")


def test_root_as_argument_comes_first(root, offline, monkeypatch):
    monkeypatch.setenv("FGNN_LITE_DATA", "/nowhere")
    assert load_graph("cora-ml", root=root).num_nodes == 40


def test_public_split_is_planetoids(root, offline):
    data = load_graph("cora", root=root)
    assert sizes(data) == (6, 500, 14)
    assert data.train_mask[:6].all()
    assert data.test_mask[506:].all()


@pytest.mark.parametrize("split", range(5))
def test_paper_splits(split, root, offline):
    from sklearn.model_selection import KFold, train_test_split

    data = load_graph("photo", split=split, root=root)
    rest, test = list(KFold(5, shuffle=True, random_state=101).split(np.zeros(40)))[split]
    train, val = train_test_split(rest, test_size=0.2, random_state=127 * split)
    for mask, part in zip(MASKS, (train, val, test), strict=True):
        assert data[mask].nonzero().flatten().tolist() == sorted(part.tolist())


def test_paper_splits_test_every_node_once(root, offline):
    masks = [load_graph("github", split=split, root=root).test_mask for split in range(5)]
    assert sum(mask.int() for mask in masks).tolist() == [1] * 150


def test_github_features_are_reduced(root, offline):
    data = load_graph("github", root=root)
    with np.load(root / "GitHub" / "raw" / "github.npz") as file:
        original = graphs._sparse_features(file).toarray()
    strength = np.linalg.svd(original, compute_uv=False)[:128]
    assert np.allclose(data.x.norm(dim=0), strength, rtol=1e-4)
    left, values, right = np.linalg.svd(original, full_matrices=False)
    best = (left[:, :128] * values[:128]) @ right[:128]
    gram = data.x.double().numpy() @ data.x.double().numpy().T
    assert np.allclose(gram, best @ best.T, atol=1e-3)  # the same geometry


def test_reduced_sign_and_order_are_fixed():
    features = sp.random(60, 40, density=0.3, random_state=0, format="csr")
    one = graphs._reduced(features, 5)
    assert np.array_equal(one, graphs._reduced(features, 5))
    directions = np.linalg.lstsq(one, features.toarray(), rcond=None)[0]  # [5, 40]
    assert (directions[np.arange(5), np.abs(directions).argmax(axis=1)] > 0).all()
    assert (np.diff(np.linalg.norm(one, axis=0)) < 0).all()


def test_github_as_downloaded_stays_as_it_is(tmp_path, offline):
    path = tmp_path / "other" / "GitHub" / "raw" / "github.npz"
    write_github(path, features=128)
    data = load_graph("github", root=tmp_path / "other")
    assert_sound(data, "github")
    with np.load(path) as file:
        assert torch.equal(data.x, torch.from_numpy(file["features"]).float())


# The cache


def test_two_roots_never_mix(root, tmp_path, offline):
    other = tmp_path / "other"
    write_npz(other / "CitationFull" / "cora_ml" / "raw" / "cora_ml.npz", seed=1)
    one, two = load_graph("cora-ml", root=root), load_graph("cora-ml", root=other)
    assert not torch.equal(one.x, two.x)
    assert same(one, load_graph("cora-ml", root=root))
    assert same(two, load_graph("cora-ml", root=other))


def test_a_file_that_changed_is_read_anew(root, offline):
    one = load_graph("cora-ml", root=root)
    path = root / "CitationFull" / "cora_ml" / "raw" / "cora_ml.npz"
    write_npz(path, seed=1)
    os.utime(path, ns=(1, 1))
    assert not torch.equal(one.x, load_graph("cora-ml", root=root).x)


def test_a_download_goes_into_the_cache_only(root, tmp_path, monkeypatch):
    """Also where FGNN_LITE_DATA names a folder of other graphs."""
    wanted = []

    def download(url, folder):
        wanted.append(url)
        write_npz(Path(folder) / "cora_ml.npz")

    monkeypatch.setattr(citation_full, "download_url", download)
    shutil.rmtree(root / "CitationFull" / "cora_ml")
    before = state(root)
    monkeypatch.setenv("FGNN_LITE_DATA", str(root))
    data = load_graph("cora-ml")
    assert_sound(data, "cora-ml")
    monkeypatch.delenv("FGNN_LITE_DATA")
    assert same(data, load_graph("cora-ml"))
    assert len(wanted) == 1
    assert state(root) == before
    with pytest.raises(FileNotFoundError, match="root must hold all files"):
        load_graph("cora-ml", root=root)  # also now that there is another one in the cache


@pytest.fixture
def no_download(monkeypatch):
    """There is a network, and whoever uses it is told."""

    def download(*args, **kwargs):
        raise AssertionError("another source was read")

    for module in (citation_full, datasets.amazon, datasets.github):
        monkeypatch.setattr(module, "download_url", download)
    monkeypatch.setattr(planetoid.fs, "cp", download)


@pytest.mark.parametrize("argument", ["root", "FGNN_LITE_DATA"])
def test_half_of_the_files_are_not_completed(argument, root, no_download, monkeypatch):
    """Planetoid downloads all its files when one is missing: never in place of a named folder."""
    (root / "Planetoid" / "Cora" / "raw" / "ind.cora.ty").unlink()
    before, named = state(root), {"root": root} if argument == "root" else {}
    monkeypatch.setenv("FGNN_LITE_DATA", str(root))
    where = root / "Planetoid" / "Cora" / "raw"
    with pytest.raises(FileNotFoundError, match=f"^{argument} must .*{where} does not hold ") as e:
        load_graph("cora", **named)
    assert "does not hold ind.cora.ty. Nothing is downloaded" in str(e.value)
    assert state(root) == before


@pytest.mark.parametrize("argument", ["root", "FGNN_LITE_DATA"])
@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("cora", "Planetoid/Cora", "Planetoid/cora"),
        ("cora-ml", "CitationFull/cora_ml", "CitationFull/Cora-ML"),
        ("photo", "Amazon/Photo", "amazon/photo"),
        ("github", "GitHub", "Github"),
        ("cora-ml", "CitationFull/cora_ml/raw", "CitationFull/cora_ml/Raw"),
        ("cora-ml", "CitationFull/cora_ml/raw", "CitationFull/cora_ml/files"),
    ],
)
def test_a_folder_with_nearly_the_right_name_is_named(
    argument, name, right, wrong, root, no_download, monkeypatch
):
    (root / wrong).parent.mkdir(exist_ok=True)
    (root / right).rename(root / "moved")
    (root / "moved").rename(root / wrong)
    monkeypatch.setenv("FGNN_LITE_DATA", str(root))
    found = wrong.removesuffix("/files").removesuffix("/Raw")
    with pytest.raises(FileNotFoundError, match=rf"^{argument} must .*\({found} is there\)") as e:
        load_graph(name, **({"root": root} if argument == "root" else {}))
    assert "karate, digits, sbm" in str(e.value)


def test_a_root_without_the_graph_is_all_there_is(tmp_path, no_download):
    with pytest.raises(FileNotFoundError, match=f"{tmp_path / 'Planetoid'}.*ind.cora.x, ind.cora"):
        load_graph("cora", root=tmp_path)
    assert load_graph("karate", root=tmp_path).num_nodes == 34


def refuse(*args, **kwargs):
    raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize("kind", ["under a file", "no folder can be made", "it cannot be used"])
def test_a_cache_that_cannot_be_written_is_named(kind, root, tmp_path, offline, monkeypatch):
    cache = tmp_path / "cache"
    if kind == "under a file":
        cache.touch()
    elif kind == "no folder can be made":
        cache = Path("/proc/nowhere")
    else:
        monkeypatch.setattr(graphs, "TemporaryDirectory", refuse)
    monkeypatch.setenv("FGNN_LITE_CACHE", str(cache))
    with pytest.raises(PermissionError, match=f"{cache}.* Set FGNN_LITE_CACHE to a folder"):
        load_graph("cora-ml")
    for name in graphs.EMBEDDED:
        assert load_graph(name).name == name
    monkeypatch.undo()
    monkeypatch.setenv("FGNN_LITE_CACHE", str(cache))
    assert load_graph("cora-ml", root=root).num_nodes == 40  # needs none


def test_a_cache_that_can_be_read_only_is_read(monkeypatch):
    monkeypatch.setattr(citation_full, "download_url", give_npz)
    made = load_graph("cora-ml")
    for change in ("mkdir", "rename"):
        monkeypatch.setattr(Path, change, refuse)
    monkeypatch.setattr(citation_full, "download_url", refuse)
    assert same(made, load_graph("cora-ml"))


def test_a_download_never_goes_into_a_named_folder(root, tmp_path, no_download):
    """A raw file that vanishes after it was looked for is not written anew at its old place."""
    raw = root / "CitationFull" / "cora_ml" / "raw"
    (raw / "cora_ml.npz").unlink()
    with pytest.raises(FileNotFoundError, match=f"vanished from {raw}"):
        graphs._open("cora-ml", str(tmp_path), raw)
    assert list(raw.iterdir()) == []


@pytest.mark.parametrize(
    ("dies", "error", "message"),
    [
        (True, FileNotFoundError, "the line went dead"),
        (False, ValueError, "'cora-ml' cannot be read; they came from the network"),
    ],
)
def test_a_broken_download_is_tried_again(dies, error, message, tmp_path, monkeypatch):
    def half(url, folder):
        (Path(folder) / "cora_ml.npz").write_bytes(b"PK half of it")
        if dies:
            raise URLError("the line went dead")

    monkeypatch.setattr(citation_full, "download_url", half)
    with pytest.raises(error, match=message):
        load_graph("cora-ml")
    assert not list((tmp_path / "cache").rglob("*.npz"))
    monkeypatch.setattr(citation_full, "download_url", give_npz)
    assert_sound(load_graph("cora-ml"), "cora-ml")


def test_a_killed_download_is_not_used(tmp_path, monkeypatch):
    """While it runs it stands where no other run looks: what is left of it is never read."""
    copy = tmp_path / "what the killed run left"

    def halfway(url, folder):
        (Path(folder) / "cora_ml.npz").write_bytes(b"PK half of it")
        shutil.copytree(tmp_path / "cache", copy)
        raise URLError("killed")

    monkeypatch.setattr(citation_full, "download_url", halfway)
    with pytest.raises(FileNotFoundError, match="killed"):
        load_graph("cora-ml")
    assert list(copy.rglob("cora_ml.npz"))
    monkeypatch.setenv("FGNN_LITE_CACHE", str(copy))
    monkeypatch.setattr(citation_full, "download_url", give_npz)
    assert_sound(load_graph("cora-ml"), "cora-ml")


def test_many_at_once_leave_one_whole_download(tmp_path, monkeypatch):
    together, loaded = threading.Barrier(4), []

    def download(url, folder):
        together.wait(patience(5))  # no one is done before all have begun
        give_npz(url, folder)

    monkeypatch.setattr(citation_full, "download_url", download)
    threads = [
        threading.Thread(target=lambda: loaded.append(load_graph("cora-ml"))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loaded) == 4
    assert all(same(loaded[0], data) for data in loaded)
    files = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    kept = tmp_path / "cache" / "fgnn_lite" / "CitationFull" / "cora_ml" / "raw" / "cora_ml.npz"
    assert files == [kept]
    monkeypatch.setattr(citation_full, "download_url", refuse)
    assert same(loaded[0], load_graph("cora-ml"))


def test_loading_is_quiet(root, offline, monkeypatch, capfd):
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # under which PyG says nothing
    for name in SOURCES:
        load_graph(name, root=root)
    assert capfd.readouterr() == ("", "")


# What goes wrong


@pytest.mark.parametrize("name", SOURCES)
def test_without_files_and_network_the_error_says_what_to_do(name, tmp_path, offline):
    with pytest.raises(FileNotFoundError) as error:
        load_graph(name)
    message, source = str(error.value), SOURCES[name]
    for part in (repr(name), "no network here", "FGNN_LITE_DATA", "root=", "karate, digits, sbm"):
        assert part in message
    assert f"{source.dataset}/{source.raw}/{source.files[0]}" in message
    assert isinstance(error.value.__cause__, URLError)
    with pytest.raises(FileNotFoundError, match=str(tmp_path / source.dataset)):
        load_graph(name, root=tmp_path)


def test_a_corrupt_file_is_named(root, offline):
    folder = root / "CitationFull" / "cora_ml" / "raw"
    (folder / "cora_ml.npz").write_bytes(b"not an archive")
    with pytest.raises(ValueError, match=f"'cora-ml' cannot be read; they came from {folder}"):
        load_graph("cora-ml", root=root)
    write_npz(folder / "cora_ml.npz")
    assert_sound(load_graph("cora-ml", root=root), "cora-ml")


def test_files_that_make_no_sound_graph_are_refused(root, offline):
    path = root / "CitationFull" / "cora_ml" / "raw" / "cora_ml.npz"
    arrays = dict(np.load(path))
    np.savez(path, **arrays | {"attr_data": np.full_like(arrays["attr_data"], np.nan)})
    with pytest.raises(ValueError, match="rows hold NaN"):
        load_graph("cora-ml", root=root)
    np.savez(path, **arrays | {"labels": np.arange(40) % 3 * 2})
    with pytest.raises(ValueError, match="none of class 1, 3"):
        load_graph("cora-ml", root=root)


def test_a_corrupt_download_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(citation_full, "download_url", give_npz)
    load_graph("cora-ml")
    (kept,) = (tmp_path / "cache").rglob("cora_ml.npz")
    kept.write_bytes(b"not an archive")
    with pytest.raises(ValueError, match=f"came from {kept.parent}, mend or delete them"):
        load_graph("cora-ml")
    kept.unlink()
    with pytest.raises(FileNotFoundError, match=f"vanished from {kept.parent}: mend or delete"):
        load_graph("cora-ml")


@pytest.mark.parametrize("name", ["cora-ml", "digits"])
def test_a_root_that_is_not_there_is_named(name, tmp_path):
    with pytest.raises(FileNotFoundError, match=f"root must be .*{tmp_path / 'none'}"):
        load_graph(name, root=tmp_path / "none")
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError, match=f"{tmp_path / 'file'} is not a folder"):
        load_graph(name, root=tmp_path / "file")
    with pytest.raises(TypeError, match="root must be a path; got int"):
        load_graph(name, root=3)


def test_folders_may_be_relative_or_at_home(root, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))  # where Windows looks
    monkeypatch.chdir(tmp_path)
    for folder in (f"~/{root.name}", root.name):
        assert load_graph("cora-ml", root=folder).num_nodes == 40
    with pytest.raises(FileNotFoundError, match=f"{tmp_path / 'none'} does not exist"):
        load_graph("cora-ml", root="none")
    monkeypatch.setenv("FGNN_LITE_CACHE", "~/at home")
    monkeypatch.setattr(citation_full, "download_url", give_npz)
    assert load_graph("cora-ml").num_nodes == 40
    assert list((tmp_path / "at home").rglob("cora_ml.npz"))


def test_an_environment_that_names_no_folder_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("FGNN_LITE_DATA", str(tmp_path / "none"))
    with pytest.raises(FileNotFoundError, match=f"FGNN_LITE_DATA must be .*{tmp_path / 'none'}"):
        load_graph("cora-ml")
    assert load_graph("karate").num_nodes == 34  # needs none


@pytest.mark.parametrize(("name", "meant"), [("cora_ml", "cora-ml"), ("Digits", "digits")])
def test_an_unknown_graph(name, meant):
    with pytest.raises(ValueError, match=f"mean '{meant}'") as error:
        load_graph(name)
    assert all(repr(graph) in str(error.value) for graph in GRAPHS)


@pytest.mark.parametrize("name", GRAPHS)
def test_a_split_that_does_not_exist(name, offline):
    public = name in ("cora", "citeseer", "pubmed")
    allowed = "must be 0; got 5" if public else "must be an integer from 0 to 4; got 5"
    with pytest.raises(ValueError, match=f"split of '{name}' {allowed}"):
        load_graph(name, split=5)
    with pytest.raises(ValueError, match="split"):
        load_graph(name, split=-1)
    with pytest.raises(TypeError, match="split"):
        load_graph(name, split="0")


def test_a_seed_that_does_not_exist():
    with pytest.raises(ValueError, match="seed must be an integer of at least 0; got -1"):
        load_graph("karate", seed=-1)
    with pytest.raises(TypeError, match="seed must be"):
        load_graph("karate", seed=0.5)


@pytest.mark.parametrize("name", GRAPHS)
def test_options_are_for_sbm_only(name, offline):
    with pytest.raises(TypeError, match="has no option 'node'"):
        load_graph(name, node=10)
    if name != "sbm":
        with pytest.raises(TypeError, match="has no option 'nodes'; it has no options"):
            load_graph(name, nodes=10)


def test_links_of_a_graph_take_its_seed_and_root(root, offline):
    assert torch.equal(load_links("sbm", seed=1)[0].x, load_graph("sbm", seed=1).x)
    assert load_links("cora-ml", root=root)[0].num_nodes == 40
    with pytest.raises(ValueError, match="'sbm' is too dense to split"):  # every pair is an edge
        load_links("sbm", nodes=6, classes=2, edges=15, homophily=0.4)


# What is left alone


def test_global_generators_are_left_alone(root, offline):
    def generators():
        legacy = repr(np.random.get_state(legacy=False))  # noqa: NPY002
        return torch.get_rng_state().tolist(), legacy, random.getstate()

    torch.manual_seed(1)
    np.random.seed(1)  # noqa: NPY002
    random.seed(1)
    before = generators()
    drawn = [load_graph(name, root=root).train_mask for name in GRAPHS]
    assert generators() == before
    torch.manual_seed(2)
    np.random.seed(2)  # noqa: NPY002
    random.seed(2)
    for name, mask in zip(GRAPHS, drawn, strict=True):
        assert torch.equal(load_graph(name, root=root).train_mask, mask)


def test_a_graph_without_features_is_rewired_with_its_weights() -> None:
    edges = torch.tensor([[0, 1, 1, 2], [1, 0, 2, 1]])
    data = Data(edge_index=edges, edge_weight=torch.tensor([1.0, 1.0, 2.0, 2.0]), num_nodes=3)
    assert graphs.rewire(data, 0.0).edge_weight.tolist() == [1.0, 1.0, 2.0, 2.0]


def test_importing_is_light():
    """Nothing heavy comes with the module that torch_geometric does not bring by itself."""
    program = (
        "import sys, torch, torch_geometric.data; before = set(sys.modules)\n"
        "import fgnn_lite.graphs\n"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(new & {'sklearn', 'scipy', 'pandas', 'matplotlib'}))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "[]"


# Real files

realdata = pytest.mark.realdata
REAL = {  # nodes, edges, features, classes: torch_geometric's documentation; github: reduced
    "cora": (2708, 10_556, 1433, 7),
    "pubmed": (19_717, 88_648, 500, 3),
    "cora-ml": (2995, 16_316, 2879, 7),
    "citeseer-full": (4230, 10_674, 602, 6),
    "pubmed-full": (19_717, 88_648, 500, 3),
    "photo": (7650, 238_162, 745, 8),
    "github": (37_700, 578_006, 128, 2),
}


@realdata
@pytest.mark.parametrize("name", REAL)
def test_real_graphs(name, monkeypatch, offline):
    monkeypatch.setenv("FGNN_LITE_DATA", DATA)
    source = SOURCES[name]
    folder = Path(DATA) / source.dataset
    try:
        load_graph(name)
    except FileNotFoundError as error:
        pytest.skip(str(error))
    before = {path: path.lstat().st_mtime_ns for path in [Path(DATA), folder, *folder.rglob("*")]}
    data = load_graph(name)
    after = {path: path.lstat().st_mtime_ns for path in [Path(DATA), folder, *folder.rglob("*")]}
    assert after == before
    assert_sound(data, name)
    assert (data.num_nodes, data.num_edges, data.num_features, data.num_classes) == REAL[name]
    nodes = data.num_nodes
    if name in ("cora", "pubmed"):
        assert sizes(data) == (20 * data.num_classes, 500, 1000)
    else:
        assert sizes(data) == pytest.approx((0.64 * nodes, 0.16 * nodes, 0.2 * nodes), abs=2)
    if name == "github":  # reduced to the strongest directions
        strength = data.x.double().norm(dim=0)[[0, 1, 2, -1]]
        assert strength.tolist() == pytest.approx(
            [458.94710, 139.16583, 114.93151, 22.80584], abs=2e-3
        )


def test_a_new_end_is_drawn_from_all_nodes_and_the_other_end_stays() -> None:
    count = 4000
    star = Data(edge_index=torch.stack([torch.zeros(count - 1), torch.arange(1, count)]).long())
    star.num_nodes = count
    source, target = graphs.rewire(star, 1.0).edge_index
    assert ((source == 0) | (target == 0)).all()
    ends = target[source == 0].double()
    assert len(ends) / count == pytest.approx(1 - math.exp(-1), abs=0.03)  # with replacement
    assert ends.mean() / count == pytest.approx(1 / 2, abs=0.03)
    assert (ends > count / 2).double().mean() == pytest.approx(1 / 2, abs=0.04)


def test_rewired_edges_are_as_many_and_go_both_ways() -> None:
    digits = load_graph("digits")
    before = digits.edge_index.clone()

    def pairs(share: float, seed: int = 0) -> set[tuple[int, int]]:
        return set(map(tuple, graphs.rewire(digits, share, seed).edge_index.t().tolist()))

    whole = set(map(tuple, before.t().tolist()))
    assert pairs(0.0) == whole
    half, most = pairs(0.5), pairs(0.9)
    assert half == {(b, a) for a, b in half}
    assert all(a != b for a, b in half)
    assert 0.98 * len(whole) < len(half) <= len(whole)
    assert 0.47 < len(half & whole) / len(whole) < 0.53
    assert len((most & whole) - half) < 0.01 * len(whole)  # what 0.9 keeps, 0.5 keeps
    assert pairs(0.5) == half != pairs(0.5, seed=1)
    assert torch.equal(digits.edge_index, before)
    none = digits.clone()
    none.edge_index = before[:, :0]
    assert graphs.rewire(none, 0.5).num_edges == 0
    with pytest.raises(ValueError, match="share"):
        graphs.rewire(digits, 1.5)


def test_rewired_edges_keep_their_weights() -> None:
    digits = load_graph("digits")
    source, target = digits.edge_index
    weighted = digits.clone()
    weighted.edge_attr = (source * target % 11).float()  # the same both ways
    plain = graphs.rewire(digits, 0.5)
    assert "edge_weight" not in plain
    for share in (0.0, 0.5):
        out = graphs.rewire(weighted, share)
        assert torch.equal(out.edge_index, graphs.rewire(digits, share).edge_index)
        assert "edge_attr" not in out
        assert out.edge_weight.shape == (out.num_edges,)
        old = {(a, b): a * b % 11 for a, b in digits.edge_index.t().tolist()}
        pairs = zip(out.edge_index.t().tolist(), out.edge_weight.tolist(), strict=True)
        kept = [(old[a, b], weight) for (a, b), weight in pairs if (a, b) in old]
        assert sum(was == now for was, now in kept) > (0.99 if share else 1 - 1e-9) * len(kept)
        assert len(kept) > 0.4 * digits.num_edges
    torch.testing.assert_close(  # an edge takes its weight along
        out.edge_weight.mean(), weighted.edge_attr.mean(), atol=0.05, rtol=0
    )
    digits.edge_weight = torch.ones(3)
    with pytest.raises(ValueError, match=r"data\.edge_weight must be one floating weight"):
        graphs.rewire(digits, 0.5)


def test_weights_of_both_directions_are_averaged() -> None:
    edges = torch.tensor([[0, 1, 1, 2, 2], [1, 0, 2, 2, 3]])
    data = Data(x=torch.ones(4, 1), edge_index=edges, edge_weight=torch.tensor([1.0, 4, 5, 9, 2]))
    out = graphs.rewire(data, 0.0)
    assert out.edge_index.tolist() == [[0, 1, 1, 2, 2, 3], [1, 0, 2, 1, 3, 2]]
    assert out.edge_weight.tolist() == [2.5, 2.5, 5, 5, 2, 2]


def test_weights_of_edges_that_meet_are_averaged() -> None:
    """Fifteen edges among six nodes, all drawn anew: some join the same two."""
    edges = torch.combinations(torch.arange(6)).t()
    data = Data(x=torch.ones(6, 1), edge_index=edges, edge_weight=torch.full((15,), 2.0))
    out = graphs.rewire(data, 1.0)
    assert 0 < out.num_edges < 26  # not counting those that join a node to itself
    assert out.edge_weight.tolist() == [2.0] * out.num_edges
