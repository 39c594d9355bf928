"""What the scripts in `benchmarks/` measured: the files in `results/`, wherever this runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

from fgnn_lite import checks

HERE = Path(__file__).resolve().parents[1] / "results"
THERE = "https://github.com/OWNER/forward-learning-on-graphs/raw/main/results"


def load_results(name: str) -> dict[str, Any]:
    """Read a results file: from the repository that this is run in, else from its home.

        sweep = fgnn.load_results("sweep")
        sweep["rows"], sweep["settings"], sweep["provenance"], sweep["about"]

    Args:
        name: the name of a file in `results/`, without `.json`.

    Returns:
        Its content: `about` says what was measured, `settings` and `provenance` how, where and
        when, and each of `rows` is a mapping from column to value.

    Raises:
        ValueError: if there is no such file.
        ConnectionError: if the library was installed without its repository and that cannot be
            reached.
    """
    if not isinstance(name, str):
        raise TypeError(f"name must be a string; got {name!r} ({type(name).__name__})")
    have = sorted(path.stem for path in HERE.glob("*.json"))
    if have:
        text = (HERE / f"{checks.one_of('name', name, have)}.json").read_text("utf8")
    else:
        address = f"{THERE}/{quote(name)}.json"
        try:
            with urlopen(address, timeout=30) as answer:
                text = answer.read().decode("utf8")
        except OSError as error:  # a URLError, or silence in the middle
            if getattr(error, "code", None) == 404:
                raise ValueError(
                    f"name must be that of a results file; {address} is none"
                ) from error
            raise ConnectionError(
                f"the results are not installed with the library, and {address} cannot be reached "
                f"({getattr(error, 'reason', error)}); run this in a clone of the repository"
            ) from error
    return dict(json.loads(text))
