"""A page that trains: every learner live, without a kernel, on a graph that the reader can touch."""

from fgnn_lite.book.playground.page import Playground, playground
from fgnn_lite.book.playground.presets import PRESETS

__all__ = ["PRESETS", "Playground", "playground"]
