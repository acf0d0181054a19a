"""Prolonging: attempts that still work get later deadlines, many of them in one round trip."""

import asyncio
from typing import Final, NoReturn

import structlog
from redis.exceptions import RedisError

from relay.server.context import RelayContext
from store.deliveries import Prolongation, prolong

GATHERED_S: Final = 1.0
"""For how long words are gathered, in seconds; well within the grace that a deadline has."""

_PROLONGED_AT_ONCE: Final = 200

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Prolonger:
    """Prolongs attempts of all tunnels of this process.

    One word of each attempt waits at most, and only of attempts that are in flight: however often a connector
    says it, the credit of the tunnels bounds what waits, and what Redis is asked.
    """

    def __init__(self, context: RelayContext) -> None:
        self._context = context
        self._waiting: dict[tuple[str, str], Prolongation] = {}
        self._wake = asyncio.Event()

    def add(self, prolongation: Prolongation) -> None:
        """Let the time of an attempt begin anew, soon."""
        self._waiting[prolongation.session, prolongation.delivery] = prolongation
        self._wake.set()

    async def run(self) -> NoReturn:
        """Prolong for ever what is added."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(GATHERED_S)
            await self.prolong()

    async def prolong(self) -> None:
        """Prolong what waits. When Redis is away it waits on: then nobody misses a deadline, either."""
        self._wake.clear()
        keys = list(self._waiting)
        for start in range(0, len(keys), _PROLONGED_AT_ONCE):
            batch = [self._waiting.pop(key) for key in keys[start : start + _PROLONGED_AT_ONCE]]
            try:
                await self._context.store.run(prolong(batch, self._context.clock_ms()))
            except (RedisError, OSError) as error:
                _log.warning("attempts_not_prolonged", error=type(error).__name__)
                for item in batch:
                    self._waiting.setdefault((item.session, item.delivery), item)
                self._wake.set()
                return
