"""The pages that help say what the code says: its messages, its controls, its commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import scripts

from fgnn_lite.book.explore import nodes
from fgnn_lite.book.explore.dashboard import SETTINGS

ROOT = Path(__file__).resolve().parents[1]
HELP = (ROOT / "book" / "troubleshooting.md").read_text(encoding="utf8")
USE = (ROOT / "book" / "how_to_use.md").read_text(encoding="utf8")
TERMS = re.findall(r"^(\S.*)\n: ", HELP, re.M)
MESSAGES = [quoted for term in TERMS for quoted in re.findall(r"^`([^`]+)`", term)]
ELSEWHERE = {
    "ModuleNotFoundError",
    "NameError",
    "'int' object is not subscriptable",
    "CUDA out of memory",
    "make serve",
    "is not a valid wheel filename",
}
NAME = "abcdefghijklmnopqrstuvwxyz_"  # of an argument, which a check puts before its words
SOURCES = [*scripts.files("fgnn_lite/**/*.py"), *scripts.files("book/tools/*")]


@pytest.mark.parametrize("message", sorted(set(MESSAGES) - ELSEWHERE))
def test_a_quoted_message_is_one_that_the_code_gives(message):
    texts = (path.read_text(encoding="utf8") for path in SOURCES)
    plain = (re.sub(r"\"\s*f?\"|\{[A-Z_]+\}", "", text) for text in texts)
    asked = re.compile(rf"{re.escape(message)}|{{argument}}{re.escape(message.lstrip(NAME))}")
    assert any(asked.search(text) for text in plain), message


def test_there_are_messages_to_look_for():
    assert len(MESSAGES) > 10
    assert set(MESSAGES) >= ELSEWHERE


@pytest.mark.parametrize("page", ["troubleshooting", "how_to_use"])
def test_commands_exist(page):
    text = (ROOT / "book" / f"{page}.md").read_text(encoding="utf8")
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf8"), re.M)
    asked = set(re.findall(r"`make ([a-z]+)|^\s*make ([a-z]+)", text, re.M))
    assert {a or b for a, b in asked} <= set(targets)


def test_all_controls_of_a_dashboard_are_named():
    listed = re.search(r"Each control is one setting: (.*?)\. What", USE, re.S)[1]
    assert re.findall(r"\*(\w+)\*", listed) == list(SETTINGS)


def test_all_explorers_are_explained():
    for kind in ("A chart", "A graph", "Histograms", "A tape"):
        assert re.search(rf"^{kind}\n: ", USE, re.M), kind
    for colour in nodes.__globals__["COLOURS"]:
        assert colour in re.search(r"^A graph\n: .*?\n\n", USE, re.M | re.S)[0]
