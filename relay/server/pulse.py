"""The pulse: once a heartbeat, every tunnel of this process gives a sign of life and keeps its lease."""

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog
from redis.exceptions import RedisError

from relay.server.context import RelayContext
from relay.server.endings import LOST
from relay.server.switchboard import Line, Switchboard
from store import tunnels
from store.calls import together

_RENEWED_AT_ONCE: Final = 500

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


async def beat(context: RelayContext, switchboard: Switchboard) -> None:
    """Beat for ever."""
    while True:
        await asyncio.sleep(context.heartbeat_s)
        await beat_once(context, switchboard)


async def beat_once(context: RelayContext, switchboard: Switchboard) -> None:
    """One heartbeat: the leases of tunnels that give signs of life are renewed, long silent ones end.

    A lease is not renewed for a tunnel that is silent, so its deliveries need not wait for its end. Every
    tunnel also looks for deliveries, in case that a bell was lost. While nobody hears the bell, it also looks
    whether its token still opens; but not when Redis is away, which ends no tunnel.
    """
    alive = [line for line in switchboard if line.beat()]
    for line in alive:
        line.ring()
    heard = [line for line in alive if line.is_heard]
    is_answered = True
    for start in range(0, len(heard), _RENEWED_AT_ONCE):
        is_answered &= await _renew(context, heard[start : start + _RENEWED_AT_ONCE])
    if switchboard.is_deaf and is_answered:
        for line in alive:
            line.doubt()


async def _renew(context: RelayContext, lines: Sequence[Line]) -> bool:
    now_ms = context.clock_ms()
    calls = [
        tunnels.renew(line.gateway, line.tunnel, line.session, now_ms, context.lease_ms, line.round_trip_ms)
        for line in lines
    ]
    try:
        renewed = await context.store.run(together(calls))
    except (RedisError, OSError) as error:
        # The lease outlasts more than one heartbeat; the next one may find Redis back.
        _log.warning("leases_not_renewed", error=type(error).__name__)
        return False
    for line, held in zip(lines, renewed, strict=True):
        if not held:
            line.end(LOST)
    return True
