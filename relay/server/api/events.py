"""Events in the control API: what became of one, as metadata."""

from starlette.responses import JSONResponse, Response

from relay.server.api.resource import Visit
from relay.server.api.views import of_story
from store.stories import story


async def show(visit: Visit) -> Response:
    """GET /events/{id}."""
    found = await visit.context.store.run(story(visit.gateway.id, visit.wanted))
    if found is None:
        raise visit.unknown("event")
    return JSONResponse(of_story(found))
