"""Random numbers that belong to one purpose each, so that nothing disturbs anything else."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


def derive(seed: int, *purpose: int) -> int:
    """A seed of its own for each purpose: the same for the same numbers, unrelated otherwise."""
    return int(np.random.SeedSequence([seed, *purpose]).generate_state(1, np.uint64)[0] >> 1)


def generator(seed: int, *purpose: int) -> torch.Generator:
    """A CPU generator seeded for one purpose; the global generator is not touched."""
    return torch.Generator().manual_seed(derive(seed, *purpose))


@contextmanager
def default_generator(seed: int, *purpose: int) -> Iterator[None]:
    """Seed PyTorch's global CPU generator for a while and put its state back afterwards.

    PyG initialises its layers from the global generator; this lends it a seed of our own.
    """
    state = torch.default_generator.get_state()
    torch.default_generator.manual_seed(derive(seed, *purpose))
    try:
        yield
    finally:
        torch.default_generator.set_state(state)


@contextmanager
def all_generators(seed: int) -> Iterator[None]:
    """Seed PyTorch's and Python's global generators for a while and put their states back.

    PyG draws links with the one and links that do not exist with the other.
    """
    torch_state, python_state = torch.default_generator.get_state(), random.getstate()
    torch.default_generator.manual_seed(seed)
    random.seed(seed)
    try:
        yield
    finally:
        torch.default_generator.set_state(torch_state)
        random.setstate(python_state)
