"""Python files that are in no package: the tools and extensions of the book, and the benchmarks."""

from __future__ import annotations

import functools
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "book"


def load(name: str) -> ModuleType:
    """A file of `book/`, for instance `"tools/pack"`; where it looks for others stays its own."""
    spec = importlib.util.spec_from_file_location(Path(name).name, BOOK / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = before
    return module


@functools.cache
def benchmark(name: str) -> ModuleType:
    """A file of `benchmarks/`, for instance `"sweep"`; they import each other."""
    before = list(sys.path)
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        return importlib.import_module(name)
    finally:
        sys.path[:] = before
