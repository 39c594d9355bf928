"""What a page of the book weighs: bytes, requests, and the longest task of its main thread.

    .venv/bin/python benchmarks/page_weight.py

Each page of the built book is opened in a fresh headless Chromium window with an empty cache, as a
reader's first page would be. Bytes are those of the files, not compressed. A task is what the main
thread does at a stretch; its time is what the processor spent on it, so that other work on the
machine does not count. The longest is the median of the rounds, and is of one machine.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from provenance import RESULTS, ROOT, write

sys.path.insert(0, str(ROOT / "tests"))
import browser as checks

HTML = ROOT / "_build" / "html"
TRACED = ["toplevel", "devtools.timeline", "__metadata"]


def kind(path: str) -> str:
    """What sort of file this is: by its ending."""
    ending = Path(path).suffix.lstrip(".")
    return {"html": "html", "css": "css", "js": "js", "png": "images", "svg": "images"}.get(
        ending, "fonts" if ending in ("ttf", "woff") else "other"
    )


def weigh(browser: Any, base: str, name: str, size: dict[str, int]) -> dict[str, Any]:
    """Open a page once, and count what comes."""
    context = browser.new_context(viewport=size)
    sizes: Counter[str] = Counter()
    page = context.new_page()

    def arrived(response: Any) -> None:
        if response.url.startswith(base):
            sizes[response.url] = len(response.body())

    page.on("response", arrived)
    page.goto(f"{base}/{name}", wait_until="networkidle")
    checks.settle(page)
    context.close()
    kinds: Counter[str] = Counter()
    for url, length in sizes.items():
        kinds[kind(url.split("?")[0])] += length
    return {
        "bytes": sizes.total(),
        "requests": len(sizes),
        **{name: kinds[name] for name in sorted(kinds)},
    }


def longest_task(browser: Any, base: str, name: str, size: dict[str, int]) -> float:
    """Open a page once; milliseconds of its main thread's longest task."""
    context = browser.new_context(viewport=size)
    page = context.new_page()
    browser.start_tracing(page=page, categories=TRACED)
    page.goto(f"{base}/{name}", wait_until="networkidle")
    checks.settle(page)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    context.close()
    main_threads = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    return max(
        event["tdur"] / 1000
        for event in events
        if (event["pid"], event["tid"]) in main_threads
        and event["name"].endswith("RunTask")
        and "tdur" in event
    )


def main() -> None:
    """Weigh every page, print, and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pages", nargs="+", help="instead of all", metavar="PAGE")
    options = parser.parse_args()
    found = [str(page.relative_to(HTML)) for page in checks.pages_of(HTML)]
    names = options.pages or [name for name in found if name != "index.html"]  # it leads to intro
    rows: list[dict[str, Any]] = []
    with checks.server(HTML) as base, checks.chromium() as browser:
        for name in names:
            place = browser, base, name, checks.DESKTOP
            longest = statistics.median(longest_task(*place) for _ in range(options.rounds))
            rows.append({"page": name, **weigh(*place), "longest_task_ms": round(longest, 1)})
            print(*rows[-1].values(), flush=True)
    if not options.pages:
        settings = {"rounds": options.rounds, "viewport": checks.DESKTOP}
        write(RESULTS / "pages.json", __doc__.splitlines()[0], settings, rows)


if __name__ == "__main__":
    main()
