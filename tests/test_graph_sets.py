"""Sets of graphs: what is in them, their folds, their files, and what is refused."""

from collections import Counter
from urllib.error import URLError

import networkx as nx
import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch_geometric.datasets import TUDataset
from torch_geometric.utils import degree, to_networkx

import fgnn_lite as fgnn
from fgnn_lite.graph_sets import MOTIFS

COUNTS = {  # graphs, features: one-hot labels of nodes and eleven degrees; the classes' sizes
    "mutag": (188, 7 + 11, [63, 125]),
    "proteins": (1113, 3 + 11, [663, 450]),
    "enzymes": (600, 3 + 11, [100] * 6),
}


def labels(graphs) -> list[int]:
    return [int(each.y) for each in graphs]


def key(data) -> bytes:
    return b"".join(each.numpy().tobytes() for each in (data.x, data.edge_index, data.y))


@pytest.mark.parametrize("name", ["digits-grid", "motifs"])
def test_ten_folds_divide_the_graphs_and_share_out_every_class(name) -> None:
    folds = [fgnn.load_graphs(name, fold) for fold in range(10)]
    whole = Counter(key(each) for part in folds[0] for each in part)
    tests = Counter(key(each) for _, _, test in folds for each in test)
    assert tests == whole  # each is tested once
    classes = np.bincount(labels(each for part in folds[0] for each in part))
    for k, (train, val, test) in enumerate(folds):
        assert Counter(map(key, [*train, *val, *test])) == whole
        assert list(map(key, val)) == list(map(key, folds[(k + 1) % 10][2]))
        for part in (val, test):
            shares = np.bincount(labels(part), minlength=len(classes))
            assert (np.abs(shares - classes / 10) < 1).all()
    sizes = [len(test) for _, _, test in folds]
    assert max(sizes) - min(sizes) <= 1


def test_a_seed_decides_the_folds_and_nothing_else_does() -> None:
    torch.manual_seed(5)
    state = torch.get_rng_state()
    one, two = (fgnn.load_graphs("motifs", 3)[2] for _ in range(2))
    other = fgnn.load_graphs("motifs", 3, seed=1)[2]
    assert torch.equal(torch.get_rng_state(), state)
    assert list(map(key, one)) == list(map(key, two)) != list(map(key, other))


def test_a_digit_is_a_grid_of_its_pixels() -> None:
    parts = fgnn.load_graphs("digits-grid", 4)
    graphs = [each for part in parts for each in part]
    pixels, numbers = load_digits(return_X_y=True)
    assert Counter((int(g.y), tuple(int(16 * v) for v in g.x[:, 0])) for g in graphs) == Counter(
        (int(y), tuple(map(int, row))) for row, y in zip(pixels, numbers, strict=True)
    )
    wanted = nx.convert_node_labels_to_integers(nx.grid_2d_graph(8, 8), ordering="sorted")
    assert set(to_networkx(graphs[0], to_undirected=True).edges) == set(wanted.edges)
    for node in range(64):
        row, column = graphs[0].x[node, 1:].split(8)
        assert (int(row.argmax()), int(column.argmax())) == divmod(node, 8)
        assert row.sum() == column.sum() == 1


@pytest.mark.filterwarnings("ignore:The hashes produced")
def test_motifs_differ_though_degrees_do_not() -> None:
    shapes = [nx.Graph(edges) for edges in MOTIFS.values()]
    for each in shapes:
        assert sorted(degree for _, degree in each.degree) == [2, 2, 2, 2, 3, 3]
    colours = [nx.weisfeiler_lehman_graph_hash(each, iterations=2) for each in shapes]
    assert len(set(colours)) == 3
    graphs = [g for part in fgnn.load_graphs("motifs", graphs=60, tree=5) for g in part]
    assert sorted(labels(graphs)) == sorted([0, 1, 2] * 20)
    for each in graphs:
        whole = to_networkx(each, to_undirected=True)
        assert len(whole) == 11
        assert whole.number_of_edges() == 4 + 1 + 7  # a tree, an edge, a motif
        assert nx.is_connected(whole)
        motif = whole.subgraph(range(5, 11))
        assert nx.is_isomorphic(motif, shapes[int(each.y)])
        assert not nx.cycle_basis(whole.subgraph(range(5)))
        assert torch.equal(each.x.argmax(1), degree(each.edge_index[0], 11, torch.long))


def test_without_a_tree_the_motifs_stand_alone() -> None:
    graphs = [g for part in fgnn.load_graphs("motifs", graphs=30, tree=0) for g in part]
    assert sorted(labels(graphs)) == sorted([0, 1, 2] * 10)
    for each in graphs:
        motif = nx.Graph(list(MOTIFS.values())[int(each.y)])
        assert set(map(frozenset, each.edge_index.T.tolist())) == set(map(frozenset, motif.edges))
        assert each.x.argmax(1).tolist() == [motif.degree[node] for node in range(6)]


# --- files of PyG's collection -----------------------------------------------------------------


@pytest.fixture
def root(tmp_path):
    """Two triangles and a star of thirteen, ten times over, in the layout of the collection."""
    raw = tmp_path / "TU" / "MUTAG" / "raw"
    raw.mkdir(parents=True)
    edges, owner, kinds, classes, node = [], [], [], [], 1
    for k in range(20):
        size = 13 if k % 2 else 6
        pairs = [(0, j) for j in range(1, 13)] if k % 2 else [(0, 1), (1, 2), (0, 2)]
        pairs += [] if k % 2 else [(3, 4), (4, 5), (3, 5)]
        edges += [f"{node + a}, {node + b}" for i, j in pairs for a, b in ((i, j), (j, i))]
        owner += [str(k + 1)] * size
        kinds += [str(j % 2) for j in range(size)]
        classes.append("1" if k % 2 else "-1")
        node += size
    files = {"A": edges, "graph_indicator": owner, "node_labels": kinds, "graph_labels": classes}
    for part, lines in {**files, "edge_labels": ["0"] * len(edges)}.items():
        (raw / f"MUTAG_{part}.txt").write_text("\n".join(lines) + "\n")
    return tmp_path


def test_files_are_read_and_left_alone(root, monkeypatch) -> None:
    monkeypatch.delenv("FGNN_LITE_DATA", raising=False)
    before = sorted(root.rglob("*"))
    train, val, test = fgnn.load_graphs("mutag", 2, root=root)
    assert sorted(root.rglob("*")) == before
    assert [len(train), len(val), len(test)] == [16, 2, 2]
    star = next(each for each in train if int(each.y) == 1)
    assert sorted(star.keys()) == ["edge_index", "x", "y"]  # nothing that edges carry
    assert star.x.shape == (13, 2 + 11)
    assert star.x[:, :2].argmax(1).tolist() == [j % 2 for j in range(13)]
    assert star.x[:, 2:].argmax(1).tolist() == [10, *[1] * 12]  # twelve neighbours count as ten
    monkeypatch.setenv("FGNN_LITE_DATA", str(root))
    assert list(map(key, fgnn.load_graphs("mutag", 2)[2])) == list(map(key, test))


def test_without_files_and_network_the_error_says_what_to_do(tmp_path, monkeypatch) -> None:
    def refuse(self):
        raise URLError("no network here")

    monkeypatch.setattr(TUDataset, "download", refuse)
    monkeypatch.setenv("FGNN_LITE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("FGNN_LITE_DATA", raising=False)
    with pytest.raises(FileNotFoundError) as error:
        fgnn.load_graphs("enzymes")
    for part in ("'enzymes'", "no network here", "FGNN_LITE_DATA", "root=", "digits-grid, motifs",
                 "TU/ENZYMES/raw/ENZYMES_A.txt"):  # fmt: skip
        assert part in str(error.value)
    with pytest.raises(FileNotFoundError, match="must hold all files of graph 'enzymes'"):
        fgnn.load_graphs("enzymes", root=tmp_path)


@pytest.mark.realdata
@pytest.mark.parametrize("name", COUNTS)
def test_the_collections_sets(name) -> None:
    try:
        parts = fgnn.load_graphs(name)
    except FileNotFoundError as error:
        pytest.skip(f"FGNN_LITE_DATA has no {name}: {error}")
    graphs = [each for part in parts for each in part]
    many, features, classes = COUNTS[name]
    assert len(graphs) == many
    assert np.bincount(labels(graphs)).tolist() == classes
    for each in graphs:
        assert each.x.shape[1] == features
        assert each.is_undirected()
        assert set(each.x.sum(1).tolist()) == {2.0}  # one label, one degree


@pytest.mark.parametrize(
    ("name", "given", "error", "message"),
    [
        ("mutags", {}, ValueError, r"name must be one of 'digits-grid'.*Did you mean 'mutag'"),
        ("motifs", {"fold": 10}, ValueError, r"fold must be an integer from 0 to 9; got 10"),
        ("motifs", {"fold": 0.5}, TypeError, r"fold must be an integer from 0 to 9"),
        ("motifs", {"graphs": 29}, ValueError, r"graphs must be an integer of at least 30; got 29"),
        ("motifs", {"tree": -1}, ValueError, r"tree must be an integer of at least 0; got -1"),
        ("motifs", {"seed": -1}, ValueError, r"seed must be an integer of at least 0; got -1"),
        ("digits-grid", {"tree": 3}, TypeError, r"load_graphs\('digits-grid'\) has no option"),
    ],
)
def test_what_does_not_exist_is_refused(name, given, error, message) -> None:
    with pytest.raises(error, match=message):
        fgnn.load_graphs(name, **given)
