"""All tools."""

from typing import Any, Final

from relay.mcp import deleting, events, making, subscriptions, waiting, webhooks
from relay.mcp.tool import Tool

_IN_ORDER: Final[tuple[Tool[Any], ...]] = (
    *making.TOOLS,
    *webhooks.TOOLS,
    *deleting.TOOLS,
    *subscriptions.TOOLS,
    *waiting.TOOLS,
    *events.TOOLS,
)

TOOLS: Final[dict[str, Tool[Any]]] = {tool.name: tool for tool in _IN_ORDER}
"""By their names."""
