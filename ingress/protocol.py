"""The HTTP protocol of the public door: uvicorn's, with bounds on the head of a request.

uvicorn on httptools sets no limit to the size of headers nor to the time they take; one sender could
fill the memory or hold connections for ever. Both are bounded here, before any of our code runs.
"""

import asyncio
from typing import Any

from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

_BYTES_PER_HEADER = 4  # ": " and the line's end


class _HeadTooLargeError(Exception):
    """Stops the parser."""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol that answers 431 to a head that is too large and 408 to one that is too slow."""

    head_limit_bytes = 32 * 1024
    head_timeout_s = 10.0
    connection_limit = 1000
    busy: ASGI3Application | None = None

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._head_parsed = 0
        self._head_raw = 0
        self._in_head = True
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the clock: a connection that says nothing is slow, too."""
        super().connection_made(transport)  # pyright: ignore[reportArgumentType]
        self._start_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count the bytes of a head that is not complete; the parser holds them back until then."""
        if self._in_head:
            self._head_raw += len(data)
            if self._deadline is None:
                self._start_clock()
        super().data_received(data)
        if self._in_head and self._head_raw > self.head_limit_bytes and not self.transport.is_closing():
            self._refuse(431)

    def on_message_begin(self) -> None:
        """A new head."""
        super().on_message_begin()
        self._head_parsed = 0

    def on_url(self, url: bytes) -> None:
        """Count."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count."""
        self._count(len(name) + len(value) + _BYTES_PER_HEADER)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is complete; what follows is bounded by the endpoint."""
        self._in_head = False
        self._stop_clock()
        if self.busy is not None and len(self.connections) > self.connection_limit:
            self.app = self.busy
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The next bytes are a head again."""
        self._in_head = True
        self._head_raw = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Say 431 instead when it was us who stopped the parser."""
        if self._head_parsed > self.head_limit_bytes:
            self._refuse(431)
        else:
            super().send_400_response(msg)

    def _count(self, size: int) -> None:
        self._head_parsed += size
        if self._head_parsed > self.head_limit_bytes:
            raise _HeadTooLargeError

    def _start_clock(self) -> None:
        self._deadline = self.loop.call_later(self.head_timeout_s, self._too_slow)

    def _stop_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._deadline = None
        # A request that waits for its answer is not late; the next head on its connection has not begun.
        if self._in_head and (self.cycle is None or self.cycle.response_complete):  # pyright: ignore[reportUnnecessaryComparison]
            self._refuse(408)

    def _refuse(self, status: int) -> None:
        if not self.transport.is_closing():
            self.transport.write(STATUS_LINE[status] + b"connection: close\r\ncontent-length: 0\r\n\r\n")
            self.transport.close()


def bounded(
    head_limit_bytes: int, head_timeout_s: float, connection_limit: int, busy: ASGI3Application
) -> type[BoundedProtocol]:
    """The protocol with these bounds.

    Args:
        head_limit_bytes: of a request's head.
        head_timeout_s: for a request's head.
        connection_limit: connections at a time.
        busy: answers the requests of connections beyond it.
    """
    bounds = {
        "head_limit_bytes": head_limit_bytes,
        "head_timeout_s": head_timeout_s,
        "connection_limit": connection_limit,
        "busy": staticmethod(busy),
    }
    return type("BoundedProtocol", (BoundedProtocol,), bounds)
