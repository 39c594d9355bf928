"""Exercises: the folded solutions are right, empty ones are not, and wrong ones get a hint."""

import re
from pathlib import Path

import nbformat
import pytest
import torch

import fgnn_lite as fgnn
from fgnn_lite.exercises import EXERCISES

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
SOLUTION = re.compile(r"<summary>Solution</summary>.*?```python\n(.*?)```\n\n</details>", re.S)


def solutions() -> dict[str, str]:
    """Name of the exercise -> the folded code."""
    found = {}
    for path in NOTEBOOKS:
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                for code in SOLUTION.findall(cell.source):
                    found[re.search(r'check\("([^"]+)"', code).group(1)] = code
    return found


def test_every_exercise_has_a_folded_solution() -> None:
    assert set(solutions()) == set(EXERCISES)


@pytest.mark.parametrize("name", EXERCISES)
def test_the_folded_solution_is_right(name: str) -> None:
    verdicts: list[fgnn.exercises.Verdict] = []

    def check(*arguments: object) -> None:
        verdicts.append(fgnn.check(*arguments))

    exec(solutions()[name], {"torch": torch, "fgnn": type("Library", (), {"check": check})})
    assert [verdict.words for verdict in verdicts] == ["right"]
    assert all(verdicts)


@pytest.mark.parametrize("name", EXERCISES)
@pytest.mark.parametrize("empty", [None, ..., lambda *_: None, lambda *_: ...])
def test_an_empty_answer_is_not_right(name: str, empty: object) -> None:
    verdict = fgnn.check(name, empty)
    assert not verdict
    if name != "01-segments" or not callable(empty):
        assert "put your answer" in repr(verdict)


WRONG = [
    ("01-bytes", lambda n, e, h, d: d * 4 * n * h + 20 * (e + n), "keep fewer"),
    ("01-bytes", lambda n, e, h, d: (d - 1) * 4 * n * h, "keep more"),
    ("01-gradient", lambda a, x, h, w, d: (a @ x).T @ (a.T @ d @ w.T), "ReLU"),
    ("01-gradient", lambda a, x, h, w, d: torch.zeros(3, 4), "layer by layer"),
    ("01-gradient", lambda a, x, h, w, d: 1.0, "shape of W1"),
    ("01-segments", 4, "inputs of segments"),
    ("01-segments", 32, "layers inside"),
    ("01-segments", 2.5, "does not run: TypeError"),
    ("07-ties", lambda t, direction: t, "'both'"),
    ("07-ties", lambda t, direction: 2 * t, "'to-virtual'"),
    ("07-scale", lambda s, tau: tau / s, "product"),
    ("07-vote", lambda layers: sum(layers).argmax(-1), "added the logits"),
    ("07-vote", lambda layers: layers[-1].argmax(-1), "last layer only"),
    ("07-vote", lambda layers: layers[0].argmax(-1), "softmax"),
    ("07-vote", lambda layers: 3, "a tensor"),
    ("07-vote", lambda layers: layers["x"], "does not run: TypeError"),
]


@pytest.mark.parametrize(("name", "answer", "hint"), WRONG)
def test_a_wrong_answer_gets_a_hint(name: str, answer: object, hint: str) -> None:
    verdict = fgnn.check(name, answer)
    assert not verdict
    assert verdict.words.startswith("not yet: ")
    assert hint in verdict.words


def test_an_unknown_exercise_names_the_nearest() -> None:
    with pytest.raises(ValueError, match="07-vote"):
        fgnn.check("7-vote", 1)
