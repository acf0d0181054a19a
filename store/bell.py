"""The bell: rung when a stream has something new or a token was revoked. It may be lost; it only hastens."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from redis.exceptions import ConnectionError as RedisConnectionError

from store import keys
from store.connect import AsyncStore

_SILENCE_S: Final = 5.0
_REVOKED: Final = "revoked "
_NAMED: Final = "named "


@dataclass(frozen=True, slots=True)
class Rung:
    """A subscription has something new."""

    subscription: str


@dataclass(frozen=True, slots=True)
class Revoked:
    """The access token of a gateway was revoked."""

    gateway: str


@dataclass(frozen=True, slots=True)
class Named:
    """A subscription of a gateway was made; its name may have stood for another one."""

    gateway: str


@dataclass(frozen=True, slots=True)
class Renewed:
    """The connection to the bell is new; what rang before it was not heard."""


Ring = Rung | Revoked | Named | Renewed


class Bell:
    """A connection that hears the bell."""

    def __init__(self, pubsub: Any) -> None:  # noqa: ANN401 - redis-py leaves most of its types open
        self._pubsub = pubsub

    async def next(self) -> Ring:
        """The next ring, `Renewed` first of all. A connection that says nothing is asked whether it lives.

        Raises:
            redis.exceptions.RedisError: the connection is lost.
        """
        asked = False
        while True:
            message = await self._pubsub.get_message(timeout=_SILENCE_S)
            if message is None and asked:
                raise RedisConnectionError("The bell does not answer.")
            if message is None:
                await self._pubsub.ping()
            elif (ring := _ring(message)) is not None:
                return ring
            asked = message is None


@asynccontextmanager
async def hearing(store: AsyncStore) -> AsyncGenerator[Bell]:
    """A connection to the bell.

    Raises:
        redis.exceptions.RedisError: Redis is away.
    """
    async with store.client.pubsub() as pubsub:  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        await pubsub.subscribe(keys.BELL)
        yield Bell(pubsub)


def _ring(message: dict[str, Any]) -> Ring | None:
    match message["type"]:
        case "subscribe":
            # redis-py also reconnects by itself, and says no more about it than this.
            return Renewed()
        case "message":
            text: str = message["data"].decode()
            if text.startswith(_NAMED):
                return Named(text.removeprefix(_NAMED))
            return Revoked(text.removeprefix(_REVOKED)) if text.startswith(_REVOKED) else Rung(text)
        case _:
            return None
