"""Events in the control API: what became of the latest ones, and of one, as metadata; retrying one."""

from typing import Final

from starlette.responses import JSONResponse, Response

from domain.errors import InvalidInputError
from domain.event import EventState
from domain.ids import ENTROPY_BYTES, new_id
from relay.server.api.resource import Visit
from relay.server.api.views import of_story
from store import events
from store.calls import together
from store.event_log import EVERYTHING, MAX_LOOKS, LogRule, look
from store.stories import story

LISTED: Final = 100
"""How many events a listing shows."""


async def listing(visit: Visit) -> Response:
    """GET /events: the latest that were decided, newest first. The log forgets by number, events by age."""
    state = visit.request.query_params.get("state")
    if state not in {None, EventState.SET_ASIDE}:
        raise InvalidInputError("state", "Events can be listed by one state only: set_aside.")
    rule = LogRule(states=(EventState.SET_ASIDE,)) if state else EVERYTHING
    looked = await visit.context.store.run(
        look(visit.gateway.id, visit.gateway.id, "", MAX_LOOKS, LISTED, rule)
    )
    found = await visit.context.store.run(
        together([story(visit.gateway.id, row.event) for row in looked.rows])
    )
    return JSONResponse({"events": [of_story(each) for each in found if each is not None]})


async def show(visit: Visit) -> Response:
    """GET /events/{id}."""
    found = await visit.context.store.run(story(visit.gateway.id, visit.wanted))
    if found is None:
        raise visit.unknown("event")
    return JSONResponse(of_story(found))


async def retry(visit: Visit) -> Response:
    """POST /events/{id}/retry: what was set aside waits again."""
    context = visit.context
    now = context.clock_ms()
    mark = new_id("job", now, context.entropy(ENTROPY_BYTES))
    if not await context.store.run(events.retry(visit.gateway.id, visit.wanted, mark, now)):
        raise visit.unknown("event")
    return await show(visit)
