"""The steps of the demo: what was done, and how many milliseconds it took."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from cli.answers import say
from cli.service import Service


class Steps:
    """Prints a line for each step with the time since the one before."""

    def __init__(self) -> None:
        self._since = time.perf_counter()

    def begin(self) -> None:
        """Count from now."""
        self._since = time.perf_counter()

    def done(self, what: str, at: float | None = None) -> None:
        """A step is done.

        Args:
            what: the step.
            at: when, on the clock of `time.perf_counter`; now unless it is given.
        """
        now = time.perf_counter() if at is None else at
        say(f"{(now - self._since) * 1000:8.1f} ms  {what}")
        self._since = time.perf_counter()

    def timed(self, service: Service) -> Service:
        """The same service, announcing that it is up."""
        ask = service.ready or _at_once

        return replace(service, ready=self._announcing(service.name, ask))

    def _announcing(self, name: str, ask: Callable[[], Awaitable[bool]]) -> Callable[[], Awaitable[bool]]:
        async def ready() -> bool:
            up = await ask()
            if up:
                self.done(f"{name} is up")
            return up

        return ready


async def _at_once() -> bool:
    return True
