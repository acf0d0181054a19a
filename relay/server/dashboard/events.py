"""The pages Events, newest first, and the story of one event."""

from typing import Final

from starlette.responses import Response

from domain.ids import is_id
from domain.outcome import EventOutcome
from domain.reasons import advice_on, advice_on_refusal, refusal, why_not, wish_for
from relay.server.dashboard import choices, filters
from relay.server.dashboard.connecting import connect_command
from relay.server.dashboard.page import Visitor
from relay.server.dashboard.reasons import why

PATH: Final = "/dashboard/events"
_LIMIT: Final = "50"
_MAX_CHARS: Final = 200
_NO_SUCH: Final = (
    "There is no event with this id here. It begins with evt_ and stands in the answer to the sender;"
    " what is older than the log is forgotten."
)
_NAMES: Final = ("webhook", "type", "outcome", "since", "until")


async def listing(visitor: Visitor) -> Response:
    """GET /dashboard/events; with an `id` it leads to that event."""
    sought = visitor.query.get("id", "").strip()
    if is_id("evt", sought) and not (await visitor.api.ask("GET", f"/events/{sought}")).is_refusal:
        return visitor.redirect(f"{PATH}/{sought}")
    wanted = filters.of(PATH, _NAMES, visitor.query)
    cursor = visitor.query.get("cursor", "")
    answer = await visitor.api.ask("GET", "/events", {**wanted.asked, "cursor": cursor, "limit": _LIMIT})
    return await visitor.render(
        "events.html",
        status=answer.status if answer.is_refusal else 200,
        wanted=wanted,
        outcomes=list(EventOutcome),
        webhooks=await choices.names(visitor, "webhooks"),
        sought=sought[:_MAX_CHARS],
        problem=_NO_SUCH if sought else answer.sentence if answer.is_refusal else "",
        events=[] if sought else answer.content.get("events", []),
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
        advice_on_refusal=advice_on_refusal,
        refusal=refusal,
        wish_for=wish_for,
        why_not=why_not,
    )


async def retry(visitor: Visitor) -> Response:
    """POST /dashboard/events/{id}/retry: what was set aside waits for a worker again."""
    await visitor.api.done("POST", f"/events/{visitor.wanted}/retry")
    return visitor.redirect(f"{PATH}/{visitor.wanted}", "The event waits for a worker again.")
