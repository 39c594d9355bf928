"""The project's own files; and Python that is in no package: tools, extensions, benchmarks."""

from __future__ import annotations

import functools
import importlib.util
import os
import socket
import subprocess
import sys
import time
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


def last_words(command: list[str], file: Path, **environment: str) -> str:
    """What the lower of two processes says when the upper one is killed, once a file is there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": "2", **environment}
    lower, upper = (
        subprocess.Popen(
            command,
            env=os.environ | place | {"RANK": rank},  # as torchrun starts them
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in "01"
    )
    try:
        give_up = time.monotonic() + 120
        while not file.exists() and time.monotonic() < give_up:
            assert (lower.poll(), upper.poll()) == (None, None)
            time.sleep(0.05)
        upper.kill()
        _, said = lower.communicate(timeout=60)
    finally:
        for process in (lower, upper):
            process.kill()
            process.communicate()
    assert lower.returncode == 1
    return said
