"""Random numbers that belong to one purpose each, so that nothing disturbs anything else."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode


def derive(seed: int, *purpose: int) -> int:
    """A seed of its own for each purpose: the same for the same numbers, unrelated otherwise."""
    return int(np.random.SeedSequence([seed, *purpose]).generate_state(1, np.uint64)[0] >> 1)


def generator(seed: int, *purpose: int) -> torch.Generator:
    """A CPU generator seeded for one purpose; the global generator is not touched."""
    return torch.Generator("cpu").manual_seed(derive(seed, *purpose))


def default_generator(seed: int, *purpose: int) -> TorchDispatchMode:
    """For a while, whatever PyTorch draws on this thread comes from a generator of our own.

        with default_generator(seed, 1):
            layer = GCNConv(16, 32)

    PyG's layers take no generator; they draw their first weights from PyTorch's global one, seeded
    alike, the same numbers. That one is neither read nor changed, whatever other threads do, and
    the layers lie on the CPU, in float32, whatever PyTorch's defaults are.
    """
    return _Drawn(generator(seed, *purpose))


class _Drawn(TorchDispatchMode):
    """Every operator that draws gets this generator.

    Args:
        random: on the CPU.
    """

    def __init__(self, random: torch.Generator) -> None:
        super().__init__()
        self.random = random

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run one operator."""
        kwargs = kwargs or {}
        if torch.Tag.nondeterministic_seeded in func.tags:
            return func.overloadpacket(*args, **{**kwargs, "generator": self.random})
        if func is torch.ops.aten.empty.memory_format:  # what a layer's parameters begin as
            kwargs = {"dtype": torch.float32, **kwargs, "device": torch.device("cpu")}
        return func(*args, **kwargs)
