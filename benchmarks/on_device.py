"""Solutions and learners on another device, beside the CPU: what `gpu_check.py` asks of CUDA.

A reader on Colab computes on a GPU, and a right answer must not fail for the device of what it
returns, or for its last digit: what the checks give an exercise's folded solution is moved there.
Learners of whole graphs and of clusters are trained in both places. A test goes the same way twice
on a CPU.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator
from copy import copy
from pathlib import Path
from typing import Any, NamedTuple

import torch
from provenance import ROOT
from torch_geometric.data import Data

import fgnn_lite as fgnn
from fgnn_lite.book.exercises import EXERCISES

SOLUTION = re.compile(r"<summary>Solution</summary>.*?```python\n(.*?)```\n\n</details>", re.S)


def solutions() -> Iterator[str]:
    """The folded code of every chapter."""
    for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf8"))["cells"]:
            if cell["cell_type"] == "markdown":
                yield from SOLUTION.findall("".join(cell["source"]))


def moved(thing: Any, device: str) -> Any:
    """The same on a device: tensors, graphs, generators, lists of them, and functions of them."""
    if isinstance(thing, torch.Generator):
        return torch.Generator(device).manual_seed(thing.initial_seed())
    if isinstance(thing, torch.Tensor):
        return thing.to(device)
    if isinstance(thing, Data):
        return copy(thing).to(device)  # which would move the graph itself
    if isinstance(thing, list | tuple):
        return type(thing)(moved(part, device) for part in thing)
    if callable(thing):
        return lambda *args: moved(on_device(thing, "cpu")(*args), device)
    return thing


def on_device(answer: Any, device: str) -> Any:
    """An answer that computes on a device, and leaves there what it returns."""
    if isinstance(answer, list | tuple):
        return torch.tensor(answer, device=device)
    if not callable(answer):
        return answer

    def call(*args: Any) -> Any:
        with torch.device(device):  # for tensors that the answer makes
            return answer(*moved(args, device))

    return call


def check_solutions(device: str) -> list[str]:
    """Run every folded solution on a device; what its check says, if that is not "right"."""
    asked, wrong = set(), []

    def check(name: str, answer: Any) -> None:
        asked.add(name)
        verdict = fgnn.check(name, on_device(answer, device))
        if not verdict:
            wrong.append(f"{name}: {verdict}")

    for code in solutions():
        exec(code, {"torch": torch, "fgnn": type("Library", (), {"check": check})})
    return wrong + [f"{name} was not asked" for name in EXERCISES if name not in asked]


class Agreement(NamedTuple):
    """How far a learner agrees with itself.

    Attributes:
        name: of the learner.
        backbone: of its layers.
        losses: the largest difference of the first ten losses, on the CPU and on the device.
        loaded: the largest difference of what it says on the device, and loaded on the CPU.
    """

    name: str
    backbone: str
    losses: float
    loaded: float


def of_graphs(device: str, epochs: int = 30) -> Iterator[Agreement]:
    """Each learner of whole graphs, with each of its backbones; it says scores of classes."""
    train, val, test = fgnn.load_graphs("motifs", graphs=90)
    for name in fgnn.GRAPH_LEARNERS:
        for backbone in fgnn.make_graph_learner(name).backbones:
            settings = {"backbone": backbone, "depth": 2, "hidden": 32}
            yield _agreement(
                lambda: fgnn.make_graph_learner(name, **settings),  # noqa: B023
                lambda learner, where: learner.fit(train, val, epochs, lr=0.01, device=where),
                lambda learner: learner.class_scores(test)[-1],
                device,
            )


def of_clusters(device: str, epochs: int = 30) -> Iterator[Agreement]:
    """Each learner without labels, with each of its backbones; it says rows for nodes."""
    data = fgnn.load_graph("karate")
    for name in fgnn.CLUSTER_LEARNERS:
        for backbone in fgnn.make_cluster_learner(name, clusters=4).backbones:
            settings = {"clusters": 4, "backbone": backbone, "depth": 2, "hidden": 32}
            yield _agreement(
                lambda: fgnn.make_cluster_learner(name, **settings),  # noqa: B023
                lambda learner, where: learner.fit(data, epochs, lr=0.01, device=where),
                lambda learner: learner.embed(data),
                device,
            )


def _agreement(
    make: Callable[[], Any],
    fit: Callable[[Any, str], fgnn.History],
    says: Callable[[Any], torch.Tensor],
    device: str,
) -> Agreement:
    """Train on the CPU and on a device; then save what was trained there, and load it here."""
    losses = []
    for where in ("cpu", device):
        learner = make()
        losses.append([record.loss for record in fit(learner, where)][:10])
    with tempfile.TemporaryDirectory() as folder:
        learner.save(Path(folder) / "net.pt")
        loaded = fgnn.load_learner(Path(folder) / "net.pt")
    there, here = says(learner), says(loaded)
    assert there.device.type == here.device.type == "cpu"
    gap = max(abs(a - b) for a, b in zip(*losses, strict=True))
    return Agreement(learner.name, learner.backbone, gap, float((there - here).abs().max()))
