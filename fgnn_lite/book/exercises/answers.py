"""What checks share: forms that an answer may take, near misses, and a count of computed rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.nn.modules.module import register_module_forward_hook

from fgnn_lite.layers import Layer


def as_tensor(answer: Any) -> Tensor | None:
    """An answer as a tensor of doubles on the CPU.

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


def close(mine: Tensor, wanted: Tensor) -> bool:
    """Whether an answer is right up to single precision."""
    return torch.allclose(mine, wanted, rtol=1e-4, atol=1e-6)


def hint_of(mine: Tensor, slips: Iterable[tuple[Tensor, str]]) -> str | None:
    """What to say of the slip that the answer is, if it is one of these."""
    return next((hint for slip, hint in slips if close(mine, slip)), None)


def misshapen(mine: Tensor | None, like: Tensor, of: str) -> str:
    """What to say of a gradient that has not the shape of what it belongs to.

    Args:
        mine: what `as_tensor` made of the answer.
        like: what it belongs to.
        of: the name of that.
    """
    yours = "no array of numbers" if mine is None else tuple(mine.shape)
    return f"the gradient of {of} has the shape of {of}, {tuple(like.shape)}; yours: {yours}"


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
