"""A page that trains: every learner, live, on a graph that the reader can touch; no kernel."""

from fgnn_lite.book.playground.page import Playground, playground
from fgnn_lite.book.playground.presets import PRESETS

__all__ = ["PRESETS", "Playground", "playground"]
