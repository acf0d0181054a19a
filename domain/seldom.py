"""Seldom: what strangers can cause again and again is told once a minute, with how often it was."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

INTERVAL_MS: Final = 60_000

MOST_KINDS: Final = 1000
"""So much is told within an interval, and not more, however many kinds of things strangers invent."""

_OTHERS: Final[tuple[str, ...]] = ()
"""The kind of all that there was no room for."""


@dataclass(slots=True)
class _Told:
    at: int
    untold: int = 0


class Seldom:
    """Counts what happens, by kind, until it is time to tell again.

    A kind is forgotten when others need its room and its interval is over. While there is no such kind, all
    new ones are one together: the latest of them is told, with how many there were.
    """

    def __init__(self) -> None:
        # In the order in which they were told last.
        self._told: OrderedDict[tuple[str, ...], _Told] = OrderedDict()

    def happened(self, kind: tuple[str, ...], now_ms: int) -> int:
        """How many of a kind are to be told now, this one included; 0: later.

        Args:
            kind: what happened, and to whom; not empty.
            now_ms: Unix time in milliseconds.
        """
        if kind not in self._told and not self._has_room(now_ms):
            kind = _OTHERS
        told = self._told.get(kind)
        if told is not None and now_ms - told.at < INTERVAL_MS:
            told.untold += 1
            return 0
        self._told[kind] = _Told(now_ms)
        self._told.move_to_end(kind)
        return 1 if told is None else told.untold + 1

    def _has_room(self, now_ms: int) -> bool:
        """Whether one more kind can be told, beside that of all others; makes room if it can."""
        if len(self._told) < MOST_KINDS - 1:
            return True
        oldest = next(kind for kind in self._told if kind != _OTHERS)
        if now_ms - self._told[oldest].at < INTERVAL_MS:
            return False
        del self._told[oldest]
        return True
