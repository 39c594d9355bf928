"""Controls: dashboards that train while you watch, and explorers of results, without a kernel."""

from fgnn_lite.book.explore.dashboard import Dashboard, dashboard
from fgnn_lite.book.explore.explorer import explorer
from fgnn_lite.book.explore.histograms import goodness_rows, histograms
from fgnn_lite.book.explore.nodes import nodes
from fgnn_lite.book.explore.page import Explorer
from fgnn_lite.book.explore.tape import tape

__all__ = [
    "Dashboard",
    "Explorer",
    "dashboard",
    "explorer",
    "goodness_rows",
    "histograms",
    "nodes",
    "tape",
]
