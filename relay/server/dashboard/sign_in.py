"""Signing in and out: with the access token, or with a link that opens once."""

from base64 import urlsafe_b64encode
from http import HTTPStatus
from typing import Final

import structlog
from redis.exceptions import RedisError
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from domain.errors import FleetError
from relay.server.access import address_of
from relay.server.context import RelayContext
from relay.server.dashboard import forgery, forms, frame, said, session
from relay.server.dashboard.attempts import Attempts
from relay.server.dashboard.headers import guard
from relay.server.dashboard.page import SIGN_IN, Visitor, redis_away, visitor_of
from relay.server.dashboard.rendering import page
from store import gateways, sign_in
from store.tokens import MAX_TOKEN_CHARS, hashed

HOME: Final = "/dashboard"
_USER_BYTES: Final = 12
_SPENT: Final = (
    "This link does not open any more: it does so once, and within 5 minutes."
    " 'fleet dashboard' makes another one."
)
_UNKNOWN: Final = (
    "This access token opens no gateway: it is mistyped, revoked or expired."
    " 'fleet dashboard' makes a link that needs no typing."
)
_FORGED: Final = "The request did not come from this page; reload it and try again."
_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Entrance:
    """An ASGI endpoint where somebody who is not signed in may become so."""

    def __init__(self, attempts: Attempts, *, by_link: bool) -> None:
        """An entrance.

        Args:
            attempts: counts those that fail, at all entrances together.
            by_link: whether it is the one of links; else that of access tokens.
        """
        self._attempts = attempts
        self._by_link = by_link

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except RedisError as error:
            response = await redis_away(request, error)
        except FleetError as error:
            response = self._form(request, HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
        guard(response)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method != "POST":
            return await self._shown(request)
        address = address_of(request)
        wait_s = self._attempts.wait_s(address)
        if wait_s:
            sentence = f"Too many attempts from your address have failed; try again in {wait_s} seconds."
            return self._form(request, HTTPStatus.TOO_MANY_REQUESTS, sentence, {"retry-after": str(wait_s)})
        if not forgery.is_ours(request):
            return self._form(request, HTTPStatus.FORBIDDEN, _FORGED)
        form = await forms.read(request)
        if self._by_link and not forms.text(form, "confirmed"):
            visitor = await visitor_of(request)
            if visitor is not None:
                # Somebody else may have sent the link, to have things made in a gateway of his own.
                code = forms.text(form, "code")[:MAX_TOKEN_CHARS]
                around = frame.alone(request)
                return page("enter_again.html", **around, gateway=visitor.gateway.name, code=code)
        token_hash = await self._token_hash(request, form)
        context: RelayContext = request.app.state.context
        access = token_hash and await context.store.run(gateways.access(token_hash))
        if not token_hash or not access:
            self._attempts.failed(address)
            _log.warning("sign_in_refused", client=address, by_link=self._by_link)
            return self._form(request, HTTPStatus.FORBIDDEN, _SPENT if self._by_link else _UNKNOWN)
        _log.info("signed_in", client=address, gateway=access.gateway.id, by_link=self._by_link)
        response = RedirectResponse(HOME, HTTPStatus.SEE_OTHER)
        session.keep(response, request, session.begun(context, token_hash))
        return response

    async def _shown(self, request: Request) -> Response:
        if self._by_link:
            return page("enter.html", **frame.alone(request))
        if await visitor_of(request) is not None:
            return RedirectResponse(HOME, HTTPStatus.SEE_OTHER)
        told = said.taken(request)
        response = self._form(request, HTTPStatus.OK, "" if told is None else str(told["sentence"]))
        said.forget(response, request)
        return response

    async def _token_hash(self, request: Request, form: FormData) -> str | None:
        if not self._by_link:
            token = forms.text(form, "token")
            return hashed(token) if 0 < len(token) <= MAX_TOKEN_CHARS else None
        code = forms.text(form, "code")
        if not 0 < len(code) <= MAX_TOKEN_CHARS:
            return None
        context: RelayContext = request.app.state.context
        user = urlsafe_b64encode(context.entropy(_USER_BYTES)).decode()
        return await context.store.run(sign_in.use(hashed(code), user))

    def _form(
        self, request: Request, status: int, sentence: str, headers: dict[str, str] | None = None
    ) -> Response:
        response = page("sign_in.html", status, **frame.alone(request), sentence=sentence)
        response.headers.update(headers or {})
        return response


async def leave(visitor: Visitor) -> Response:
    """POST /dashboard/sign-out: this browser forgets the session."""
    response = said.redirect(visitor.request, SIGN_IN, "You have signed out.")
    session.forget(response, visitor.request)
    return response
