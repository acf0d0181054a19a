"""The pages of webhooks: all of them, and one with all that belongs to it."""

import asyncio
from typing import Any, Final

from starlette.responses import Response

from relay.server.dashboard import senders
from relay.server.dashboard.page import Visitor
from relay.server.dashboard.webhook_words import shown
from relay.server.inner_api import Json

PATH: Final = "/dashboard/webhooks"

GRACES: Final = (
    ("86400", "for 24 hours more"),
    ("3600", "for one hour more"),
    ("604800", "for 7 days more"),
    ("0", "no longer: it ends at once"),
)
"""For how long the secret before counts, too: seconds, and in words."""

_ON_A_PAGE: Final = "50"
_LATEST: Final = "5"


async def listing(visitor: Visitor) -> Response:
    """GET /dashboard/webhooks: a page of them; `name` is a part of their names."""
    name, cursor = visitor.query.get("name", "").strip(), visitor.query.get("cursor", "")
    found = await visitor.api.get("/webhooks", {"name": name, "cursor": cursor, "limit": _ON_A_PAGE})
    return await visitor.render(
        "webhooks.html",
        webhooks=[shown(each, visitor.now_ms) for each in found["webhooks"]],
        next=found["next"],
        name=name,
        cursor=cursor,
    )


async def show(visitor: Visitor) -> Response:
    """GET /dashboard/webhooks/{name or id}."""
    return await visitor.render("webhook.html", **await facts(visitor))


async def facts(visitor: Visitor) -> dict[str, Any]:
    """What the page of one webhook reads.

    Raises:
        RefusedError: there is none of that name or id.
    """
    webhook = shown(await visitor.api.get(f"/webhooks/{visitor.wanted}"), visitor.now_ms)
    listening, latest = await asyncio.gather(
        subscriptions_of(visitor, webhook["name"]),
        visitor.api.get("/events", {"webhook": webhook["id"], "limit": _LATEST}),
    )
    return {
        "webhook": webhook,
        "sender": senders.chosen(webhook["sender"]),
        "tests": senders.events(webhook["sender"]),
        "subscriptions": listening,
        "events": latest["events"],
        **of_secrets(),
    }


def of_secrets(fresh: str | None = None, told: str = "", complaint: str = "") -> dict[str, Any]:
    """What the part of the page that speaks of secrets reads beside the webhook.

    Args:
        fresh: the secret that was just made or revealed, to be shown this once.
        told: what is to be done next.
        complaint: what was refused.
    """
    return {"graces": GRACES, "fresh": fresh, "told": told, "complaint": complaint}


async def subscriptions_of(visitor: Visitor, name: str) -> list[Json]:
    """Those that listen to a webhook: of all that a gateway has, which are 200 unless it may have more."""
    found = await visitor.api.get("/subscriptions", {"limit": "200"})
    return [each for each in found["subscriptions"] if name in each["webhooks"]]
