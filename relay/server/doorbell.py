"""The doorbell: one pub/sub connection per process, which wakes the tunnels that have something to take."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import structlog
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from relay.server.context import RelayContext
from relay.server.switchboard import Switchboard
from store import keys

_SILENCE_S: Final = 5.0
_FIRST_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 2.0
_REVOKED: Final = "revoked "

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


async def listen(context: RelayContext, switchboard: Switchboard) -> None:
    """Pass bells on for ever, over as many connections as that takes."""
    pause_s = _FIRST_PAUSE_S
    while True:
        try:
            async with _pubsub(context) as pubsub:
                await pubsub.subscribe(keys.BELL)
                async for message in _messages(pubsub):
                    pause_s = _FIRST_PAUSE_S
                    pass_on(message, switchboard)
        except (RedisError, OSError) as error:
            _log.warning("doorbell_lost", error=type(error).__name__, again_in_s=pause_s)
        await asyncio.sleep(pause_s * (0.5 + context.dice() / 2))
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)


def _pubsub(context: RelayContext) -> Any:  # noqa: ANN401 - redis-py leaves most of its types open
    return context.store.client.pubsub()  # pyright: ignore[reportUnknownMemberType]


async def _messages(pubsub: Any) -> AsyncIterator[dict[str, Any]]:  # noqa: ANN401 - likewise
    """What comes in. A connection that says nothing is asked whether it lives."""
    asked = False
    while True:
        message = await pubsub.get_message(timeout=_SILENCE_S)
        if message is not None:
            asked = False
            yield message
        elif asked:
            raise RedisConnectionError("The bell does not answer.")
        else:
            asked = True
            await pubsub.ping()


def pass_on(message: dict[str, Any], switchboard: Switchboard) -> None:
    """Wake whom a message concerns."""
    match message["type"]:
        case "subscribe":
            # A new connection; redis-py also reconnects by itself, and says no more about it than this.
            switchboard.doubt()
        case "message":
            text: str = message["data"].decode()
            if text.startswith(_REVOKED):
                switchboard.revoke(text.removeprefix(_REVOKED))
            else:
                switchboard.ring(text)
        case _:
            pass
