"""The engine of the playground computes what fgnn_lite computes: held to it in Node."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch_geometric.data import Data

import fgnn_lite as fgnn
from fgnn_lite.book.playground.squeeze import squeeze
from fgnn_lite.learners import ff_vn, single_forward
from fgnn_lite.seeds import generator

ROOT = Path(__file__).parents[1]
ENGINE = ROOT / "fgnn_lite" / "book" / "playground" / "engine"
LEARNERS = (
    "bp",
    "ff-la",
    "ff-vn",
    "sf",
    "sf-top-to-input",
    "sf-top-to-loss",
    "local-heads",
    "class-groups",
)
BACKBONES = ("gcn", "sage", "gat")
WEIGHTS = {  # what the engine calls a layer's weights
    "gcn": {"conv.lin.weight": "weight", "conv.bias": "bias"},
    "sage": {"conv.lin_l.weight": "weight", "conv.lin_l.bias": "bias", "conv.lin_r.weight": "root"},
    "gat": {
        "conv.lin.weight": "weight",
        "conv.att_src": "source",
        "conv.att_dst": "target",
        "conv.bias": "bias",
    },
}
for names in WEIGHTS.values():
    names["head.weight"] = "head"  # of local heads
BLOCKS: dict[str, Any] = {"nodes": 60, "classes": 3, "features": 8, "homophily": 0.7}


def shipped() -> str:
    """The engine as it travels."""
    names = json.loads((ENGINE / "order.json").read_text())
    return squeeze("".join((ENGINE / name).read_text() for name in names))


def in_node(kind: str, tmp_path: Path, **cases: Any) -> None:
    """Run the tests of one kind, with their cases; all of them must have run and passed."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed")
    path = tmp_path / "cases.json"
    path.write_text(json.dumps({"source": shipped(), **cases}))
    done = subprocess.run(
        [
            node,
            "--test",
            f"--test-name-pattern=^{kind}",
            str(ROOT / "tests" / "engine.test.js"),
        ],
        env={**os.environ, "ENGINE_CASES": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    ran = [line for line in done.stdout.splitlines() if re.match(rf"\s*ok \d+ - {kind}", line)]
    assert ran, done.stdout
    assert not any("# SKIP" in line for line in ran), done.stdout


@pytest.fixture(scope="module")
def graphs() -> dict[str, Data]:
    return {
        "karate": fgnn.load_graph("karate"),
        "sbm": fgnn.load_graph("sbm", edges=180, **BLOCKS),
    }


def plain(data: Data) -> dict[str, Any]:
    """A graph as the engine takes it."""
    masks = {name: data[f"{name}_mask"].int().tolist() for name in ("train", "val", "test")}
    return {
        "name": data.name,
        "n": len(data.y),
        "classes": data.num_classes,
        "f": data.x.shape[1],
        "features": data.x.flatten().tolist(),
        "y": data.y.tolist(),
        "edges": [edge for edge in data.edge_index.t().tolist() if edge[0] < edge[1]],
        **masks,
    }


def settings_of(options: dict[str, Any]) -> dict[str, Any]:
    """Settings as the engine names them."""
    direction = options.get("virtual_edges", "both")
    rest = {name: value for name, value in options.items() if name != "virtual_edges"}
    return {**rest, "both_ways": direction == "both"}


def test_what_needs_no_case(tmp_path) -> None:
    in_node("alone", tmp_path)


def test_the_draws_are_those_of_torch_and_numpy(tmp_path) -> None:
    torch_cases = []
    for seed, purpose in ((0, 1), (7, 1_000_003), (2**31, 16), (123456, 1_000_004)):
        uniform = torch.empty(50).uniform_(-0.3, 0.3, generator=generator(seed, purpose))
        normal = [torch.randn(n, generator=generator(seed, purpose)) for n in (7, 8, 16, 40, 160)]
        case = {"seed": seed, "purpose": purpose, "uniform": uniform.tolist()}
        torch_cases.append({**case, "normal": [values.tolist() for values in normal]})
    numpy_cases = [
        {"seed": seed, "order": np.random.default_rng(seed).permutation(count).tolist()}
        for seed, count in (([0, 0], 1797), ([5, 2, 1], 30), ([2**31, 4], 100))
    ]
    in_node("draws", tmp_path, draws={"torch": torch_cases, "numpy": numpy_cases})


def test_its_graphs_are_those_of_the_library(tmp_path) -> None:
    from sklearn.datasets import load_digits

    cases: list[dict[str, Any]] = []
    for seed, split in ((0, 0), (3, 2)):
        data = fgnn.load_graph("karate", split=split, seed=seed)
        cases.append({"of": "karate", "options": {"seed": seed, "split": split}, "graph": data})
    for nodes, degree, classes, features, homophily, seed in (
        (400, 8, 4, 16, 0.8, 0),
        (60, 6, 3, 8, 0.35, 3),
        (31, 9, 3, 5, 0.5, 7),
        (500, 4, 5, 7, 0.5, 5),
        (200, 10, 2, 32, 1.0, 11),
    ):
        shape = {"nodes": nodes, "classes": classes, "features": features, "homophily": homophily}
        data = fgnn.load_graph("sbm", edges=round(nodes * degree / 2), seed=seed, **shape)
        options = {**shape, "degree": degree, "seed": seed}
        cases.append({"of": "blockModel", "options": options, "graph": data})
    pixels, labels = load_digits(return_X_y=True)
    options = {"pixels": pixels.astype(int).ravel().tolist(), "labels": labels.tolist()}
    cases.append({"of": "digits", "options": options, "graph": fgnn.load_graph("digits")})
    for case in cases:
        case["graph"] = plain(case["graph"])
    in_node("graphs", tmp_path, graphs=cases)


def variants() -> list[dict[str, Any]]:
    """Every learner with every backbone, and what else can be chosen."""
    every = [
        {"learner": learner, "backbone": backbone, "depth": 3}
        for learner, backbone in product(LEARNERS, BACKBONES)
    ]
    others: list[dict[str, Any]] = [
        {"learner": "bp", "features": "l2", "temperature": 0.5},
        {"learner": "bp", "depth": 1, "features": "sum"},
        {"learner": "sf", "temperature": 0.0625, "virtual_edges": "to-virtual"},
        {"learner": "sf", "accumulate": "skip-first", "seed": 5},
        {"learner": "ff-vn", "hypotheses": "single", "negatives": 1, "given": "none"},
        {"learner": "ff-vn", "goodness": "mean-squares", "temperature": 0.5},
        {"learner": "ff-vn", "loss": "symba", "accumulate": "last", "theta": 0.5},
        {"learner": "ff-la", "label_layers": "all", "features": "l2", "hypotheses": "single"},
        {"learner": "ff-la", "label_layers": "all", "goodness": "negative-entropy", "theta": -1.0},
        {"learner": "ff-la", "goodness": "sum-abs", "given": "train+val"},
        {"learner": "sf-top-to-input", "updates": "simultaneous", "above": "states", "steps": 4},
        {"learner": "sf-top-to-input", "above": "labels", "virtual_edges": "to-virtual"},
        {"learner": "sf-top-to-loss", "temperature": 4.0, "accumulate": "last"},
        {"learner": "local-heads", "temperature": 0.25, "accumulate": "skip-first", "seed": 5},
        {"learner": "class-groups", "temperature": 0.125, "features": "l2", "accumulate": "last"},
    ]
    return every + [{"backbone": "gcn", "depth": 2, **other} for other in others]


def trajectory(data: Data, options: dict[str, Any], rates: dict[str, Any]) -> dict[str, Any]:
    """What fgnn_lite does in float64, update by update, and the weights that it ends with."""
    data = data.clone()
    data.x = data.x.double()
    name = options["learner"]
    own = {key: value for key, value in options.items() if key != "learner"}
    learner = fgnn.make_learner(name, hidden=12, **own)
    records = learner.fit(data, **rates).records
    names = WEIGHTS[own["backbone"]]
    return {
        "settings": {**settings_of(options), "hidden": 12, **rates},
        "losses": [record.loss for record in records],
        "margins": [record.margin for record in records],
        "accuracies": [record.val_accuracy for record in records],
        "weights": [
            {names[key]: value.flatten().tolist() for key, value in layer.state_dict().items()}
            for layer in learner.layers
        ],
        "scores": [scores.flatten().tolist() for scores in learner.class_scores(data)],
    }


def test_every_trajectory(graphs, tmp_path, monkeypatch) -> None:
    """Losses and weights to 1e-5, from the engine's own draws of what stands at class nodes.

    These are PyTorch's to a few units in the last place (its own kernels differ by as much from
    one CPU to another), and Adam makes more of that where a gradient is next to nothing.
    """
    for case in graphs.values():
        for seed in (0, 5):
            size = (case.num_classes, case.x.shape[1])
            path = tmp_path / f"{size}-{seed}.json"
            drawn = {"count": size[0] * size[1], "seed": seed, "file": str(path)}
            in_node("classes", tmp_path, classNodes=drawn)

    def virtual_features(classes, features, seed, dtype):
        values = json.loads((tmp_path / f"{(classes, features)}-{seed}.json").read_text())
        return torch.tensor(values, dtype=torch.float64).reshape(classes, features).to(dtype)

    for module in (single_forward, ff_vn):
        monkeypatch.setattr(module, "virtual_features", virtual_features)
    rates = {"epochs": 20, "lr": 0.01, "val_every": 5, "patience": 100, "restore_best": False}
    cases = [
        {"graph": name, **trajectory(data, options, rates)}
        for name, data in graphs.items()
        for options in variants()
    ]
    short = {**rates, "epochs": 30, "val_every": 2, "patience": 3, "restore_best": True}
    cases += [
        {"graph": "sbm", **trajectory(graphs["sbm"], options, short)}
        for options in variants()[: 3 * len(LEARNERS) : 3]
    ]
    of = {name: plain(data) for name, data in graphs.items()}
    in_node("trajectories", tmp_path, of=of, trajectories=cases)


def test_whole_runs_on_the_digits(tmp_path) -> None:
    data = fgnn.load_graph("digits")
    cases = []
    for name, depth, epochs in (("sf", 4, 100), ("bp", 2, 40)):
        options = {"depth": depth, "hidden": 64, "backbone": "gcn"}
        rates = {"epochs": epochs, "lr": 0.01, "val_every": 10}
        learner = fgnn.make_learner(name, **options)
        learner.fit(data, **rates)
        accuracies = learner.layer_scores(data, "test")
        assert min(accuracies) > 0.9
        settings = {"learner": name, **options, **rates}
        cases.append({"graph": "digits", "settings": settings, "accuracies": accuracies})
    in_node("whole runs", tmp_path, of={"digits": plain(data)}, runs=cases)


def test_memory_is_split_as_the_library_splits_it(graphs, tmp_path) -> None:
    """Weights, gradients, moments and what is kept for the way back: the same bytes, but for

    - Adam's count of steps, a float for each weight tensor, that PyTorch keeps;
    - labels and rows, whole numbers that PyTorch saves in 8 bytes each, and one more scalar;
    - top-to-loss: PyTorch judges all nodes and saves them, the engine the rows that the loss reads;
    - the first layer, where the library holds a sparse X apart, or a column beside it;
    - class groups: PyTorch saves the matrix [H, C] that says which unit is whose;
    - GAT: PyTorch saves a message for every edge, the engine none.

    In all it is at most a fifth above the library's count (a layer's input is one copy of the
    graph's rows) and mostly below it: indices take 4 bytes, not 8, and no list of edges is held
    beside the compressed one.
    """
    data, h = graphs["sbm"], 32
    n, c, t = len(data.y), data.num_classes, int(data.train_mask.sum())
    picked = 4 * c * h  # class nodes are a part of what is judged where that is all nodes
    saved_more = {
        "sf": 8 * t + 4,
        "local-heads": 8 * t + 4,
        "class-groups": 8 * t + 4 + 4 * h * c,
        "ff-la": 0,
        "ff-vn": 0,
        "sf-top-to-input": 16 * t + 4 - picked,
        "sf-top-to-loss": 16 * t + 4 - picked + 4 * (n + c) * h,
    }
    cases = []
    for name, backbone in product(LEARNERS, BACKBONES):
        options: dict[str, Any] = {"depth": 4, "hidden": h, "backbone": backbone}
        sparse = {"adjacency": "sparse"} if name == "bp" else {}
        learner = fgnn.make_learner(name, **options, **sparse)
        report = fgnn.probe_memory(learner, data)
        learner.fit(data, epochs=1)
        tensors = [len(list(layer.parameters())) for layer in learner.layers]
        steps = 4 * (max(tensors) if learner.layer_wise else sum(tensors))
        least = 0.15 if backbone == "gat" else 0.35
        kept: list[int | None]
        if backbone == "gat":
            kept = [None] * 4
        elif name == "bp":
            kept = [None, *report.saved_by_layer[1:3], report.saved_by_layer[3] - 16 * t - 4]
        else:
            kept = [None, *(bytes_ - saved_more[name] for bytes_ in report.saved_by_layer[1:])]
        case = {
            "graph": "sbm",
            "settings": {"learner": name, **options, "epochs": 3},
            "weights": report.parameter_bytes,
            "gradients": report.gradient_bytes,
            "optimizer": report.optimizer_bytes - steps,
            "kept": kept,
            "peak": [share * report.peak_bytes for share in (least, 1.2)],
        }
        cases.append(case)
    in_node("memory", tmp_path, of={"sbm": plain(data)}, memory=cases)


def test_what_travels_is_small() -> None:
    assert len(shipped().encode()) < 46_000
