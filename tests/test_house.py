"""The plan of the house: which module imports which, deferred and type-only imports included."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in (ROOT / "fgnn_lite").rglob("*.py")
}
ARROWS = (
    "import a.b\n\ndef late():\n    from a import b, c\n\nif TYPE_CHECKING:\n    from a.d import e"
)


def imported(code: str, modules: set[str]) -> set[str]:
    """The modules that some code imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports name their module in full"
            for each in node.names:
                whole = f"{node.module}.{each.name}"
                found.add(whole if whole in modules else str(node.module))
    return found & modules


GRAPH = {name: imported(path.read_text("utf8"), set(FILES)) for name, path in FILES.items()}


def reached(start: str) -> set[str]:
    """All that a module imports, directly or not."""
    found: set[str] = set()
    new = GRAPH[start]
    while new:
        found |= new
        new = set().union(*(GRAPH[name] for name in new)) - found
    return found


def test_every_kind_of_import_is_an_arrow() -> None:
    assert imported(ARROWS, {"a", "a.b", "a.d"}) == {"a.b", "a", "a.d"}


def test_the_library_does_not_import_what_only_the_book_needs() -> None:
    core = {name for name in FILES if not name.startswith("fgnn_lite.book")}
    assert len(core) > 25
    assert not {name: GRAPH[name] - core for name in core if GRAPH[name] - core}


@pytest.mark.parametrize("module", sorted(FILES))
def test_no_two_modules_import_each_other(module) -> None:
    assert module not in reached(module)


def test_the_library_is_light_to_import() -> None:
    code = "import sys, fgnn_lite; print(*{name.split('.')[0] for name in sys.modules})"
    heavy = "matplotlib ipywidgets networkx IPython"
    code += "\nprint(*[name for name in sys.modules if name.startswith('fgnn_lite.book')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names, wing = done.stdout.split("\n")[:2]
    assert not set(names.split()) & set(heavy.split())
    assert not wing
