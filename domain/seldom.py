"""Seldom: what strangers can cause again and again is told once a minute, with how often it was."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

INTERVAL_MS: Final = 60_000
_KINDS: Final = 1000


@dataclass(slots=True)
class _Told:
    at: int
    untold: int = 0


class Seldom:
    """Counts what happens, by kind, until it is time to tell again. Bounded: old kinds are forgotten."""

    def __init__(self) -> None:
        self._told: OrderedDict[tuple[str, ...], _Told] = OrderedDict()

    def happened(self, kind: tuple[str, ...], now_ms: int) -> int:
        """How many of a kind are to be told now, this one included; 0: later.

        Args:
            kind: what happened, and to whom.
            now_ms: Unix time in milliseconds.
        """
        told = self._told.get(kind)
        if told is not None and now_ms - told.at < INTERVAL_MS:
            told.untold += 1
            return 0
        self._told[kind] = _Told(now_ms)
        self._told.move_to_end(kind)
        if len(self._told) > _KINDS:
            self._told.popitem(last=False)
        return 1 if told is None else told.untold + 1
