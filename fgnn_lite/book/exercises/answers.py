"""What checks share: forms that an answer may take, tables of slips, and a count of computed rows.

A slip is what a mistake would give, or whether the answer makes it; beside it stands the hint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.nn.modules.module import register_module_forward_hook

from fgnn_lite.layers import Layer
from fgnn_lite.seeds import generator

Checks = dict[str, Callable[[Any], str | None]]
Slips = Iterable[tuple[Any, str]]  # a tensor, a number, or whether the answer makes it
Near = Callable[[Tensor, Tensor], bool]


class WrongShape(ValueError):
    """The answer is not as many numbers as are asked for."""


def as_tensor(answer: Any) -> Tensor | None:
    """An answer as a tensor in double precision on the CPU.

    Args:
        answer: a tensor, an array, a number or nested lists of them.

    Returns:
        The same numbers, or `None` if it is none of these.
    """
    try:
        if isinstance(answer, list | tuple):
            answer = [a.tolist() if hasattr(a, "tolist") else a for a in answer]
        return torch.as_tensor(answer).detach().to("cpu", torch.float64)
    except (TypeError, ValueError, RuntimeError):
        return None


def shaped(answer: Any, shape: tuple[int, ...], expected: str) -> Tensor:
    """An answer as a tensor of this shape.

    Args:
        answer: as for `as_tensor`.
        shape: the one that is expected.
        expected: the same in words.

    Returns:
        The same numbers in double precision, on the CPU.

    Raises:
        WrongShape: if it is anything else; its words are a hint.
    """
    mine = as_tensor(answer)
    if mine is not None and mine.shape == shape:
        return mine
    yours = "no array of numbers" if mine is None else tuple(mine.shape)
    raise WrongShape(f"{expected}, {tuple(shape)}; yours: {yours}")


def numbers(answer: Any, count: int, expected: str) -> Tensor:
    """An answer as so many numbers in a row, in whatever shape they come."""
    mine = as_tensor(answer)
    return shaped(mine if mine is None else mine.flatten(), (count,), expected)


def gradient_of(name: str, like: Tensor, answer: Any) -> Tensor:
    """An answer as a tensor of the shape of what it is the gradient of."""
    return shaped(answer, like.shape, f"the gradient of {name} has the shape of {name}")


def close(mine: Tensor, wanted: Tensor) -> bool:
    """Whether an answer is right up to single precision."""
    return torch.allclose(mine, wanted, rtol=1e-4, atol=1e-6)


def within(tolerance: float) -> Near:
    """Whether an answer is right up to this much."""
    return lambda mine, wanted: bool((mine - wanted).abs().max() < tolerance)


def hint_of(slips: Slips, mine: Tensor | float = 0.0, near: Near = close) -> str | None:
    """What to say of the first slip that the answer makes, if it makes one.

    Args:
        slips: what each slip gives, or whether the answer makes it, and the hint. `True` at the
            end is for all other answers.
        mine: the answer.
        near: whether two values are the same.
    """
    mine = torch.as_tensor(mine, dtype=torch.float64)
    for slip, hint in slips:
        value = torch.as_tensor(slip)
        if bool(value) if value.dtype == torch.bool else near(mine, value.double()):
            return hint
    return None


def compare(
    mine: Tensor | float, wanted: Tensor | float, slips: Slips, near: Near = close
) -> str | None:
    """What to say of an answer: nothing, if it is right.

    Args:
        mine: the answer.
        wanted: what is right.
        slips: as for `hint_of`, with `True` at the end.
        near: whether two values are the same.
    """
    return hint_of([(wanted, ""), *slips], mine, near) or None


def normals(*purpose: int) -> Callable[..., Tensor]:
    """A function that draws standard normal numbers of any shape, in double precision."""
    random = generator(1, *purpose)
    return lambda *shape: torch.randn(*shape, generator=random, dtype=torch.float64)


@contextmanager
def rows_computed() -> Iterator[list[int]]:
    """Note how many rows every layer computes, one call after the other."""
    seen: list[int] = []
    hook = register_module_forward_hook(
        lambda module, _, out: seen.append(len(out)) if isinstance(module, Layer) else None
    )
    try:
        yield seen
    finally:
        hook.remove()
