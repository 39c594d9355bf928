"""The exercises' folded solutions on another device: what the checks give them is moved there.

A reader on Colab computes on a GPU, and a right answer must not fail for the device of what it
returns, or for its last digit. `gpu_check.py` asks this of CUDA; a test goes the same way on a CPU.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import copy
from typing import Any

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
