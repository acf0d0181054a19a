"""The dashboard: pages over the control API, for people. Everything on them was asked of it."""

from relay.server.dashboard.routes import PREFIX, dashboard_routes

__all__ = ["PREFIX", "dashboard_routes"]
