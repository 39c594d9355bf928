"""Controls: a live dashboard where there is a kernel, an explorer of results where there is none."""

from fgnn_lite.explore.dashboard import Dashboard, dashboard
from fgnn_lite.explore.explorer import Explorer, explorer

__all__ = ["Dashboard", "Explorer", "dashboard", "explorer"]
