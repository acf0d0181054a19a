"""An event loop whose clock jumps to the next timer: twelve hours pass in no time, to the millisecond."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class JumpingLoop(asyncio.SelectorEventLoop):
    """For code that waits for timers alone, never for another process."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def time(self) -> float:
        return self.now

    def _run_once(self) -> None:
        timers = [timer.when() for timer in self._scheduled if not timer.cancelled()]
        if not self._ready and timers:
            self.now = max(self.now, min(timers))
        super()._run_once()


def jumping(work: Coroutine[Any, Any, T]) -> T:
    """What comes of a coroutine; its clock begins at 0."""
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(work)
