"""The pages on the library, made from its docstrings.

Sphinx's autodoc and napoleon read them; here is what they lack. Docstrings are written to be read
in a terminal: an indented block is an equation or an example, and what stands in backticks is code.
On the page blocks become literal, names become links, papers lead to the bibliography, chapters to
the chapters, and every object to its source.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import inspect
import re
import sys
import unicodedata
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.addnodes import desc_content, pending_xref

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
PUBLIC = (  # the first that has an object is where it is documented
    "fgnn_lite",
    "fgnn_lite.graphs",
    "fgnn_lite.history",
    "fgnn_lite.book.exercises",
    "fgnn_lite.learners",
    "fgnn_lite.hinton",
    "fgnn_lite.augment",
    "fgnn_lite.layers",
    "fgnn_lite.objectives",
    "fgnn_lite.clusters",
    "fgnn_lite.matrices",
    "fgnn_lite.book.angles",
    "fgnn_lite.book.judge",
    "fgnn_lite.book.loops",
    "fgnn_lite.book.measure",
    "fgnn_lite.book.plots",
    "fgnn_lite.book.runs",
    "fgnn_lite.book.diagrams",
    "fgnn_lite.book.explore",
    "fgnn_lite.book.playground",
    "fgnn_lite.book.quiz",
)
SECTION = re.compile(r"(Args|Attributes|Raises|Returns):$")
RETURNS = re.compile(r"^(Returns:\n\s*)(?=\S)", re.M)
LETTER = re.compile(r"^(\s+\*{0,2}\w+: )([A-Z]\.)", re.M)
CODE = re.compile(r"(``?)([^`]+)\1")
PAPER = re.compile(r"[A-Z][\w-]+(?: et al\.| (?:&|and) [A-Z][\w-]+)?(?: \(\d{4}\)|, \d{4}\b)")
NUMBER = re.compile(r"[Cc]hapters? \d+(?:(?:, | and )\d+)*")


@cache
def names() -> dict[str, str]:
    """Return where each public object is documented, by all the names that it goes by."""
    found: dict[str, str] = {}
    for where in PUBLIC:
        module = importlib.import_module(where)
        for name in module.__all__:
            thing = getattr(module, name)
            if isinstance(thing, ModuleType):
                continue
            own = f"{getattr(thing, '__module__', where)}.{getattr(thing, '__qualname__', name)}"
            home = found.setdefault(own, f"{where}.{name}")
            found.setdefault(f"{where}.{name}", home)
            short = where.removeprefix("fgnn_lite.").removeprefix("book.")
            found.setdefault(f"{short}.{name}", home)
            found.setdefault(name, home)
    return found


def link_of(text: str, taken: set[str]) -> str | None:
    """Return the full name of a public object, or of its method, that the text can only mean."""
    if text in taken or not re.fullmatch(r"[\w.]+", text):
        return None
    if text.islower() and not re.search(r"[_.]", text):
        return None  # a word such as `nodes`
    home = names().get(text)
    if home is None and "." in text:
        holder, method = text.rsplit(".", 1)
        home = names().get(holder)
        home = f"{home}.{method}" if home and hasattr(resolve(home), method) else None
    return home


def resolve(name: str) -> Any:
    """Return the object with this public name."""
    module, _, name = name.rpartition(".")
    return getattr(importlib.import_module(module), name)


@cache
def papers() -> dict[tuple[str, str], str]:
    """Return the key of each entry of the bibliography, by first author and year."""
    text = (ROOT / "book" / "references.bib").read_text(encoding="utf8")
    found = {}
    for entry in re.split(r"^@", text, flags=re.M)[1:]:
        key = re.match(r"\w+\{([^,]+),", entry)[1]
        first = re.search(r"author\s*=\s*\{(.*)", entry)[1].split(",")[0]
        year = re.search(r"year\s*=\s*\{(\d{4})\}", entry)[1]
        found[plain(first), year] = key
    return found


def plain(name: str) -> str:
    """Return a surname without accents or TeX."""
    name = re.sub(r"\\[a-z\"'`^~v.=]|[{}\\]", "", name)
    return "".join(c for c in unicodedata.normalize("NFD", name) if c.isalpha()).lower()


def marked_up(text: str, taken: set[str]) -> str:
    """Return a docstring's prose with its code, papers and chapters as Sphinx writes them."""

    def code(match: re.Match[str]) -> str:
        home = link_of(match[2], taken)
        return f":py:obj:`{match[2]} <{home}>`" if home else f"``{match[2]}``"

    def cited(match: re.Match[str]) -> str:
        key = papers().get((plain(re.split(r"[ ,(]", match[0])[0]), match[0].strip(")")[-4:]))
        return f"{match[0]} :cite:`{key}`" if key else match[0]

    def linked(match: re.Match[str]) -> str:
        return re.sub(r"(?:[Cc]hapter )?(\d+)", r":chapter:`\g<0> <\1>`", match[0])

    parts = re.split(r"(``.+?``|`[^`]+`)", text, flags=re.S)
    for i, part in enumerate(parts):
        if i % 2:
            parts[i] = CODE.sub(code, part)
        else:
            parts[i] = NUMBER.sub(linked, PAPER.sub(cited, part))
    done = RETURNS.sub(r"\1: ", "".join(parts))  # napoleon: no type stands before this colon
    return LETTER.sub(r"\1\\ \2", done)  # docutils: this letter does not begin a list


def blocks(lines: list[str]) -> Iterator[tuple[bool, list[str]]]:
    """Yield runs of lines, each with whether it is an indented block outside all sections."""
    in_section, run, literal = False, [], False
    for line in lines:
        if line and not line[0].isspace():
            in_section = bool(SECTION.match(line))
        now = literal if not line.strip() else line.startswith("    ") and not in_section
        if now is not literal:
            yield literal, run
            run = []
        run.append(line)
        literal = now
    yield literal, run


def language(block: str) -> str:
    """Return what an indented block is written in: Python, or what mathematicians write."""
    try:
        tree = ast.parse(block)
    except SyntaxError:
        return "text"
    calls = any(isinstance(node, ast.Call | ast.Import) for node in ast.walk(tree))
    return "python" if calls else "text"


def process(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Turn a docstring into what napoleon and docutils understand."""
    taken: set[str] = set()
    if callable(obj):
        with contextlib.suppress(TypeError, ValueError):  # no signature
            taken = set(inspect.signature(obj).parameters)
    out: list[str] = []
    for literal, run in blocks(list(lines)):
        if literal:
            kind = language(inspect.cleandoc("\n".join(["", *run])))
            out += ["", f".. code-block:: {kind}", "", *run, ""]
        elif run:
            out += marked_up("\n".join(run), taken).split("\n")
    lines[:] = out


def public_name(app: Sphinx, env: BuildEnvironment, node: pending_xref, shown: nodes.Node) -> Any:
    """Resolve the name under which an object is defined to the one under which it is documented."""
    if node.get("refdomain") != "py":
        return None
    home = names().get(node["reftarget"])
    if home is None or home == node["reftarget"]:
        return None
    domain, builder = env.get_domain("py"), app.builder
    return domain.resolve_xref(env, node["refdoc"], builder, "obj", home, node, shown)


def call_attributes_so(app: Sphinx, doctree: nodes.document) -> None:
    """Give the list of a class's attributes the name that everyone uses."""
    for content in doctree.findall(desc_content):
        for field in content.findall(nodes.field_name):
            if field.astext() == "Variables":
                field[:] = [nodes.Text("Attributes")]


def source(domain: str, info: dict[str, str]) -> str | None:
    """Return the address of the lines that define an object, if the repository has one."""
    if domain != "py" or not info["module"] or not repository:
        return None
    thing = importlib.import_module(info["module"])
    for part in info["fullname"].split("."):
        thing = getattr(thing, part, None)
    thing = thing.fget if isinstance(thing, property) else inspect.unwrap(thing)
    try:
        lines, first = inspect.getsourcelines(thing)
        path = Path(inspect.getsourcefile(thing)).relative_to(ROOT)
    except (TypeError, OSError, ValueError):  # a constant, or a method of another library
        return None
    return f"{repository}/blob/main/{path.as_posix()}#L{first}-L{first + len(lines) - 1}"


repository = ""


def configure(app: Sphinx, config: Any) -> None:
    """Set what autodoc, napoleon and linkcode are told."""
    global repository
    repository = config.html_theme_options["repository_url"]
    config.linkcode_resolve = source


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    for extension in ("sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.linkcode"):
        app.setup_extension(extension)
    app.connect("config-inited", configure)
    app.connect("autodoc-process-docstring", process, priority=400)  # napoleon has 500
    app.connect("missing-reference", public_name)
    app.connect("doctree-read", call_attributes_so)
    return {"version": "1.0", "parallel_read_safe": True, "parallel_write_safe": True}
