"""How full Redis is.

Above the high water mark nothing is accepted, so that what is there can still drain: a Redis at its
maxmemory refuses RQ's own writes too.
"""

import asyncio
from typing import Final

import structlog
from redis.exceptions import RedisError

from ingress.context import IngressContext
from store.memory import used_share

_INTERVAL_S: Final = 1.0
_log = structlog.get_logger()


class Pressure:
    """Watches Redis' memory."""

    def __init__(self, context: IngressContext) -> None:
        self._context = context
        self.high = False

    async def watch(self) -> None:
        """Look once a second, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(_INTERVAL_S)

    async def look(self) -> None:
        """Look once."""
        try:
            share = await self._context.store.run(used_share())
        except RedisError as error:
            # The requests themselves find out, and answer 503.
            _log.warning("redis_unreachable", error=type(error).__name__)
            return
        high = share > self._context.high_water
        if high != self.high:
            _log.warning("redis_memory_high" if high else "redis_memory_normal", share=round(share, 3))
        self.high = high
