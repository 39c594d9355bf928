"""What the scripts in `benchmarks/` measured: the files in `results/`, wherever this runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fgnn_lite import checks

PACKAGE = Path(__file__).resolve().parents[1]
INSTALLED = PACKAGE / "_results"  # in a wheel the files lie here: pyproject.toml
HERE = INSTALLED if INSTALLED.is_dir() else PACKAGE.parent / "results"


def load_results(name: str) -> dict[str, Any]:
    """Read a results file: from the repository that this is run in, or as installed.

        sweep = fgnn.load_results("sweep")
        sweep["rows"], sweep["settings"], sweep["provenance"], sweep["about"]

    Args:
        name: the name of a file in `results/`, without `.json`.

    Returns:
        Its content: `about` says what was measured, `settings` and `provenance` how, where and
        when, and each of `rows` is a mapping from column to value.

    Raises:
        TypeError: if `name` is not a string.
        ValueError: if there is no such file.
    """
    if not isinstance(name, str):
        raise TypeError(f"name must be a string; got {name!r} ({type(name).__name__})")
    have = sorted(path.stem for path in HERE.glob("*.json"))
    text = (HERE / f"{checks.one_of('name', name, have)}.json").read_text("utf8")
    return dict(json.loads(text))
