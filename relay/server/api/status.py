"""The status in the control API: is it up, is anything stuck, what has happened lately."""

from starlette.responses import JSONResponse, Response

from relay.server.api import queues
from relay.server.api.canary_views import of_report
from relay.server.api.resource import Visit
from relay.server.api.status_views import of_last_tunnel, of_standing, of_tunnel
from relay.server.api.views import moment
from store import canary, standing, tunnels


async def show(visit: Visit) -> Response:
    """GET /status: of one's own gateway; operators see the server, too."""
    context, gateway = visit.context, visit.gateway
    now_ms = context.clock_ms()
    walked = await context.store.run(canary.last())
    last = await context.store.run(tunnels.last(gateway.id))
    return JSONResponse(
        {
            "gateway": {"id": gateway.id, "name": gateway.name, "is_operator": gateway.is_operator},
            "now": moment(now_ms),
            "tunnels": [of_tunnel(each) for each in await context.store.run(tunnels.about(gateway.id))],
            "last_tunnel": of_last_tunnel(last) if last else None,
            **of_standing(await context.store.run(standing.of(gateway.id, now_ms))),
            "canary": of_report(walked, now_ms) if walked else None,
            "server": await queues.facts(visit) if gateway.is_operator else None,
        }
    )
