"""Controls: dashboards that train while you watch."""

from fgnn_lite.explore.dashboard import Dashboard

__all__ = ["Dashboard"]
