"""A page: one path of the dashboard. Knows who is signed in, keeps forgeries out, words every refusal."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from redis.exceptions import RedisError
from starlette.datastructures import FormData
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from domain.errors import FleetError
from domain.gateway import Gateway
from relay.server.access import Vouched
from relay.server.api import problems
from relay.server.context import RelayContext
from relay.server.dashboard import forgery, forms, frame, said
from relay.server.dashboard.headers import guard
from relay.server.dashboard.rendering import page
from relay.server.dashboard.session import Session, session_of
from relay.server.inner_api import Answer, Api, Json, RefusedError
from store import gateways

SIGN_IN: Final = "/dashboard/sign-in"
HTMX: Final = "hx-request"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is signed in, and what he asks for.

    Attributes:
        request: what was asked.
        session: his session.
        gateway: in whose name he is here.
        api: the control API, in the name of that gateway.
        context: the relay's surroundings.
        form: the fields of a form; empty unless it is a change.
    """

    request: Request
    session: Session
    gateway: Gateway
    api: Api
    context: RelayContext
    form: FormData = field(default_factory=FormData)

    @property
    def wanted(self) -> str:
        """The name or id in the path."""
        return self.request.path_params["wanted"]

    @property
    def query(self) -> Mapping[str, str]:
        """What stands behind the path."""
        return self.request.query_params

    @property
    def now_ms(self) -> int:
        """Unix time in milliseconds."""
        return self.context.clock_ms()

    def text(self, name: str) -> str:
        """A field of the form without space around it, "" when it is not there."""
        return forms.text(self.form, name)

    async def render(
        self,
        template: str,
        status: int = HTTPStatus.OK,
        *,
        state: Json | None = None,
        **facts: Any,  # noqa: ANN401 - what a template reads
    ) -> Response:
        """A page within the frame.

        Args:
            template: name of its file.
            status: the HTTP status.
            state: what GET /status answers, when the page has asked already.
            facts: what the template reads besides the frame's.
        """
        if state is None:
            state = (await self.api.ask("GET", "/status")).content
        sentence = said.taken(self.request)
        around = frame.of(self.request, self.gateway, self.session, state, self.now_ms)
        response = page(template, status, **around, said=sentence, **facts)
        if sentence:
            said.forget(response, self.request)
        return response

    def part(self, template: str, status: int = HTTPStatus.OK, **facts: Any) -> Response:  # noqa: ANN401 - likewise
        """A part of a page, for htmx to put in its place."""
        return page(template, status, csrf=self.session.nonce, now_ms=self.now_ms, **facts)

    def redirect(self, to: str, sentence: str = "", *, is_problem: bool = False) -> Response:
        """Lead on to another page of ours, which says a sentence."""
        return said.redirect(self.request, to, sentence, is_problem=is_problem)


Method = Callable[[Visitor], Awaitable[Response]]


class Page:
    """An ASGI endpoint made of one function for each method."""

    def __init__(self, **methods: Method) -> None:
        self.methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except RedisError as error:
            response = await redis_away(request, error)
        guard(response)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        visitor = await visitor_of(request)
        if visitor is None:
            return _to_sign_in(request)
        method = self.methods.get("GET" if request.method == "HEAD" else request.method)
        if method is None:
            return await problem(request, HTTPStatus.METHOD_NOT_ALLOWED, "This page is not made for that.")
        try:
            if request.method != "GET":
                visitor = await _changing(visitor)
            return await method(visitor)
        except RefusedError as error:
            return await refused(visitor, error.answer)
        except forgery.ForgedError as error:
            return await problem(request, HTTPStatus.FORBIDDEN, str(error))
        except FleetError as error:
            return await problem(request, problems.of_error(error).status_code, str(error))


async def visitor_of(connection: HTTPConnection) -> Visitor | None:
    """Who is signed in; None when nobody is, or the access token does not open any more.

    Raises:
        redis.exceptions.RedisError: Redis is away.
    """
    session = session_of(connection)
    if session is None:
        return None
    context: RelayContext = connection.app.state.context
    access = await context.store.run(gateways.access(session.token_hash))
    if access is None:
        return None
    api = Api(connection.app, Vouched(session.token_hash, access))
    request = connection if isinstance(connection, Request) else Request(connection.scope)
    return Visitor(request, session, access.gateway, api, context)


async def _changing(visitor: Visitor) -> Visitor:
    """A visitor with the form that he sent.

    Raises:
        ForgedError: it is no form of ours.
    """
    request = visitor.request
    form = await forms.read(request)
    nonce = request.headers.get(forgery.HEADER) or forms.text(form, forgery.FIELD)
    if not forgery.is_ours(request) or not visitor.session.bears(nonce):
        raise forgery.ForgedError
    return Visitor(request, visitor.session, visitor.gateway, visitor.api, visitor.context, form)


async def refused(visitor: Visitor, answer: Answer) -> Response:
    """The page that says what the control API has said."""
    return await problem(visitor.request, answer.status, answer.sentence)


async def problem(request: Request, status: int, sentence: str) -> Response:
    """The page, or the part of one, that says what is wrong."""
    is_part = request.headers.get(HTMX) == "true"
    template = "problem_part.html" if is_part else "problem.html"
    return page(template, status, **frame.alone(request), code=status, sentence=sentence)


async def redis_away(request: Request, error: RedisError) -> Response:
    """The page while Redis is away."""
    return await problem(request, problems.of_error(error).status_code, _REDIS_AWAY)


_REDIS_AWAY: Final = (
    "The gateway's Redis does not answer now, so nothing can be shown or changed."
    " Nothing that was accepted is lost. Reload this page in some seconds;"
    " whoever runs the server finds the reason in the log of Redis."
)


def _to_sign_in(request: Request) -> Response:
    if request.headers.get(HTMX) == "true":
        return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"hx-redirect": SIGN_IN})
    if request.method in {"GET", "HEAD"}:
        return RedirectResponse(SIGN_IN, HTTPStatus.SEE_OTHER)
    return said.redirect(
        request, SIGN_IN, "Your session has ended; nothing was changed. Sign in again.", is_problem=True
    )
