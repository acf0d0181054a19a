"""Back-off: how long to wait before the next try, so that many connectors do not come back at once."""

from collections.abc import Callable
from typing import Final

FIRST_S: Final = 0.1
LONGEST_S: Final = 30.0


class Backoff:
    """Pauses that double from FIRST_S to LONGEST_S, each shortened by chance by up to a half."""

    def __init__(self, dice: Callable[[], float]) -> None:
        """A fresh back-off.

        Args:
            dice: a random number in [0, 1).
        """
        self._dice = dice
        self._pause_s = FIRST_S

    def next_s(self) -> float:
        """The pause before the next try, in seconds."""
        pause_s = self._pause_s * (1 - self._dice() / 2)
        self._pause_s = min(2 * self._pause_s, LONGEST_S)
        return pause_s

    def reset(self) -> None:
        """The last try was a success."""
        self._pause_s = FIRST_S
