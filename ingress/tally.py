"""The tally of refusals: counted here, and told to Redis at intervals, however many there are."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from redis.exceptions import RedisError

from store.connect import AsyncStore
from store.refusals import Refused, note

_INTERVAL_S: Final = 2.0
_ID_BYTES: Final = 16
_MOST: Final = 500
"""Webhooks and reasons that are told at a time. What is beyond is in the log alone (`sender_refused`)."""


class Tally:
    """Counts refusals by webhook and reason, and adds them to those of other doors."""

    def __init__(
        self, store: AsyncStore, clock_ms: Callable[[], int], entropy: Callable[[int], bytes]
    ) -> None:
        self._store = store
        self._clock_ms = clock_ms
        self._entropy = entropy
        self._counted: dict[tuple[str, str], Refused] = {}
        self._untaken: tuple[str, list[Refused]] | None = None

    def count(self, webhook: str, reason: str) -> None:
        """Something was refused at a webhook."""
        known = self._counted.get((webhook, reason))
        if known is None and len(self._counted) >= _MOST:
            return
        times = 1 if known is None else known.times + 1
        self._counted[webhook, reason] = Refused(webhook, reason, times, self._clock_ms())

    async def tell(self) -> None:
        """Tell Redis what was counted since the last time.

        Raises:
            redis.exceptions.RedisError: Redis is away or full; the same is told again the next time.
        """
        now = self._clock_ms()
        if self._untaken is None:
            if not self._counted:
                return
            self._untaken = self._entropy(_ID_BYTES).hex(), list(self._counted.values())
            self._counted = {}
        await self._store.run(note(*self._untaken, now))
        self._untaken = None

    async def watch(self) -> None:
        """Tell it at intervals, until cancelled."""
        while True:
            await asyncio.sleep(_INTERVAL_S)
            await self.tell_if_possible()

    async def tell_if_possible(self) -> None:
        """Tell it, unless Redis is away or full: what is refused is worth no more than a try."""
        with suppress(RedisError):
            await self.tell()
