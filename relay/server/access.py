"""Access: which gateway stands behind a connection. Everything of an owner's hangs on this one answer."""

from typing import Final

from starlette.requests import HTTPConnection

from domain.client import client_of
from domain.gateway import Gateway
from relay.server.context import RelayContext
from store import gateways
from store.gateways import Access
from store.tokens import MAX_TOKEN_CHARS, hashed

_SCHEME: Final = "bearer"


def bearer_token(connection: HTTPConnection) -> str | None:
    """The token of the Authorization header (RFC 6750, section 2.1), None when there is no usable one.

    Nothing else is looked at: tokens in URLs end up in logs and histories.
    """
    values = connection.headers.getlist("authorization")
    if len(values) != 1:
        return None
    scheme, _, token = values[0].strip().partition(" ")
    token = token.strip()
    usable = scheme.lower() == _SCHEME and 0 < len(token) <= MAX_TOKEN_CHARS
    return token if usable else None


async def gateway_of(connection: HTTPConnection) -> Gateway | None:
    """The gateway whose access token a request or WebSocket brings, None when it brings none that opens.

    The token is looked up by its hash, in one round trip; how long that takes says nothing about tokens.

    Raises:
        redis.exceptions.RedisError: Redis is away.
    """
    access = await access_of(connection)
    return access.gateway if access else None


async def access_of(connection: HTTPConnection) -> Access | None:
    """The same, with the time that the token has left.

    Raises:
        redis.exceptions.RedisError: Redis is away.
    """
    token = bearer_token(connection)
    if token is None:
        return None
    context: RelayContext = connection.app.state.context
    return await context.store.run(gateways.access(hashed(token)))


def address_of(connection: HTTPConnection) -> str:
    """Where a connection comes from, as far as trusted proxies vouch for it; for the log."""
    context: RelayContext = connection.app.state.context
    client = client_of(
        None if connection.client is None else connection.client.host,
        is_secure=connection.url.is_secure,
        forwarded_for=[value.encode("latin-1") for value in connection.headers.getlist("x-forwarded-for")],
        forwarded_proto=[],
        trusted=context.trusted,
    )
    return "unknown" if client.address is None else str(client.address)
