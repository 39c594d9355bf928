"""Put the built book into one zip that opens from disk, the same to the byte for the same book.

Names are sorted, dates fixed, and the levels of compression given. What no page asks for stays out:
source maps, and what Sphinx leaves for its next build and for other books.
"""

from __future__ import annotations

import argparse
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAME = "forward-learning-on-graphs"
DATE = (2026, 1, 1, 0, 0, 0)
OUT = {".buildinfo", "objects.inv"}
OUT_SUFFIXES = {".map", ".scss", ".pyc"}


def files_of(html: Path) -> list[Path]:
    """Return what a reader needs of the built book, sorted."""
    kept = [
        path
        for path in html.rglob("*")
        if path.is_file() and path.name not in OUT and path.suffix not in OUT_SUFFIXES
    ]
    return sorted(kept, key=lambda path: path.relative_to(html).as_posix())


def pack(html: Path, target: Path) -> Path:
    """Write the zip; everything in it lies in one folder."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as zipped:
        for path in files_of(html):
            entry = zipfile.ZipInfo(f"{NAME}/{path.relative_to(html).as_posix()}", DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            zipped.writestr(entry, path.read_bytes(), compresslevel=9)
    return target


def main(arguments: list[str] | None = None) -> int:
    """Pack the book."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--html", type=Path, default=ROOT / "_build" / "html")
    parser.add_argument("--to", type=Path, default=ROOT / "_build" / f"{NAME}.zip")
    given = parser.parse_args(arguments)
    if not (given.html / "index.html").is_file():
        print("There is no book yet: run 'make book' first.", file=sys.stderr)
        return 1
    pack(given.html, given.to)
    print(f"The book is in {given.to} ({given.to.stat().st_size / 1e6:.1f} MB).")
    print(f"Unpack it anywhere and open {NAME}/index.html in a browser.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
