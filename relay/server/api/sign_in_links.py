"""Links that open the dashboard once, without the access token."""

from http import HTTPStatus
from typing import Final

from starlette.responses import JSONResponse, Response

from relay.server.access import origin_of, token_hash_of
from relay.server.api.resource import Visit
from relay.server.api.views import moment
from store import sign_in, tokens

ENTRANCE: Final = "/dashboard/enter"
"""The page that takes a code out of its own address. Behind the #, it never leaves the browser by itself."""


async def create(visit: Visit) -> Response:
    """POST /sign-in-links: it opens as long as the access token that asks does, and once."""
    # Nobody is a visitor without a token; "" would open nothing.
    token_hash = token_hash_of(visit.request) or ""
    code = tokens.url_token(visit.context.entropy(sign_in.CODE_BYTES))
    await visit.context.store.run(sign_in.offer(tokens.hashed(code), token_hash))
    ends_at = visit.context.clock_ms() + sign_in.LIFE_MS
    return JSONResponse(
        {"url": f"{origin_of(visit.request)}{ENTRANCE}#{code}", "expires_at": moment(ends_at)},
        HTTPStatus.CREATED,
    )
