"""Complaints: refusals that the operator should know of, told once in a while, not once for each."""

from collections.abc import Callable

import structlog

from domain.seldom import Seldom

_log = structlog.get_logger()


class Complaints:
    """Logs refusals of one kind at most once a minute, with how many there were."""

    def __init__(self, clock_ms: Callable[[], int]) -> None:
        self._clock_ms = clock_ms
        self._seldom = Seldom()

    def not_accepted(self, gateway: str, webhook: str, verdict: str) -> None:
        """An event was refused: the verdict says why, or which limit of its gateway was reached."""
        if times := self._seldom.happened((gateway, verdict), self._clock_ms()):
            _log.warning("not_accepted", verdict=verdict, gateway=gateway, webhook=webhook, times=times)

    def accept_failed(self, error: str) -> None:
        """Redis could not be asked; `error` is the kind of error."""
        if times := self._seldom.happened((error,), self._clock_ms()):
            _log.error("accept_failed", error=error, times=times)

    def webhook_unusable(self, webhook: str, error: str) -> None:
        """The secrets of a webhook cannot be opened, or its parameters do not fit; `error` says which."""
        if times := self._seldom.happened(("unusable", webhook), self._clock_ms()):
            _log.error("webhook_unusable", webhook=webhook, error=error, times=times)

    def no_git_receiver(self, gateway: str) -> None:
        """Somebody called `/`, and the gateway that was named for it has no Git receiver, or is unknown."""
        if times := self._seldom.happened(("no_git_receiver",), self._clock_ms()):
            _log.warning("no_git_receiver", gateway=gateway, times=times)
