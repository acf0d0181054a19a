"""The control API: what an owner asks and changes, as JSON under /api/v1 of the relay."""

from relay.server.api.routes import PREFIX, api_routes

__all__ = ["PREFIX", "api_routes"]
