"""Patience: what is waited for, and may be given up before its time."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress


class Patience:
    """One wait at a time that somebody else can end."""

    def __init__(self) -> None:
        self._limit: asyncio.Timeout | None = None

    def lose(self) -> None:
        """End the wait now, if there is one."""
        if self._limit is not None and not self._limit.expired():
            self._limit.reschedule(asyncio.get_running_loop().time())

    @asynccontextmanager
    async def kept(self, longest_s: float | None = None) -> AsyncGenerator[None]:
        """Wait for what is in the block.

        Args:
            longest_s: patience is lost by itself after so many seconds; None: never.

        Raises:
            TimeoutError: patience was lost.
        """
        try:
            async with asyncio.timeout(longest_s) as self._limit:
                yield
        finally:
            self._limit = None

    async def rest(self, pause_s: float) -> None:
        """Do nothing for so many seconds, or until patience is lost."""
        with suppress(TimeoutError):
            async with self.kept(pause_s):
                await asyncio.Event().wait()
