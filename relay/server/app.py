"""The relay as an ASGI application: tunnels, the control API, agents' tools, and whether we are well."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from redis.exceptions import RedisError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from domain.errors import RedisUnsuitableError
from relay.server import doorbell, pulse
from relay.server.access import access_of, address_of
from relay.server.api import api_routes
from relay.server.api.problems import Problem, of_error, stopping, unauthorized
from relay.server.context import RelayContext
from relay.server.dashboard import dashboard_routes
from relay.server.exchange import Exchange
from relay.server.prolonging import Prolonger
from relay.server.refusals import Refusals
from relay.server.room import Room
from relay.server.settling import Settler
from relay.server.switchboard import Switchboard
from relay.server.tunnel import Tunnel
from store.connect import INFO
from store.tasks import end

TUNNEL_PATH = "/tunnel"


def create_app(context: RelayContext, switchboard: Switchboard) -> Starlette:
    """The application, given everything it needs from outside."""
    exchange = Exchange(context, switchboard, Settler(context), Prolonger(context), Room())
    refusals = Refusals(context.clock_ms)

    async def refuse(websocket: WebSocket, problem: Problem) -> None:
        refusals.note(problem.code, address_of(websocket))
        context.meters.refused(problem.code)
        await websocket.send_denial_response(problem)

    async def tunnel(websocket: WebSocket) -> None:
        """A connector's connection, once its access token has opened."""
        if switchboard.is_closed:
            await refuse(websocket, stopping())
            return
        asked_at_s = asyncio.get_running_loop().time()
        try:
            access = await access_of(websocket)
        except RedisError as error:
            await refuse(websocket, of_error(error))
            return
        if access is None:
            await refuse(websocket, unauthorized())
            return
        await websocket.accept()
        await Tunnel(websocket, access, asked_at_s, exchange).run()

    async def ready(_: Request) -> JSONResponse:
        """Whether deliveries can flow now."""
        if switchboard.is_closed:
            return JSONResponse({"ready": False, "reason": "This relay is stopping."}, 503)
        try:
            await context.store.run(INFO)
        except (RedisError, RedisUnsuitableError):
            return JSONResponse({"ready": False, "reason": "Redis does not answer as it should."}, 503)
        return JSONResponse({"ready": True})

    # It takes half a second to import, which no command is to wait for.
    from relay.server.mcp_door import PATH, McpDoor  # noqa: PLC0415

    agents = McpDoor(context, lambda: switchboard.is_closed)
    app = Starlette(
        routes=[
            Route(PATH, agents),
            WebSocketRoute(TUNNEL_PATH, tunnel),
            Route("/healthz", _healthy, methods=["GET"]),
            Route("/readyz", ready, methods=["GET"]),
            *api_routes(),
            *dashboard_routes(context.clock_ms, lambda: switchboard.is_closed),
        ],
        lifespan=lambda _: _life(exchange, agents.open()),
    )
    app.router.redirect_slashes = False
    app.state.context = context
    return app


@asynccontextmanager
async def _life(exchange: Exchange, agents: AbstractAsyncContextManager[None]) -> AsyncGenerator[None]:
    background = [
        asyncio.create_task(doorbell.listen(exchange.context, exchange.switchboard)),
        asyncio.create_task(pulse.beat(exchange.context, exchange.switchboard)),
        asyncio.create_task(exchange.prolonger.run()),
    ]
    async with agents:
        yield
    await end(background)
    await exchange.settler.drained()
    await exchange.context.store.close()


async def _healthy(_: Request) -> JSONResponse:
    """Whether this process lives."""
    return JSONResponse({"healthy": True})
