"""Refusals: tunnels that never began, told once in a while. A refused connector tries again and again."""

from collections.abc import Callable

import structlog

from domain.seldom import Seldom

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Refusals:
    """Logs each reason at most once a minute, with the latest address and how many there were."""

    def __init__(self, clock_ms: Callable[[], int]) -> None:
        self._clock_ms = clock_ms
        self._seldom = Seldom()

    def note(self, reason: str, address: str) -> None:
        """A tunnel was refused.

        Args:
            reason: one of a few words of ours; nothing that a stranger chose.
            address: where it came from.
        """
        if times := self._seldom.happened((reason,), self._clock_ms()):
            _log.info("tunnel_refused", reason=reason, address=address, times=times)
