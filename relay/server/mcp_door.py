"""The agents' door: POST /mcp, the Model Context Protocol over HTTP, behind the same access tokens.

Nothing is remembered between two requests, so any relay answers any of them. Clients of the protocol's older
revisions and of 2026-07-28 are told apart by the official package.

There is nothing here that a browser sends by itself: no cookie opens, and the token stands in a header that
no page of another origin may set, since we answer no preflight. Requests that a page of another origin has
made are refused all the same, as the protocol demands (2025-11-25, transports, security warning).
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, cast

import structlog
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from redis.exceptions import RedisError
from sse_starlette.sse import AppStatus
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from domain.errors import FleetError
from relay.mcp.server import Context, mcp_server
from relay.server.access import VOUCHED, Vouched, access_of, token_hash_of
from relay.server.api import body
from relay.server.api.problems import Problem, method_not_allowed, of_error, unauthorized
from relay.server.calls_in_hand import CallsInHand, foreign_page, too_many
from relay.server.context import RelayContext
from relay.server.dashboard.forgery import is_ours
from relay.server.mcp_desk import RelayDesk

PATH: Final = "/mcp"
_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class McpDoor:
    """An ASGI endpoint."""

    def __init__(self, context: RelayContext, is_stopping: Callable[[], bool]) -> None:
        """A door that is not open yet: see `open`.

        Args:
            context: the relay's surroundings.
            is_stopping: whether the relay is about to end; then long calls do.
        """
        self._context = context
        self._is_stopping = is_stopping
        self._calls = CallsInHand(context.clock_ms)
        # Long calls see themselves that we stop, and say it; cut off, the client would know nothing.
        AppStatus.disable_automatic_graceful_drain()
        self._manager = StreamableHTTPSessionManager(
            mcp_server(self._desk_of, self._note), stateless=True, max_request_body_size=body.MAX_BYTES
        )

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[None]:
        """Answer requests for the length of the block."""
        async with self._manager.run():
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        refusal = self._refusal(request)
        if refusal is None:
            refusal = await self._admitted(request, send)
        if refusal is not None:
            refusal.headers["cache-control"] = "no-store"
            await refusal(scope, receive, send)

    def _refusal(self, request: Request) -> Problem | None:
        """Why a request is refused whoever makes it."""
        if "origin" in request.headers and not is_ours(request):
            return foreign_page()
        # No stream of our own, and no session to be ended: both are answered so (2025-11-25, transports).
        return None if request.method == "POST" else method_not_allowed(["POST"])

    async def _admitted(self, request: Request, send: Send) -> Problem | None:
        """Answer a request, or say why not."""
        try:
            access = await access_of(request)
            token_hash = token_hash_of(request)
            if access is None or token_hash is None:
                return unauthorized()
            if not self._calls.may_begin(access.gateway.id):
                return too_many()
            with self._calls.one_of(access.gateway.id):
                content = await self._read(request)
                scope = {**request.scope, VOUCHED: Vouched(token_hash, access)}
                await self._manager.handle_request(scope, _again(content, request.receive), send)
        except (FleetError, RedisError) as error:
            return of_error(error)
        return None

    async def _read(self, request: Request) -> bytes:
        """The body; one that still comes when the relay stops is given up in silence."""
        try:
            return await body.read_raw(request)
        except asyncio.CancelledError:
            if not self._is_stopping():
                raise
            raise body.cut_off() from None

    def _desk_of(self, context: Context) -> RelayDesk:
        """Whom the tools of a request ask: who is asking stands in the scope, where no client writes."""
        request = cast("Request", context.request)
        vouched: Vouched = request.scope[VOUCHED]
        return RelayDesk(request.app, self._context, vouched.token_hash, self._is_stopping)

    def _note(self, tool: str, outcome: str) -> None:
        self._context.meters.called(tool, outcome)
        _log.debug("mcp_called", tool=tool, outcome=outcome)


def _again(content: bytes, receive: Receive) -> Callable[[], Awaitable[Message]]:
    """The body that was read, and then whatever else comes: that the client hangs up."""
    first: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]

    async def told() -> Message:
        return first.pop() if first else await receive()

    return told
