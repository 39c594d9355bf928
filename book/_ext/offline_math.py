"""Serve MathJax from the book itself, so that formulas need no network.

The files come with the package ``sphinx-mathjax-offline``. Its own extension loads
``tex-chtml.js``, which fetches parts such as ``boldsymbol`` on demand and fails when a page is
opened from disk; ``tex-chtml-full.js`` has all of TeX in one file. We also copy only what that
file can ask for (fonts, accessibility), a quarter of the package.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.errors import ExtensionError
from sphinx.util.fileutil import copy_asset

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

ENTRY = "tex-chtml-full.js"
PARTS = (ENTRY, "output/chtml/fonts", "a11y", "sre")


def mathjax_folder() -> Path:
    """Return the folder that holds MathJax in the installed package."""
    spec = importlib.util.find_spec("sphinx-mathjax-offline")
    folder = Path(spec.origin).parent / "static" / "mathjax" if spec and spec.origin else None
    if folder is None or not (folder / ENTRY).is_file():
        raise ExtensionError("sphinx-mathjax-offline is not installed: see requirements.txt")
    return folder


def set_path(app: Sphinx, config: Config) -> None:
    """Point Sphinx to our copy, whatever other extensions have chosen."""
    config.mathjax_path = f"mathjax/{ENTRY}"


def copy_files(app: Sphinx, error: Exception | None) -> None:
    """Copy the parts of MathJax that a page can ask for."""
    if error is not None or app.builder.format != "html":
        return
    source, target = mathjax_folder(), Path(app.outdir) / "_static" / "mathjax"
    for part in PARTS:
        folder = target / part if (source / part).is_dir() else (target / part).parent
        folder.mkdir(parents=True, exist_ok=True)
        copy_asset(source / part, folder)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    mathjax_folder()
    app.connect("config-inited", set_path, priority=900)
    app.connect("build-finished", copy_files)
    return {"version": "1.0", "parallel_read_safe": True, "parallel_write_safe": True}
