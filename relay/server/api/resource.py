"""A resource: one path of the control API. It checks the token, chooses by method and words every refusal."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from domain.errors import FleetError, UnknownThingError
from domain.gateway import Gateway
from relay.server.access import gateway_of
from relay.server.api import problems
from relay.server.context import RelayContext

_ECHOED_CHARS: Final = 64


@dataclass(frozen=True, slots=True)
class Visit:
    """A request whose token is known to be good.

    Attributes:
        request: what was asked.
        gateway: who asks; nothing of another gateway may enter the answer.
        context: the relay's surroundings.
    """

    request: Request
    gateway: Gateway
    context: RelayContext

    @property
    def wanted(self) -> str:
        """The name or id in the path."""
        return self.request.path_params["wanted"]

    def unknown(self, kind: str) -> UnknownThingError:
        """The error that says: there is no such thing. What is not yours is not there."""
        return UnknownThingError(kind, self.wanted[:_ECHOED_CHARS])


Method = Callable[[Visit], Awaitable[Response]]


class Published:
    """An ASGI endpoint that shows everybody the same text: no token is asked for."""

    def __init__(self, media_type: str, render: Callable[[], str]) -> None:
        self.methods = {"GET": render, "HEAD": render}
        self._media_type = media_type

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        render = self.methods.get(scope["method"])
        if render is None:
            response = problems.method_not_allowed(sorted(self.methods))
        else:
            response = Response(render(), media_type=self._media_type)
        response.headers["cache-control"] = "no-store"
        await response(scope, receive, send)


class Resource:
    """An ASGI endpoint made of one function for each method."""

    def __init__(self, **methods: Method) -> None:
        self.methods = methods
        if "GET" in methods:
            # The server leaves the content out (RFC 9110, section 9.3.2).
            self.methods["HEAD"] = methods["GET"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except (FleetError, RedisError) as error:
            response = problems.of_error(error)
        # Answers hold URLs that are as good as passwords, and once a secret.
        response.headers["cache-control"] = "no-store"
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        gateway = await gateway_of(request)
        if gateway is None:
            return problems.unauthorized()
        if not self.methods:
            return problems.no_such_resource()
        method = self.methods.get(request.method)
        if method is None:
            return problems.method_not_allowed(sorted(self.methods))
        return await method(Visit(request, gateway, request.app.state.context))
