"""The pages Events, newest first, and the story of one event."""

from typing import Final

from starlette.responses import Response

from domain.outcome import EventOutcome
from domain.reasons import advice_on, wish_for
from relay.server.dashboard import choices, filters
from relay.server.dashboard.connecting import connect_command
from relay.server.dashboard.page import Visitor
from relay.server.dashboard.reasons import why

PATH: Final = "/dashboard/events"
_LIMIT: Final = "50"
_NAMES: Final = ("webhook", "type", "outcome", "since", "until")


async def listing(visitor: Visitor) -> Response:
    """GET /dashboard/events."""
    wanted = filters.of(PATH, _NAMES, visitor.query)
    cursor = visitor.query.get("cursor", "")
    answer = await visitor.api.ask("GET", "/events", {**wanted.asked, "cursor": cursor, "limit": _LIMIT})
    return await visitor.render(
        "events.html",
        status=answer.status if answer.is_refusal else 200,
        wanted=wanted,
        outcomes=list(EventOutcome),
        webhooks=await choices.names(visitor, "webhooks"),
        problem=answer.sentence if answer.is_refusal else "",
        events=answer.content.get("events", []),
        next=answer.content.get("next"),
        looked_back_to=answer.content.get("looked_back_to"),
        cursor=cursor,
    )


async def show(visitor: Visitor) -> Response:
    """GET /dashboard/events/{id}."""
    event = await visitor.api.get(f"/events/{visitor.wanted}")
    reason = event["rejected_because"]
    return await visitor.render(
        "event.html",
        event=event,
        reason=why(reason) if reason else None,
        connect=connect_command,
        advice_on=advice_on,
        wish_for=wish_for,
    )


async def retry(visitor: Visitor) -> Response:
    """POST /dashboard/events/{id}/retry: what was set aside waits for a worker again."""
    await visitor.api.done("POST", f"/events/{visitor.wanted}/retry")
    return visitor.redirect(f"{PATH}/{visitor.wanted}", "The event waits for a worker again.")
