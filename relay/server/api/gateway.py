"""The gateway itself: who am I, and who holds a tunnel."""

from starlette.responses import JSONResponse, Response

from relay.server.api.resource import Visit
from relay.server.api.views import of_gateway
from store import tunnels


async def show(visit: Visit) -> Response:
    """GET /gateway."""
    live = await visit.context.store.run(tunnels.live(visit.gateway.id))
    return JSONResponse({**of_gateway(visit.gateway), "tunnels": live})
