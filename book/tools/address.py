"""Give the project its home: rewrite the repository's address everywhere.

The address stands in ``_config.yml``. ``make address REPO=https://github.com/owner/name`` changes
it there and in all that follows from it: the links of README and book, the citation file, the
package's metadata, and each notebook's set-up cell and Colab link.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FORM = re.compile(r"https://github\.com/([A-Za-z0-9][A-Za-z0-9-]*)/([A-Za-z0-9._-]+)")
LINE = re.compile(r"^(\s+url:\s*)(\S+)\s*$", re.MULTILINE)
COLAB = "https://colab.research.google.com/github/"
FOLLOWERS = (
    "_config.yml",
    "pyproject.toml",
    "*.md",
    "CITATION.cff",
    "book/**/*.md",
    "notebooks/*.ipynb",
    "fgnn_lite/**/*.py",
)


def normalise(address: str) -> str:
    """Return the address without a trailing slash or ``.git``; refuse any other form."""
    address = address.strip().rstrip("/").removesuffix(".git")
    if not FORM.fullmatch(address):
        raise ValueError(f"{address!r} is not of the form https://github.com/owner/name")
    return address


def read_address(root: Path = ROOT) -> str:
    """Return the repository's address as ``_config.yml`` has it."""
    found = LINE.findall((root / "_config.yml").read_text(encoding="utf8"))
    if len(found) != 1:
        raise ValueError(f"_config.yml has {len(found)} lines 'url: ...', one is expected")
    return normalise(found[0][1].strip("\"'"))


def colab_link(address: str, notebook: str) -> str:
    """Return the link that opens ``notebooks/<notebook>`` on Colab."""
    slug = address.removeprefix("https://github.com/")
    return f"{COLAB}{slug}/blob/main/notebooks/{notebook}"


def replace(text: str, old: str, new: str) -> str:
    """Replace an address and its Colab form, but no longer name that begins alike."""
    old_slug, new_slug = (a.removeprefix("https://github.com/") for a in (old, new))
    end = r"(?![\w-]|\.(?!git\b)\w)"
    text = re.sub(re.escape(old) + end, lambda _: new, text)
    return re.sub(re.escape(COLAB + old_slug) + end, lambda _: COLAB + new_slug, text)


def set_address(address: str, root: Path = ROOT) -> list[Path]:
    """Rewrite the address in all files below `root`; return those that changed."""
    new, old = normalise(address), read_address(root)
    changed = []
    for pattern in FOLLOWERS:
        for path in sorted(root.glob(pattern)):
            text = path.read_text(encoding="utf8")
            updated = replace(text, old, new)
            if updated != text:
                path.write_text(updated, encoding="utf8")
                changed.append(path)
    return changed


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Set the repository's address everywhere.")
    parser.add_argument("address", help="https://github.com/owner/name")
    options = parser.parse_args(arguments)
    try:
        changed = set_address(options.address)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"The address is {read_address()}: {len(changed)} files changed.")
    for path in changed:
        print(f"  {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
