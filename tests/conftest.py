"""Real graphs, if there are any; a cache for this session alone; a browser, if there is one."""

import os
from pathlib import Path

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests on real graphs where there are none."""
    if not os.environ.get("FGNN_LITE_DATA"):
        skip = pytest.mark.skip(reason="FGNN_LITE_DATA is not set: no real graphs")
        for item in items:
            if "realdata" in item.keywords:
                item.add_marker(skip)


@pytest.fixture(autouse=True, scope="session")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    os.environ["FGNN_LITE_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")  # two cannot be open at once
def chromium():
    import browser as checks

    if checks.find_browser() is None:
        reason = f"no browser on PATH (looked for {', '.join(checks.BROWSERS)})"
        (pytest.fail if checks.browser_required() else pytest.skip)(reason)
    with checks.chromium() as browser:
        yield browser


@pytest.fixture
def opened(chromium):
    """Open a page in a window of its own; give page and watch."""
    import browser as checks

    contexts = []

    def look(path: Path, base: str | None = None, **settings):
        context = chromium.new_context(**{"viewport": checks.DESKTOP, **settings})
        contexts.append(context)
        base = base or path.parent.as_uri()
        return checks.open_page(context, base, f"{base}/{path.name}")

    yield look
    for context in contexts:
        context.close()
