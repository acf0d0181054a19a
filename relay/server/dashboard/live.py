"""Live pages: a stream of server-sent events that says when there is something new to be asked for.

It carries no data, so nothing can leak through it, and a page shows what the control API answers. One watcher
for each gateway that somebody looks at asks Redis once a second, however many look.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

import structlog
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from relay.server.context import RelayContext
from relay.server.dashboard.headers import guard
from relay.server.dashboard.page import visitor_of
from store import ledger, tunnels
from store.tasks import end

LOOK_S: Final = 1.0
"""Seconds between two looks, and what a stop of the relay waits for at most."""

TICK_S: Final = 10.0
"""Seconds after which pages ask again even if nothing has moved: workers, and how long things wait."""

MOST_VIEWERS: Final = 500
MOST_OF_A_GATEWAY: Final = 50

NAME: Final = "watcher of live pages"
CHANGED: Final = b"event: changed\ndata: \n\n"
TICK: Final = b"event: tick\ndata: \n\n"
_FIRST: Final = b"retry: 2000\n\n"

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Watch:
    """What is known of one gateway, and who wants to hear of it."""

    version: int = 0
    seen: object = None
    viewers: int = 0
    turned: asyncio.Condition = field(default_factory=asyncio.Condition)
    task: asyncio.Task[None] | None = None


class Live:
    """An ASGI endpoint: GET /dashboard/live."""

    def __init__(self, is_stopping: Callable[[], bool]) -> None:
        """The streams of one relay.

        Args:
            is_stopping: whether the relay is about to end; then the streams do.
        """
        self._is_stopping = is_stopping
        self._watches: dict[str, _Watch] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        gateway, refusal = await self._admitted(request)
        if refusal is not None:
            guard(refusal)
            await refusal(scope, receive, send)
            return
        async with self._viewing(request.app.state.context, gateway) as watch:
            response = StreamingResponse(self._messages(request, watch), media_type="text/event-stream")
            guard(response)
            # Proxies such as nginx would keep the first kilobytes back.
            response.headers["x-accel-buffering"] = "no"
            await response(scope, receive, send)

    async def _admitted(self, request: Request) -> tuple[str, Response | None]:
        """The Gateway ID of a viewer, and what he is told when there is no room for him."""
        try:
            visitor = await visitor_of(request)
        except RedisError:
            return "", PlainTextResponse("Redis does not answer.\n", HTTPStatus.SERVICE_UNAVAILABLE)
        if visitor is None:
            return "", PlainTextResponse("Sign in first.\n", HTTPStatus.UNAUTHORIZED)
        gateway = visitor.gateway.id
        total = sum(each.viewers for each in self._watches.values())
        of_gateway = self._watches[gateway].viewers if gateway in self._watches else 0
        if self._is_stopping() or of_gateway >= MOST_OF_A_GATEWAY or total >= MOST_VIEWERS:
            return "", PlainTextResponse(
                "There are too many live pages.\n", HTTPStatus.SERVICE_UNAVAILABLE, {"retry-after": "5"}
            )
        return gateway, None

    @asynccontextmanager
    async def _viewing(self, context: RelayContext, gateway: str) -> AsyncGenerator[_Watch]:
        watch = self._watches.setdefault(gateway, _Watch())
        watch.viewers += 1
        if watch.task is None:
            watch.task = asyncio.create_task(_watching(context, gateway, watch), name=NAME)
        try:
            yield watch
        finally:
            watch.viewers -= 1
            if watch.viewers == 0:
                self._watches.pop(gateway, None)
                await end([watch.task])

    async def _messages(self, request: Request, watch: _Watch) -> AsyncIterator[bytes]:
        """What one viewer hears, until the relay stops or his session does."""
        version = watch.version
        yield _FIRST
        clock = asyncio.get_running_loop().time
        tick_at = clock() + TICK_S
        while not self._is_stopping():
            await _turn(watch)
            if watch.version != version:
                version = watch.version
                yield CHANGED
            if clock() >= tick_at:
                tick_at = clock() + TICK_S
                if not await _is_in(request):
                    return
                yield TICK


async def _watching(context: RelayContext, gateway: str, watch: _Watch) -> None:
    while True:
        try:
            seen = await _look(context, gateway)
        except (RedisError, OSError) as error:
            _log.warning("live_blind", error=type(error).__name__)
            seen = watch.seen
        if seen != watch.seen:
            watch.version += watch.seen is not None
            watch.seen = seen
        async with watch.turned:
            watch.turned.notify_all()
        await asyncio.sleep(LOOK_S)


async def _turn(watch: _Watch) -> None:
    """Wait for the next look."""
    async with watch.turned:
        await watch.turned.wait()


async def _look(context: RelayContext, gateway: str) -> object:
    """Something that differs when pages would."""
    found = await context.store.run(tunnels.about(gateway))
    # Not when they were last heard: that moves with every heartbeat.
    return await context.store.run(ledger.counts(gateway)), sorted(each.id for each in found)


async def _is_in(request: Request) -> bool:
    """Whether a viewer is still signed in; he stays while Redis is away."""
    try:
        return await visitor_of(request) is not None
    except RedisError:
        return True
