"""Controls: dashboards that work with a kernel."""
