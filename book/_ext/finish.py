"""The last step of the build: pages become accessible, and light.

The theme loads on every page what some page might need: 1.5 MB of icons for twenty, the index of
the search, style sheets for all that Bootstrap can show. Here each page keeps the scripts that it
has a use for, each style sheet the rules that a page of this book can match, and each font the
characters that the book shows.
"""

from __future__ import annotations

import importlib.util
import re
import unicodedata
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accessible import mend
from bs4 import BeautifulSoup
from fontTools import subset
from fontTools.ttLib import TTFont

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

# What only some pages need: the file, and what there must be on a page.
NEEDED_BY = {
    "fontawesome.js": None,  # draws icons; the theme's own fonts have them too
    "clipboard.min.js": "div.highlight",
    "copybutton.js": "div.highlight",
    "copybutton.css": "div.highlight",
    "togglebutton.js": ".toggle, .admonition.dropdown",
    "togglebutton.css": ".toggle, .admonition.dropdown",
    "design-tabs.js": ".sd-tab-set",
    "sphinx-design.min.css": '[class*="sd-"]',
    "mystnb": ".cell",
    "searchtools.js": "#search-results",
    "language_data.js": "#search-results",
    "searchindex.js": "#search-results",
    "search.js": "#search-results",
}
GROUP = re.compile(r"@(?:media|supports|layer|container)\b")
NAME = re.compile(r"[.#]((?:[\w-]|\\.)+)")
WORD = re.compile(r"[A-Za-z_][\w-]*")
ICON = re.compile(r'\.fa-[\w-]+:before\{content:"\\(\w+)"')
WOFF2 = re.compile(r'url\([^()]+\.woff2\) format\("woff2"\),')
ITALIC = [*range(0x1D434, 0x1D468), *range(0x1D6E2, 0x1D71C)]  # of a letter that stands alone


def finish(app: Sphinx, error: Exception | None) -> None:
    """Go through all pages, and then through what they load."""
    if error is not None or app.builder.format != "html":
        return
    root = Path(app.outdir)
    pages = {
        path: BeautifulSoup(path.read_text(encoding="utf8"), "html.parser")
        for path in root.rglob("*.html")
        if "_static" not in path.parts
    }
    for page in pages.values():
        drop(page)
        share(page)
        mend(page)
    used = names_in(pages.values()) | words_in(root / "_static")
    sheets = {}
    for path in (root / "_static").rglob("*.css"):
        sheets[path] = WOFF2.sub("", "\n".join(purge(path.read_text(encoding="utf8"), used)))
        path.write_text(sheets[path], encoding="utf8")
    icons = {chr(int(code, 16)) for sheet in sheets.values() for code in ICON.findall(sheet)}
    shown = {letter for page in pages.values() for math in page("math") for letter in math.text}
    write_fonts(root / "_static", icons, shown)
    for path, page in pages.items():
        for link in page.select('link[rel="stylesheet"]'):
            name = link["href"].split("?")[0]
            sheet = sheets[(path.parent / name).resolve()]
            link["href"] = f"{name}?v={zlib.crc32(sheet.encode()):08x}"
        path.write_text(str(page), encoding="utf8")


def drop(page: BeautifulSoup) -> None:
    """Take out the scripts and style sheets that a page has no use for."""
    for tag in page.select("script[src], link[href]"):
        name = (tag.get("src") or tag.get("href")).split("?")[0].rpartition("/")[2]
        for part, needed_by in NEEDED_BY.items():
            if name.startswith(part) and (needed_by is None or not page.select_one(needed_by)):
                tag.decompose()


def share(page: BeautifulSoup) -> None:
    """Leave the styles and scripts that playgrounds, schematics or questions repeat once a page."""
    seen = set()
    style = ":is(.fgnn-play, .fgnn-diagram, .fgnn-quiz) > style"
    for tag in page.select(f"{style}, :is(.fgnn-play, .fgnn-quiz) > script:not([type])"):
        if tag.string in seen:
            tag.decompose()
        seen.add(tag.string)


def names_in(pages: Any) -> set[str]:
    """Return all classes and ids of the pages, and every word of their own scripts."""
    found: set[str] = set()
    for page in pages:
        for tag in page.find_all(True):
            found.update(tag.get("class") or [])
            found.update([tag["id"]] if tag.get("id") else [])
        for script in page.find_all("script", src=False):
            found.update(WORD.findall(script.string or ""))
    return found


def words_in(static: Path) -> set[str]:
    """Return every word of the scripts that pages load: they may give it to an element as class."""
    found: set[str] = set()
    for path in static.rglob("*.js"):
        if NEEDED_BY.get(path.name, "") is not None and path.parent.name not in ("locales",):
            found.update(WORD.findall(path.read_text(encoding="utf8")))
    return found


def purge(css: str, used: set[str]) -> Iterator[str]:
    """Yield the rules that can match an element with one of these names; licences stay."""
    for before, body in rules(re.sub(r"/\*(?!!).*?\*/", "", css, flags=re.S)):
        if body is None:
            yield before
        elif GROUP.search(before):
            if inner := "\n".join(purge(body, used)):
                yield f"{before}{{{inner}}}"
        elif "@" in before:
            yield f"{before}{{{body}}}"
        elif kept := [each for each in selectors(before) if can_match(each, used)]:
            yield f"{','.join(kept)}{{{body}}}"


def rules(css: str) -> Iterator[tuple[str, str | None]]:
    """Yield what stands before each pair of outer braces, and in it; or what has none, alone."""
    at = start = depth = 0
    before = ""
    while at < len(css):
        if css[at] in "\"'":
            at = closing(css, at)
        elif css.startswith("/*", at):
            end = css.index("*/", at) + 1
            if not depth and not css[start:at].strip():
                yield css[at : end + 1], None
                start = end + 1
            at = end
        elif css.startswith("url(", at) and css[at + 4] not in "\"'":
            at = css.index(")", at)
        elif css[at] == "\\":
            at += 1
        elif css[at] == "{":
            if not depth:
                before, start = css[start:at].strip(), at + 1
            depth += 1
        elif css[at] == "}":
            depth -= 1
            if not depth:
                yield before, css[start:at].strip()
                start = at + 1
        elif css[at] == ";" and not depth:
            yield css[start : at + 1].strip(), None
            start = at + 1
        at += 1


def closing(css: str, at: int) -> int:
    """Return where a string ends that begins here."""
    quote, at = css[at], at + 1
    while css[at] != quote:
        at += 2 if css[at] == "\\" else 1
    return at


def selectors(text: str) -> Iterator[str]:
    """Yield the selectors of a rule: commas within brackets part none."""
    depth = start = 0
    for at, letter in enumerate(text):
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and not depth:
            yield text[start:at]
            start = at + 1
    yield text[start:]


def can_match(selector: str, used: set[str]) -> bool:
    """Say whether all classes and ids that an element must have are used anywhere."""
    selector, before = re.sub(r"\[[^\]]*\]", "", selector), ""
    while selector != before:
        before, selector = selector, re.sub(r":(?:not|is|where|has)\([^()]*\)", "", selector)
    return all(name.replace("\\", "") in used for name in NAME.findall(selector))


def write_fonts(static: Path, icons: set[str], shown: set[str]) -> None:
    """Write the theme's icons and the font of the formulas, each with what is shown of it."""
    theme = package("pydata_sphinx_theme") / "theme" / "pydata_sphinx_theme" / "static"
    folder = Path("vendor", "fontawesome", "webfonts")
    for path in (theme / folder).glob("*.ttf"):
        write_font(path, static / folder / path.name, icons)
    italic = {chr(code) for code in ITALIC if unicodedata.normalize("NFKC", chr(code)) in shown}
    formulas = package("ziamath") / "fonts" / "STIXTwoMath-Regular.ttf"
    write_font(formulas, static / "fonts" / "formulas.woff", shown | italic | set("ℎ√ "), "woff")


def package(name: str) -> Path:
    """Return the folder of an installed package, which need not be imported."""
    return Path(importlib.util.find_spec(name).origin).parent


def write_font(source: Path, target: Path, characters: set[str], form: str | None = None) -> None:
    """Write a font with these characters alone, and all that they can be joined or grown to."""
    font = TTFont(source, recalcTimestamp=False)
    options = subset.Options(layout_features=["*"], hinting=False, name_IDs=["*"])
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(characters))
    subsetter.subset(font)
    font.flavor = form
    target.parent.mkdir(parents=True, exist_ok=True)
    font.save(target)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension: after all that writes pages or copies files."""
    app.connect("build-finished", finish, priority=950)
    return {"version": "1.0", "parallel_read_safe": True, "parallel_write_safe": True}
