"""Checks of the exercises: they say "right", or what to look at, and never the answer.

Each check works the answer out itself, by measuring, by autograd or by trying all cases, and then
compares. A chapter's folded solutions pass the same checks, and a test holds them to it. There is
a module for each chapter, with a dictionary `CHECKS`: from the exercise to a function that gets an
answer and returns `None`, if it is right, or a hint. Hints for known mistakes stand in tables of
slips, which `answers.py` reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fgnn_lite import checks
from fgnn_lite.book.exercises import (
    ch01,
    ch02,
    ch03,
    ch04,
    ch05,
    ch06,
    ch07,
    ch08,
    ch09,
    ch10,
    ch11,
    ch12,
    ch13,
    ch14,
    ch15,
)
from fgnn_lite.book.exercises.answers import Checks, WrongShape

__all__ = ["EXERCISES", "Verdict", "check"]


@dataclass(frozen=True)
class Verdict:
    """What a check says. It is true if the answer is right, and shows its words.

    Attributes:
        right: whether the answer is right.
        words: what to say about it.
    """

    right: bool
    words: str

    def __bool__(self) -> bool:
        return self.right

    def __repr__(self) -> str:
        return self.words


def check(name: str, answer: Any) -> Verdict:
    """Check an answer to an exercise.

    Args:
        name: the exercise, for instance `"01-bytes"`: chapter and topic.
        answer: what the exercise asks for: a number, or a function that the check calls.

    Returns:
        A verdict that says whether it is right, or what to look at.

    Raises:
        ValueError: if there is no such exercise.

    Chapter 1.
    """
    hint = _CHECKS[checks.one_of("name", name, _CHECKS)]
    try:
        found = _EMPTY if answer is None or answer is ... else hint(_filled(answer))
    except _Unanswered:
        found = _EMPTY
    except WrongShape as error:
        found = str(error)
    except Exception as error:
        found = f"your answer does not run: {type(error).__name__}: {error}"
    return Verdict(False, f"not yet: {found}") if found else Verdict(True, "right")


_EMPTY = "put your answer where the dots are, and run the cell again"


class _Unanswered(Exception):
    """The dots are still there."""


def _filled(answer: Any) -> Any:
    """A function that complains if it returns what the empty exercise returns."""
    if not callable(answer):
        return answer

    def call(*args: Any) -> Any:
        result = answer(*args)
        if result is None or result is ...:
            raise _Unanswered
        return result

    return call


_CHAPTERS = (
    ch01,
    ch02,
    ch03,
    ch04,
    ch05,
    ch06,
    ch07,
    ch08,
    ch09,
    ch10,
    ch11,
    ch12,
    ch13,
    ch14,
    ch15,
)
_CHECKS: Checks = {name: hint for chapter in _CHAPTERS for name, hint in chapter.CHECKS.items()}
EXERCISES = tuple(_CHECKS)
