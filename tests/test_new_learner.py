"""A new learner touches three files: its own, the registry, and the table of looks."""

import filecmp
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LIBRARY = Path(__file__).parents[1] / "fgnn_lite"
LEARNER = '''
"""Random layers under trained ones: what depth is worth without learning."""

from __future__ import annotations

from typing import Any

from torch_geometric.data import Data

from fgnn_lite import checks
from fgnn_lite.learners.bp import BP
from fgnn_lite.learners.run import Run


class RandomLayers(BP):
    """Random layers under trained ones.

        h_l = ReLU(conv_l(h_{l-1}, E)), conv_l as it was drawn for l <= L - trained

    Args:
        trained: how many layers learn, from the top.
        **shared: as for `BP`.
    """

    name = "random-layers"

    def __init__(self, trained: int = 1, **shared: Any) -> None:
        super().__init__(**shared)
        self.trained = checks.integer("trained", trained, 1)

    def _train(self, run: Run, data: Data) -> None:
        for layer in self.layers[: -self.trained]:
            layer.requires_grad_(False)
        super()._train(run, data)
'''
USE = """
import torch
import fgnn_lite as fgnn
from fgnn_lite.book.looks import look

def moved(first, second, k):
    parts = zip(first.layers[k].parameters(), second.layers[k].parameters(), strict=True)
    return any(not torch.equal(a, b) for a, b in parts)

assert fgnn.__file__.startswith(FOLDER), fgnn.__file__
assert "random-layers" in fgnn.LEARNERS
assert look("random-layers").name == "untrained layers"
data = fgnn.load_graph("karate")
short, long, upper = (
    fgnn.make_learner("random-layers", depth=3, hidden=8, trained=trained) for trained in (1, 1, 2)
)
for learner, epochs in ((short, 1), (long, 5), (upper, 5)):
    history = learner.fit(data, epochs=epochs, device="cpu", restore_best=False)
    assert len(history.records) == epochs
assert [moved(short, long, k) for k in range(3)] == [False, False, True]
assert [moved(short, upper, k) for k in range(3)] == [False, True, True]
upper.save("learner.pt")
again = fgnn.load_learner("learner.pt")
assert type(again) is type(upper) and again.trained == 2
assert torch.equal(again.class_scores(data)[-1], upper.class_scores(data)[-1])
few, more = (
    fgnn.probe_memory(learner, data, steps=2, device="cpu").gradient_bytes
    for learner in (long, upper)
)
assert 0 < few < more
try:
    fgnn.make_learner("random-layers", trained=0)
except ValueError as error:
    assert "trained" in str(error)
else:
    raise AssertionError("trained=0 was let in")
"""


def insert(path: Path, before: str, new: str) -> None:
    """Write something in front of the one place that matches."""
    text = path.read_text()
    assert len(re.findall(before, text, re.MULTILINE)) == 1, (path, before)
    path.write_text(re.sub(before, lambda found: new + found[0], text, flags=re.MULTILINE))


def files(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_a_new_learner_touches_three_files(tmp_path) -> None:
    copy = tmp_path / "fgnn_lite"
    shutil.copytree(LIBRARY, copy, ignore=shutil.ignore_patterns("__pycache__"))
    before = files(copy)

    (copy / "learners" / "random_layers.py").write_text(LEARNER.lstrip())
    registry = copy / "learners" / "__init__.py"
    insert(
        registry,
        "^from fgnn_lite.learners.sf import",
        "from fgnn_lite.learners.random_layers import RandomLayers\n",
    )
    insert(registry, r"(?<=^_KNOWN: tuple\[type\[Learner\], \.\.\.\] = \()", "RandomLayers, ")
    insert(
        copy / "book" / "looks.py",
        r'^    "bp": Look',
        '    "random-layers": Look("untrained layers", _BP, 3),\n',
    )

    changed = {name for name in before if not filecmp.cmp(copy / name, LIBRARY / name, False)}
    assert len(changed | (files(copy) - before)) == 3

    done = subprocess.run(
        [sys.executable, "-c", f"FOLDER = {str(tmp_path)!r}\n{USE}"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
