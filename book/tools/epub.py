"""Make the ePub of the book well-formed: the builder copies HTML as browsers forgive it.

    jupyter-book build . --builder custom --custom-builder epub
    python book/tools/epub.py _build/epub/forward-learning-on-graphs.epub

Scripts and their styles go, and so do links to slides and worksheets, which an ePub has not; named
characters become the characters, and tags without an end get one. A page that is not XML after that
is an error which names it.
"""

from __future__ import annotations

import html
import os
import re
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

ENTITIES = {"lt", "gt", "amp", "quot", "apos"}  # those that XML knows
ELSEWHERE = r'<a\b[^>]*href="\.\./(?:slides|worksheets)/[^>]*>(.*?)</a>'
EMPTY = "br|hr|img|input|link|meta|col|wbr|source"


def mend(page: str) -> str:
    """A page of the ePub as XML."""
    page = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.S | re.I)
    page = re.sub(
        r"&([A-Za-z]\w*);",
        lambda m: m[0] if m[1] in ENTITIES else html.unescape(m[0]),
        page,
    )
    page = re.sub(r"<a\b([^>]*) download>", r"<a\1>", page)
    page = re.sub(ELSEWHERE, r"\1", page, flags=re.S)
    return re.sub(rf"<({EMPTY})\b([^>]*?)\s*/?>", r"<\1\2/>", page)


def check(name: str, page: str) -> None:
    """Raise a `ValueError` that names the page if it is not XML."""
    try:
        ElementTree.fromstring(page)
    except ElementTree.ParseError as error:
        line = page.splitlines()[error.position[0] - 1]
        place = line[max(0, error.position[1] - 60) : error.position[1] + 20]
        raise ValueError(f"{name} is not XML: {error}, near {place!r}") from None


def rewrite(path: Path) -> None:
    """Mend every page of a file, in place; all else in it stays, in its order."""
    part = path.with_suffix(".part")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(part, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename.endswith(".xhtml"):
                page = mend(content.decode())
                check(entry.filename, page)
                content = page.encode()
            new.writestr(entry, content)
    os.replace(part, path)


if __name__ == "__main__":
    target = Path(sys.argv[1])
    rewrite(target)
    print(f"{target}: {target.stat().st_size / 1e6:.1f} MB")
