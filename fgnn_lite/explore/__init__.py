"""Controls: dashboards that train while you watch, and explorers of results, without a kernel."""

from fgnn_lite.explore.dashboard import Dashboard, dashboard
from fgnn_lite.explore.explorer import Explorer, explorer

__all__ = ["Dashboard", "Explorer", "dashboard", "explorer"]
