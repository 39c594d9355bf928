"""The docstrings of everything public are complete, and become what the pages show."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import scripts

ROOT = Path(__file__).resolve().parents[1]


reference = scripts.load("_ext/reference")
MODULES = [importlib.import_module(name) for name in reference.PUBLIC]


def public() -> dict[str, Any]:
    """Public name -> object, each object once."""
    found: dict[int, tuple[str, Any]] = {}
    for module in MODULES:
        for name in module.__all__:
            thing = getattr(module, name)
            if not isinstance(thing, ModuleType):
                found.setdefault(id(thing), (f"{module.__name__}.{name}", thing))
    return dict(found.values())


PUBLIC = public()


def functions(things: dict[str, Any]) -> Iterator[tuple[str, FunctionType, str]]:
    """All public functions, methods and constructors, each with the docstring that explains it."""
    for name, thing in things.items():
        if inspect.isfunction(thing):
            yield name, thing, thing.__doc__
        if not inspect.isclass(thing):
            continue
        if "__init__" in vars(thing) and not is_dataclass(thing):
            yield name, thing.__init__, thing.__doc__
        for method, value in vars(thing).items():
            value = getattr(value, "__func__", value)
            above = any(hasattr(base, method) for base in thing.__bases__)
            if inspect.isfunction(value) and not method.startswith("_") and not above:
                yield f"{name}.{method}", value, value.__doc__


FUNCTIONS = {name: (function, doc) for name, function, doc in functions(PUBLIC)}


def named_in(doc: str | None, section: str) -> list[str]:
    """What a section of a docstring explains."""
    found = re.search(rf"^{section}:\n((?:    .*\n?|\n)+)", inspect.cleandoc(doc or ""), re.M)
    lines = re.findall(r"^    ([\w*]+(?:, [\w*]+)*):", found[1], re.M) if found else []
    return [name.lstrip("*") for line in lines for name in line.split(", ")]


def test_nothing_public_is_left_out_of_all():
    """In modules that hold building blocks, what has no underscore and is made there is public."""
    for module in MODULES:
        if hasattr(module, "__path__") or module.__name__ == "fgnn_lite.history":
            continue
        own = {
            name
            for name, thing in vars(module).items()
            if getattr(thing, "__module__", None) == module.__name__ and not name.startswith("_")
        }
        assert own <= set(module.__all__), module.__name__


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_parameter_is_explained(name):
    function, doc = FUNCTIONS[name]
    wanted = [p for p in inspect.signature(function).parameters if p not in ("self", "cls")]
    assert named_in(doc, "Args") == wanted


@pytest.mark.parametrize("name", [n for n, thing in PUBLIC.items() if is_dataclass(thing)])
def test_every_field_is_explained(name):
    explained = named_in(PUBLIC[name].__doc__, "Attributes") or named_in(
        PUBLIC[name].__doc__, "Args"
    )
    assert explained == [field.name for field in fields(PUBLIC[name])]


@pytest.mark.parametrize("name", [n for n, thing in PUBLIC.items() if callable(thing)])
def test_every_docstring_begins_with_a_sentence(name):
    first = inspect.cleandoc(PUBLIC[name].__doc__).split("\n\n")[0]
    assert first.endswith("."), first


@pytest.mark.parametrize("name", PUBLIC)
def test_every_paper_is_in_the_bibliography(name):
    for paper in reference.PAPER.findall(PUBLIC[name].__doc__ or ""):
        assert ":cite:" in reference.marked_up(paper, set()), paper


def processed(text: str, thing: Any = None) -> list[str]:
    lines = inspect.cleandoc(text).split("\n")
    reference.process(None, "function", "x", thing, None, lines)
    return lines


def test_blocks_become_literal():
    lines = processed("A.\n\n    g(h) = sum_j h_j^2\n\nArgs:\n    h: rows [N, H].\n\nB.")
    assert ".. code-block:: text" in lines
    assert lines.index(".. code-block:: text") < lines.index("    g(h) = sum_j h_j^2")
    assert lines[-4:] == ["Args:", "    h: rows [N, H].", "", "B."]
    assert ".. code-block:: python" in processed("A.\n\n    with f() as g:\n        g()\n")


def test_names_become_links_and_parameters_do_not():
    def function(normalise: int) -> None: ...

    (line,) = processed('`load_graph`, `Learner.fit`, ``GRAPHS``, `nodes`, `"bp"`, `no_such`')
    assert ":py:obj:`load_graph <fgnn_lite.load_graph>`" in line
    assert ":py:obj:`Learner.fit <fgnn_lite.Learner.fit>`" in line
    assert ":py:obj:`GRAPHS <fgnn_lite.GRAPHS>`" in line
    assert '``nodes``, ``"bp"``, ``no_such``' in line
    assert processed("`sum_squares`") != ["``sum_squares``"]
    assert processed("`normalise`", function) == ["``normalise``"]


def test_papers_and_chapters_become_links():
    (line,) = processed(
        "Source: Park et al. (2024), section 3; Veličković et al. (2018). Chapter 7."
    )
    assert ":cite:`park2024forward`" in line
    assert ":cite:`velickovic2018graph`" in line
    assert ":chapter:`Chapter 7 <7>`" in line
    assert processed("Chapters 2 and 11.") == ["Chapters :chapter:`2 <2>` and :chapter:`11 <11>`."]


def test_what_is_returned_has_no_type_before_a_colon():
    assert processed("A.\n\nReturns:\n    A Data: x [N, F].")[-1] == "    : A Data: x [N, F]."


def test_a_letter_is_no_list():
    assert processed("A.\n\nArgs:\n    num_nodes: N.")[-1] == "    num_nodes: \\ N."
