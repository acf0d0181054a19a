"""The ingress as an ASGI application: the webhook addresses, and whether we are well."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, Router

from domain.errors import RedisUnsuitableError
from ingress.acceptor import Acceptor
from ingress.context import IngressContext
from ingress.pressure import Pressure
from ingress.receive import Receive
from ingress.refusals import RefusalLog
from ingress.tally import Tally
from store.connect import INFO
from store.tasks import end


def create_app(context: IngressContext, is_stopping: Callable[[], bool]) -> Router:
    """The application, given everything it needs from outside, and who says whether it is about to stop."""
    acceptor = Acceptor(context)
    pressure = Pressure(context)
    tally = Tally(context.store, context.clock_ms, context.entropy)
    refusals = RefusalLog()
    receive = Receive(context, acceptor, pressure, refusals, tally)

    async def ready(_: Request) -> JSONResponse:
        """Whether events can be accepted now."""
        if is_stopping():
            return JSONResponse({"ready": False, "reason": "This ingress is stopping."}, 503)
        try:
            await context.store.run(INFO)
        except RedisUnsuitableError:
            return JSONResponse({"ready": False, "reason": "Redis is set up wrong; see the log."}, 503)
        except RedisError:
            return JSONResponse({"ready": False, "reason": "Redis does not answer."}, 503)
        if pressure.high:
            return JSONResponse({"ready": False, "reason": "Redis is nearly full."}, 503)
        return JSONResponse({"ready": True})

    async def healthy(_: Request) -> JSONResponse:
        """Whether this process lives."""
        return JSONResponse({"healthy": True})

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncGenerator[None]:
        watching = [asyncio.create_task(each.watch()) for each in (pressure, refusals, tally)]
        yield
        await end(watching)
        refusals.tell()
        await tally.tell_if_possible()
        await acceptor.drained()
        await context.store.close()

    # A router, not an application: the middlewares of the latter cost each event more than the route.
    return Router(
        routes=[
            Route("/t/{token}", receive),
            Route("/t/{token}/{rest:path}", receive),
            *([Route("/", receive)] if context.git_gateway else []),
            Route("/healthz", healthy, methods=["GET"]),
            Route("/readyz", ready, methods=["GET"]),
        ],
        redirect_slashes=False,
        lifespan=lifespan,
    )
