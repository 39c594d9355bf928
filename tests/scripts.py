"""The project's own files; and Python that is in no package: tools, extensions, benchmarks."""

from __future__ import annotations

import functools
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "book"


@functools.cache
def tracked() -> frozenset[Path] | None:
    """The files that git has: what else lies about is a reader's own. None without git."""
    if not (ROOT / ".git").exists():
        return None
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        return None
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return frozenset(path for path in paths if path.is_file())


def files(pattern: str) -> list[Path]:
    """The project's files that a pattern names, sorted."""
    own = tracked()
    return sorted(path for path in ROOT.glob(pattern) if own is None or path in own)


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
