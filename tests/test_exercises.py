"""Exercises: the folded solutions are right, empty ones are not, and wrong ones get a hint."""

import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch

import fgnn_lite as fgnn
from fgnn_lite.exercises import EXERCISES
from fgnn_lite.layers import normalise

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


def way_back(a, x, h1, h2, w2, w3, delta, transpose=True, gates=(True, True)):
    """The gradient of the first of three layers, with slips if wanted."""
    back = a.T if transpose else a
    delta_2 = (back @ delta @ w3.T) * (h2 > 0 if gates[1] else 1)
    delta_1 = (back @ delta_2 @ w2.T) * (h1 > 0 if gates[0] else 1)
    return (back.T @ x).T @ delta_1


def gradient(positive, negative, w, theta, relu=True, mean=True, sides=(1, 1)):
    """The gradient of the forward-forward loss, with slips if wanted."""
    total = 0
    for rows, truth, side in ((positive, 1.0, sides[0]), (negative, 0.0, sides[1])):
        h = (rows @ w).relu() if relu else rows @ w
        wrong = torch.sigmoid((rows @ w).relu().square().sum(1) - theta) - truth
        total = total + side * rows.T @ (2 * h * wrong[:, None]) / (len(rows) if mean else 1)
    return total


def vote(layers, raw=False):
    """The sum of what the layers hand in, over layers 1 to l."""
    handed_in = torch.stack([z if raw else z.softmax(-1) for z in layers])
    return handed_in.cumsum(0).argmax(-1)


def prefixes(layers, rule):
    """A rule for layers 1 to l, for all l."""
    return torch.stack([rule(torch.stack(layers[: k + 1])) for k in range(len(layers))])


RIGHT = [
    ("01-gradient", lambda *given: way_back(*(value.float() for value in given))),
    ("01-segments", 8.0),
    ("01-segments", np.float32(8)),
    ("01-segments", np.int64(8)),
    ("01-segments", torch.tensor(8)),
    ("01-segments", torch.tensor(8.0)),
    ("01-segments", 64**0.5),
    ("02-gradient", gradient),
    ("02-gradient", lambda *given: gradient(*(v.float() for v in given[:3]), given[3])),
    ("02-passes", lambda t, c, k: [t + t * k, float(c)]),
    ("02-copies", lambda theta, n, name: torch.tensor(theta * (n if "sum" in name else 1))),
    ("07-vote", vote),
    ("07-vote", lambda z: vote(z).int()),
    ("07-vote", lambda z: prefixes(z, lambda part: part.softmax(-1).mean(0).argmax(-1))),
]


@pytest.mark.parametrize(("name", "answer"), RIGHT)
def test_a_right_answer_may_take_another_form(name: str, answer: object) -> None:
    assert repr(fgnn.check(name, answer)) == "right"


WRONG = [
    ("01-bytes", lambda n, e, h, d: d * 4 * n * h + 20 * (e + n), "keep fewer"),
    ("01-bytes", lambda n, e, h, d: (d - 1) * 4 * n * h, "keep more"),
    ("01-gradient", lambda *given: way_back(*given, transpose=False), "Which way"),
    ("01-gradient", lambda *given: way_back(*given, gates=(False, True)), "ReLU"),
    ("01-gradient", lambda *given: way_back(*given, gates=(True, False)), "ReLU"),
    ("01-gradient", lambda *given: way_back(*given, gates=(False, False)), "ReLU"),
    ("01-gradient", lambda *_: torch.zeros(3, 4), "one output"),
    ("01-gradient", lambda *_: 1.0, "shape of W1"),
    ("01-segments", 4, "inputs of segments"),
    ("01-segments", 32.0, "layers inside"),
    ("01-segments", 2.5, "2.5 is not a number of layers"),
    ("01-segments", float("nan"), "nan is not a number of layers"),
    ("01-segments", 0, "whole, and from 1 to 64"),
    ("01-segments", "8", "does not run: TypeError"),
    ("02-gradient", lambda *given: -gradient(*given), "downhill"),
    ("02-gradient", lambda *given: gradient(*given) / 2, "derivative of a square"),
    ("02-gradient", lambda *given: gradient(*given, relu=False), "closed"),
    ("02-gradient", lambda *given: gradient(*given, mean=False), "a mean over the positives"),
    ("02-gradient", lambda *given: gradient(*given, sides=(1, 0)), "negatives pull"),
    ("02-gradient", lambda *given: gradient(*given, sides=(0, 1)), "positives pull"),
    ("02-gradient", lambda *given: torch.ones(4, 6), "three factors"),
    ("02-gradient", lambda *given: 1.0, "shape of W, (4, 6)"),
    ("02-passes", lambda t, c, k: (t * k, c), "9 negatives"),
    ("02-passes", lambda t, c, k: (t * (1 + k), c - 1), "of how many labels"),
    ("02-passes", lambda t, c, k: (t * c, c), "1 negatives"),
    ("02-copies", lambda theta, n, name: theta * n, "mean-squares"),
    ("02-copies", lambda theta, n, name: theta, "sum-squares"),
    ("07-ties", lambda t, direction: t, "'both'"),
    ("07-ties", lambda t, direction: 2 * t, "'to-virtual'"),
    ("07-scale", lambda s, tau: tau / s, "product"),
    ("07-vote", lambda z: torch.stack(z).cumsum(0).argmax(-1), "added the logits"),
    ("07-vote", lambda z: prefixes(z, lambda part: part.mean(0).argmax(-1)), "added the logits"),
    (
        "07-vote",
        lambda z: prefixes(z, lambda part: part.log_softmax(-1).sum(0).argmax(-1)),
        "added the",
    ),
    ("07-vote", lambda z: torch.stack(z).argmax(-1), "each layer alone"),
    ("07-vote", lambda z: vote(z)[-1], "a tensor [L, N]"),
    ("07-vote", lambda z: vote(z)[-1].expand(len(z), -1), "the last row is right"),
    (
        "07-vote",
        lambda z: prefixes(z, lambda part: part.argmax(-1).mode(0).values),
        "counted heads",
    ),
    ("07-vote", lambda z: torch.stack(z).softmax(1).cumsum(0).argmax(-1), "other nodes"),
    ("07-vote", lambda z: torch.stack(z).softmax(0).cumsum(0).argmax(-1), "contribute"),
    ("07-vote", lambda z: vote([normalise(part) for part in z], raw=True), "contribute"),
    ("07-vote", lambda z: vote([p / p.abs().amax(-1, True) for p in z], raw=True), "contribute"),
    ("07-vote", lambda z: vote([part.sigmoid() for part in z], raw=True), "contribute"),
    (
        "07-vote",
        lambda z: prefixes(z, lambda part: part.softmax(-1).amax(0).argmax(-1)),
        "contribute",
    ),
    ("07-vote", lambda z: prefixes(z, lambda part: part.amax(0).argmax(-1)), "contribute"),
    ("07-vote", lambda z: vote([4 * part for part in z]), "contribute"),
    ("07-vote", lambda z: 3, "a tensor"),
    ("07-vote", lambda z: z["x"], "does not run: TypeError"),
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
