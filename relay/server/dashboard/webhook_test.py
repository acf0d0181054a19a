"""The test of a webhook: a real signed event is sent, and its way is shown step by step as it happens."""

from typing import Final

from starlette.responses import Response

from relay.server.dashboard.page import Visitor
from relay.server.dashboard.told import is_moment
from relay.server.dashboard.way import way
from relay.server.inner_api import Json

_MOST_LOOKS: Final = 240
"""Every half second, so for two minutes: what waits longer waits for somebody."""


async def begin(visitor: Visitor) -> Response:
    """POST /dashboard/webhooks/{wanted}/test."""
    event = visitor.text("event")
    answer = await visitor.api.ask(
        "POST", f"/webhooks/{visitor.wanted}/test", json={"event": event} if event else {}
    )
    if answer.is_refusal:
        return visitor.part("webhook_way.html", webhook=visitor.wanted, complaint=answer.sentence)
    return await _part(visitor, answer.content, 0)


async def look(visitor: Visitor) -> Response:
    """GET /dashboard/webhooks/{wanted}/test/{event}: its way so far. What was sent stands in the query."""
    asked = visitor.query
    sent: Json = {
        "event": visitor.request.path_params["event"],
        "status": asked.get("status", ""),
        "answer": {},
        "type": asked.get("type", ""),
        "signed_by": asked.get("signed_by", ""),
        "sent_at": asked.get("sent_at") if is_moment(asked.get("sent_at", "")) else None,
    }
    looks = asked.get("looks", "")
    return await _part(visitor, sent, int(looks) if looks.isdecimal() and len(looks) < len("1000") else 0)


async def _part(visitor: Visitor, sent: Json, looks: int) -> Response:
    story = await visitor.api.get(f"/events/{sent['event']}") if sent["event"] else None
    is_waiting = story is not None and story["state"] == "waiting"
    state = (await visitor.api.ask("GET", "/status")).content if is_waiting else {}
    found = way(sent, story, state)
    return visitor.part(
        "webhook_way.html",
        webhook=visitor.wanted,
        sent=sent,
        way=found,
        looks=looks + 1,
        goes_on=not found.is_over and looks < _MOST_LOOKS,
        complaint="",
    )
