"""Queues in the control API: RQ's, and the workers on them. For operators: all gateways share them."""

from starlette.responses import JSONResponse, Response

from relay.server.api import body
from relay.server.api.inputs import Pause
from relay.server.api.machinery_views import of_machinery
from relay.server.api.problems import OperatorOnlyError
from relay.server.api.resource import Visit
from relay.server.api.views import View
from store import memory, queues


async def show(visit: Visit) -> Response:
    """GET /queues."""
    _require_operator(visit)
    return JSONResponse(await facts(visit))


async def suspend(visit: Visit) -> Response:
    """POST /queues/suspend: no worker begins a job, until the time is over or somebody resumes."""
    _require_operator(visit)
    wish = await body.read(visit.request, Pause)
    await visit.context.store.run(queues.suspend(wish.for_s))
    return JSONResponse(await facts(visit))


async def resume(visit: Visit) -> Response:
    """POST /queues/resume."""
    _require_operator(visit)
    await visit.context.store.run(queues.resume())
    return JSONResponse(await facts(visit))


async def facts(visit: Visit) -> View:
    """What all gateways share, as it is now. Whether the visitor may see it is the caller's concern."""
    run, now_ms = visit.context.store.run, visit.context.clock_ms()
    machinery = await run(queues.look(now_ms))
    return of_machinery(machinery, await run(memory.about_redis()), now_ms)


def _require_operator(visit: Visit) -> None:
    if not visit.gateway.is_operator:
        raise OperatorOnlyError
