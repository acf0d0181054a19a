"""Complaints: refusals that the operator should know of, told once in a while, not once for each."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog

_INTERVAL_MS: Final = 60_000
_REMEMBERED: Final = 1000
_log = structlog.get_logger()


@dataclass(slots=True)
class _Told:
    at: int
    untold: int = 0


class Complaints:
    """Logs refusals of one kind at most once a minute, with how many there were."""

    def __init__(self, clock_ms: Callable[[], int]) -> None:
        self._clock_ms = clock_ms
        self._told: OrderedDict[tuple[str, str], _Told] = OrderedDict()

    def not_accepted(self, gateway: str, webhook: str, verdict: str) -> None:
        """An event was refused: the verdict says why, or which limit of its gateway was reached."""
        if times := self._to_tell((gateway, verdict)):
            _log.warning("not_accepted", verdict=verdict, gateway=gateway, webhook=webhook, times=times)

    def accept_failed(self, error: str) -> None:
        """Redis could not be asked; `error` is the kind of error."""
        if times := self._to_tell(("", error)):
            _log.error("accept_failed", error=error, times=times)

    def _to_tell(self, kind: tuple[str, str]) -> int:
        """How many of a kind are to be told now; 0: later."""
        now = self._clock_ms()
        told = self._told.get(kind)
        if told is not None and now - told.at < _INTERVAL_MS:
            told.untold += 1
            return 0
        self._told[kind] = _Told(now)
        self._told.move_to_end(kind)
        if len(self._told) > _REMEMBERED:
            self._told.popitem(last=False)
        return 1 if told is None else told.untold + 1
