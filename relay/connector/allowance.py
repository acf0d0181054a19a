"""Allowance: how long an attempt may be silent, and how often the relay hears that it is not."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from domain.delivery import LONGEST_ATTEMPT_S

OVERTIME_S: Final = 2.0
"""A target keeps the time itself; this is the net beneath it."""

SAID_EVERY_S: Final = 10.0
"""How often the relay is told of one attempt, at most."""


class Allowance:
    """The time of one attempt. It begins anew with each sign of life, within what an attempt may take.

    The relay hears of the first sign at once. Signs that follow too soon are told together a little later,
    which is always before the attempt's time is over for the relay.
    """

    def __init__(self, timeout_s: float, say_alive: Callable[[], None]) -> None:
        """Not begun yet.

        Args:
            timeout_s: the longest silence, in seconds.
            say_alive: tells the relay.
        """
        self._timeout_s = timeout_s
        self._say_alive = say_alive
        self._pause_s = min(SAID_EVERY_S, timeout_s)
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._net = asyncio.timeout_at(self._began + timeout_s + OVERTIME_S)
        self._pause: asyncio.TimerHandle | None = None
        self._is_owed = False
        self._is_over = False

    async def __aenter__(self) -> Self:
        await self._net.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over = True
        if self._pause is not None:
            self._pause.cancel()
        await self._net.__aexit__(kind, error, trace)

    def keep_alive(self) -> None:
        """The attempt still works. Afterwards, and while its time runs out, this does nothing."""
        if self._is_over or self._net.expired():
            return
        self._net.reschedule(self._ends_at())
        if self._pause is None:
            self._tell()
        else:
            self._is_owed = True

    def _ends_at(self) -> float:
        return min(self._loop.time() + self._timeout_s, self._began + LONGEST_ATTEMPT_S) + OVERTIME_S

    def _tell(self) -> None:
        self._is_owed = False
        self._pause = self._loop.call_later(self._pause_s, self._pause_is_over)
        self._say_alive()

    def _pause_is_over(self) -> None:
        self._pause = None
        if self._is_owed:
            self._tell()
