"""What can be chosen in filters: names of the webhooks and subscriptions of the gateway."""

from typing import Final

from relay.server.dashboard.page import HTMX, Visitor

_MOST: Final = "200"


async def names(visitor: Visitor, things: str) -> list[str]:
    """Names that a field suggests, the first 200; none when only the live part of a page is asked for.

    Args:
        visitor: who asks.
        things: "webhooks" or "subscriptions".
    """
    if visitor.request.headers.get(HTMX) == "true":
        return []
    found = await visitor.api.get(f"/{things}", {"limit": _MOST})
    return [each["name"] for each in found[things]]
