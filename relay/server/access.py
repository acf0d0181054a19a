"""Access: which gateway stands behind a connection. Everything of an owner's hangs on this one answer."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import HTTPConnection

from domain.client import Client, client_of
from domain.gateway import Gateway
from relay.server.context import RelayContext
from store import gateways
from store.gateways import Access
from store.tokens import MAX_TOKEN_CHARS, hashed

VOUCHED: Final = "fleet.vouched"
"""Where a scope says who is asking, when we ask ourselves. Nothing that a client sends gets into a scope."""

_SCHEME: Final = "bearer"


@dataclass(frozen=True, slots=True)
class Vouched:
    """Who is asking, as the dashboard knows it from a session.

    Attributes:
        token_hash: SHA-256 of the access token in whose name.
        access: what that opens.
    """

    token_hash: str
    access: Access


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
    vouched: Vouched | None = connection.scope.get(VOUCHED)
    if vouched is not None:
        return vouched.access
    token_hash = token_hash_of(connection)
    if token_hash is None:
        return None
    context: RelayContext = connection.app.state.context
    return await context.store.run(gateways.access(token_hash))


def token_hash_of(connection: HTTPConnection) -> str | None:
    """SHA-256 of the access token in whose name a request is made, None when there is none."""
    vouched: Vouched | None = connection.scope.get(VOUCHED)
    if vouched is not None:
        return vouched.token_hash
    token = bearer_token(connection)
    return None if token is None else hashed(token)


def address_of(connection: HTTPConnection) -> str:
    """Where a connection comes from, as far as trusted proxies vouch for it; for the log."""
    address = caller(connection).address
    return "unknown" if address is None else str(address)


def origin_of(connection: HTTPConnection) -> str:
    """What the address of this relay begins with for the caller: scheme and host."""
    scheme = "https" if caller(connection).is_secure else "http"
    return f"{scheme}://{connection.headers.get('host', '')}"


def caller(connection: HTTPConnection) -> Client:
    """Who calls, as far as trusted proxies vouch for it."""
    context: RelayContext = connection.app.state.context

    def lines(name: str) -> list[bytes]:
        return [value.encode("latin-1") for value in connection.headers.getlist(name)]

    return client_of(
        None if connection.client is None else connection.client.host,
        is_secure=connection.scope.get("scheme") in {"https", "wss"},
        forwarded_for=lines("x-forwarded-for"),
        forwarded_proto=lines("x-forwarded-proto"),
        trusted=context.trusted,
    )
