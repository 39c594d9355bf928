"""Python files of the book that are in no package: its tools and its extensions."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

BOOK = Path(__file__).resolve().parents[1] / "book"


def load(name: str) -> ModuleType:
    """A file of `book/`, for instance `"tools/pack"`; where it looks for others stays its own."""
    spec = importlib.util.spec_from_file_location(Path(name).name, BOOK / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = before
    return module
