"""Closing a connection on a sender who is still speaking, so that our last word reaches it.

The kernel answers what arrives on a closed connection with a reset, and a reset makes the other end forget
what it has not read yet: our 413, for example, of which a proxy then makes a 502. So we stop writing and let
the other end finish, within bounds, before we close (as nginx does: https://nginx.org/r/lingering_close).
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

LONGEST_S: Final = 5.0
MOST_BYTES: Final = 32 * 1024 * 1024


def _nobody_hears(_data: bytes) -> None:
    """Takes what is written after the last word."""


class LingeringTransport:
    """A transport whose `close` waits for the other end to stop speaking. All else is the transport's."""

    def __init__(
        self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, is_speaking: Callable[[], bool]
    ) -> None:
        """A transport around another one.

        Args:
            transport: what it is a transport to.
            loop: its event loop.
            is_speaking: says whether the other end is in the middle of a request.
        """
        self._transport = transport
        self._loop = loop
        self._is_speaking = is_speaking
        self._left = MOST_BYTES
        self._clock: asyncio.TimerHandle | None = None
        self._is_in_hurry = False
        # Called for every request; no detour.
        self.write = transport.write
        self.get_extra_info = transport.get_extra_info

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a transport has
        return getattr(self._transport, name)

    @property
    def is_lingering(self) -> bool:
        """Whether what arrives is to be given to `discard`, and to nobody else."""
        return self._clock is not None

    def is_closing(self) -> bool:
        """Whether nothing can be written any more."""
        return self.is_lingering or self._transport.is_closing()

    def close(self) -> None:
        """Close, at once if the other end has finished."""
        if self.is_lingering or self._transport.is_closing():
            return
        if self._is_in_hurry or not self._is_speaking():
            self._transport.close()
            return
        self._clock = self._loop.call_later(LONGEST_S, self._transport.abort)
        # The last word was said: an earlier request on this connection may still be answered by somebody.
        self.write = _nobody_hears
        # TLS has no end of one direction; there our "connection: close" has to be enough.
        if self._transport.can_write_eof():
            self._transport.write_eof()
        self._transport.resume_reading()

    def close_now(self) -> None:
        """Close without waiting: the other end had its time."""
        if not self.is_closing():
            self._transport.close()

    def hurry(self) -> None:
        """From now on nobody is waited for: the whole door closes."""
        self._is_in_hurry = True
        if self.is_lingering:
            self._transport.close()

    def discard(self, size: int) -> None:
        """That many bytes arrived, and nobody wants them."""
        self._left -= size
        if self._left < 0:
            self._transport.abort()

    def lost(self) -> None:
        """The connection is gone."""
        if self._clock is not None:
            self._clock.cancel()
