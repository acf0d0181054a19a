"""Attempts to sign in: how many may fail. Tokens cannot be guessed; this bounds what guessing costs us."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

MOST: Final = 10
"""Failures of one address in a window."""

WINDOW_MS: Final = 60_000
_ADDRESSES: Final = 10_000


class Attempts:
    """Counts failures by address, in windows that begin with the first; bounded in memory."""

    def __init__(self, clock_ms: Callable[[], int]) -> None:
        self._clock_ms = clock_ms
        self._failures: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def wait_s(self, address: str) -> int:
        """Seconds until an address may try again; 0: now."""
        began_at, count = self._failures.get(address, (0, 0))
        left_ms = began_at + WINDOW_MS - self._clock_ms()
        return -(-left_ms // 1000) if count >= MOST and left_ms > 0 else 0

    def failed(self, address: str) -> None:
        """An address has failed once more."""
        now_ms = self._clock_ms()
        began_at, count = self._failures.pop(address, (now_ms, 0))
        if now_ms - began_at >= WINDOW_MS:
            began_at, count = now_ms, 0
        self._failures[address] = (began_at, count + 1)
        if len(self._failures) > _ADDRESSES:
            self._failures.popitem(last=False)
