"""A target for programs in development, which are restarted all the time, or started after us."""

import asyncio
from collections.abc import Callable
from typing import Final

from domain.delivery import Outcome
from relay.connector.target import Answer, Arrival, KeepAlive, Target

LONGEST_WAIT_S: Final = 600.0
"""After so long without a program, an attempt has failed, and the retries of the gateway take over."""
POLL_S: Final = 0.5
_NOBODY: Final = frozenset({"connection refused", "no connection"})
"""Notes of attempts of which not a byte was sent: they can be made again without anybody seeing it twice."""


class PatientTarget:
    """Waits for a program that does not listen yet, instead of counting an attempt as failed.

    What it waits with is brought as soon as the program is there, not when the next retry is due.
    """

    def __init__(self, target: Target, on_waiting: Callable[[], None], on_back: Callable[[], None]) -> None:
        """A target.

        Args:
            target: the program.
            on_waiting: called when it turns out that nobody listens there.
            on_back: called when somebody does again.
        """
        self._target = target
        self._on_waiting = on_waiting
        self._on_back = on_back
        self._is_away = False
        self._giving_up = asyncio.Event()

    def stop(self) -> None:
        """Wait no more: what is waited with is given back."""
        self._giving_up.set()

    async def deliver(self, arrival: Arrival, keep_alive: KeepAlive) -> Answer:
        """Bring a delivery there, as soon as somebody listens."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + LONGEST_WAIT_S
        while True:
            answer = await self._target.deliver(arrival, keep_alive)
            is_away = _is_nobody(answer)
            self._note(is_away=is_away)
            if not is_away or loop.time() >= deadline or self._giving_up.is_set():
                return answer
            keep_alive()
            try:
                async with asyncio.timeout(POLL_S):
                    await self._giving_up.wait()
            except TimeoutError:
                continue
            return answer

    def _note(self, *, is_away: bool) -> None:
        if is_away and not self._is_away:
            self._on_waiting()
        elif self._is_away and not is_away:
            self._on_back()
        self._is_away = is_away


def _is_nobody(answer: Answer) -> bool:
    return answer.outcome is Outcome.RETRY and answer.note in _NOBODY
