"""Events in the control API: what became of the latest ones, and of one, as metadata."""

from typing import Final

from starlette.responses import JSONResponse, Response

from relay.server.api.resource import Visit
from relay.server.api.views import of_story
from store.calls import together
from store.stories import latest, story

LISTED: Final = 100
"""How many events a listing shows."""


async def listing(visit: Visit) -> Response:
    """GET /events: the latest that were decided, newest first. The log forgets by number, events by age."""
    ids = await visit.context.store.run(latest(visit.gateway.id, LISTED))
    found = await visit.context.store.run(together([story(visit.gateway.id, event) for event in ids]))
    return JSONResponse({"events": [of_story(each) for each in found if each is not None]})


async def show(visit: Visit) -> Response:
    """GET /events/{id}."""
    found = await visit.context.store.run(story(visit.gateway.id, visit.wanted))
    if found is None:
        raise visit.unknown("event")
    return JSONResponse(of_story(found))
