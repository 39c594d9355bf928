"""Exercises: the folded solutions are right, empty ones are not, and wrong ones get a hint."""

import importlib
import re
import sys
from pathlib import Path

import pytest
import scripts
import torch

import fgnn_lite as fgnn
from fgnn_lite.book.exercises import EXERCISES, Verdict

sys.path.insert(0, str(Path(__file__).parent))
ANSWERS = [
    importlib.import_module(f"answers.{path.stem}")
    for path in sorted((Path(__file__).parent / "answers").glob("ch*.py"))
]
RIGHT = [answer for chapter in ANSWERS for answer in chapter.RIGHT]
WRONG = [answer for chapter in ANSWERS for answer in chapter.WRONG]


def solutions() -> dict[str, str]:
    """Name of the exercise -> the folded code."""
    codes = scripts.benchmark("on_device").solutions()
    return {re.search(r'check\("([^"]+)"', code).group(1): code for code in codes}


def test_every_exercise_has_a_folded_solution() -> None:
    assert set(solutions()) == set(EXERCISES)


@pytest.mark.parametrize("name", EXERCISES)
def test_the_folded_solution_is_right(name: str) -> None:
    verdicts: list[Verdict] = []

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


@pytest.mark.parametrize(("name", "answer"), RIGHT)
def test_a_right_answer_may_take_another_form(name: str, answer: object) -> None:
    assert repr(fgnn.check(name, answer)) == "right"


@pytest.mark.parametrize(("name", "answer", "hint"), WRONG)
def test_a_wrong_answer_gets_a_hint(name: str, answer: object, hint: str) -> None:
    verdict = fgnn.check(name, answer)
    assert not verdict
    assert verdict.words.startswith("not yet: ")
    assert hint in verdict.words


def test_an_unknown_exercise_names_the_nearest() -> None:
    with pytest.raises(ValueError, match="07-vote"):
        fgnn.check("7-vote", 1)


@pytest.mark.parametrize("name", EXERCISES)
def test_every_exercise_has_wrong_answers_to_try(name: str) -> None:
    assert any(wrong[0] == name for wrong in WRONG)
