"""The gateway itself: who am I."""

from starlette.responses import JSONResponse, Response

from relay.server.api.resource import Visit
from relay.server.api.views import of_gateway


async def show(visit: Visit) -> Response:
    """GET /gateway."""
    return JSONResponse(of_gateway(visit.gateway))
