"""Refusals: tunnels that never began, told once in a while. A refused connector tries again and again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog

_INTERVAL_MS: Final = 60_000
_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Told:
    at: int
    untold: int = 0


class Refusals:
    """Logs each reason at most once a minute, with the latest address and how many there were."""

    def __init__(self, clock_ms: Callable[[], int]) -> None:
        self._clock_ms = clock_ms
        self._told: dict[str, _Told] = {}

    def note(self, reason: str, address: str) -> None:
        """A tunnel was refused.

        Args:
            reason: one of a few words of ours; nothing that a stranger chose.
            address: where it came from.
        """
        now = self._clock_ms()
        told = self._told.get(reason)
        if told is not None and now - told.at < _INTERVAL_MS:
            told.untold += 1
            return
        times = 1 if told is None else told.untold + 1
        self._told[reason] = _Told(now)
        _log.info("tunnel_refused", reason=reason, address=address, times=times)
