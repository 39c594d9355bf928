"""What the pages offer to readers who have nothing but the pages.

The wheel of the library is built into the root of the book, without a network; ``{{ wheel }}`` is a
link to it. ``{{ repository }}`` is a link to the repository, ``{{ clone }}`` the commands that copy
it. Where it has no address, both are empty, and what stands in ``{only} address`` is left out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("fgnn_lite", "results", "pyproject.toml", "README.md", "LICENSE")
DATE = "1767225600"  # 2026, for the same bytes each time
BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"


def build_wheel(folder: Path, root: Path = ROOT) -> Path:
    """Build the wheel into an empty `folder`, from a copy: setuptools leaves its traces in it."""
    with tempfile.TemporaryDirectory() as copy:
        for name in PARTS:
            if (root / name).is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(root / name, Path(copy) / name, ignore=ignored)
            else:
                shutil.copy(root / name, copy)
        done = subprocess.run(
            [sys.executable, "-I", "-c", BUILD, str(folder.resolve())],
            cwd=copy, env={**os.environ, "SOURCE_DATE_EPOCH": DATE}, capture_output=True, text=True,
        )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"the wheel cannot be built:\n{done.stdout}{done.stderr}")
    (wheel,) = folder.glob("*.whl")
    return wheel


def offers(address: str, wheel: str) -> dict[str, str]:
    """Return the substitutions of the pages in ``book/``."""
    lines = f"git clone {address}\ncd {address.rsplit('/', 1)[-1]}\nmake lab"
    return {
        "wheel": f'<a href="../{wheel}" download>{wheel}</a>',
        "repository": f"[repository]({address})" if address else "",
        "clone": f"```bash\n{lines}\n```" if address else "",
    }


def prepare(app: Sphinx, config: Config) -> None:
    """Build the wheel, let Sphinx put it into the book, and say what there is to offer."""
    folder = Path(app.outdir).parent / "wheel"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    wheel = build_wheel(folder)
    config.html_extra_path.append(str(folder))
    address = config.html_theme_options.get("repository_url", "")
    if address:
        app.tags.add("address")
    config.myst_substitutions = {**config.myst_substitutions, **offers(address, wheel.name)}


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("config-inited", prepare, priority=100)
    return {"version": "1.0", "parallel_read_safe": True, "parallel_write_safe": True}
