"""The doorbell: one ear per process on the bell; it wakes the tunnels that have something to take."""

import asyncio
from typing import Final

import structlog
from redis.exceptions import RedisError

from relay.server.context import RelayContext
from relay.server.switchboard import Switchboard
from store.bell import Named, Renewed, Revoked, Ring, Rung, hearing

_FIRST_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 2.0

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


async def listen(context: RelayContext, switchboard: Switchboard) -> None:
    """Pass rings on for ever, over as many connections as that takes."""
    pause_s = _FIRST_PAUSE_S
    while True:
        try:
            async with hearing(context.store) as bell:
                while True:
                    pass_on(await bell.next(), switchboard)
                    pause_s = _FIRST_PAUSE_S
        except (RedisError, OSError) as error:
            switchboard.is_deaf = True
            _log.warning("doorbell_lost", error=type(error).__name__, again_in_s=pause_s)
        await asyncio.sleep(pause_s * (1 - context.dice() / 2))
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)


def pass_on(ring: Ring, switchboard: Switchboard) -> None:
    """Wake whom a ring concerns."""
    match ring:
        case Rung(subscription):
            switchboard.ring(subscription)
        case Revoked(gateway):
            switchboard.revoke(gateway)
        case Named(gateway):
            switchboard.doubt(gateway)
        case Renewed():
            switchboard.is_deaf = False
            switchboard.doubt()
