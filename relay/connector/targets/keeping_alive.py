"""Keeping alive: the relay is told that an attempt still works, for as long as it does."""

import asyncio
from typing import Final

from relay.connector.target import KeepAlive

_LONGEST_S: Final = 5.0


class KeepingAlive:
    """Says at once, and then again and again, that an attempt still works; until its block ends."""

    def __init__(self, keep_alive: KeepAlive, silence_s: float) -> None:
        """Nothing is said yet.

        Args:
            keep_alive: says it.
            silence_s: the longest silence that the relay allows, in seconds.
        """
        self._keep_alive = keep_alive
        self._pause_s = min(silence_s / 3, _LONGEST_S)

    def __enter__(self) -> None:
        self._say()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _say(self) -> None:
        self._keep_alive()
        self._timer = asyncio.get_running_loop().call_later(self._pause_s, self._say)
