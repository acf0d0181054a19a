"""The gateway itself: who am I, what may I have and what have I, and who holds a tunnel."""

from starlette.responses import JSONResponse, Response

from domain.errors import UnknownThingError
from relay.server.api.resource import Visit
from relay.server.api.views import of_account
from store import limits, tunnels


async def show(visit: Visit) -> Response:
    """GET /gateway."""
    context = visit.context
    live = await context.store.run(tunnels.about(visit.gateway.id))
    account = await context.store.run(limits.read(visit.gateway.id))
    if account is None:
        raise UnknownThingError("gateway", visit.gateway.id)
    shown = of_account(account, context.limits, context.queue_limit)
    return JSONResponse({**shown, "tunnels": [each.id for each in live]})
