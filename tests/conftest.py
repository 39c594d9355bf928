"""Tests on real graphs need their files; what is loaded is cached for this session alone."""

import os

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
