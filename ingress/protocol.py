"""The HTTP protocol of the public door: uvicorn's, with bounds on what a stranger can make us wait for.

uvicorn on httptools sets no limit to the size of a request's head nor to the time it takes; one sender could
fill the memory or hold connections for ever. Both are bounded here, before any of our code runs, and so are
the time of a body, the number of connections, and the bytes of all their bodies together.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from ingress.lingering import LingeringTransport
from ingress.room import STATE_KEY, Room, Share, share_in

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application

_BYTES_PER_HEADER: Final = 4  # ": " and the line's end
_MOST_PIPELINED: Final = 16
"""Requests that may wait on a connection for the answer to the one before them."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a connection may cost us.

    Attributes:
        head_bytes: of a request's head; more is answered 431.
        head_timeout_s: for a request's head; later is answered 408.
        body_timeout_s: for a request's body; later is answered 408.
        connections: at a time; the requests of further ones are answered by `busy`.
        busy: tells a sender to come again.
        body_room: bytes of bodies and their sealed copies that all connections hold together.
        refused: is told of each request that is refused before any code sees it: the status, and why.
    """

    head_bytes: int
    head_timeout_s: float
    body_timeout_s: float
    connections: int
    busy: ASGIApp
    body_room: int
    refused: Callable[[int, str], None] = lambda _status, _reason: None


_REASONS: Final = {400: "malformed", 408: "slow", 431: "long_head", 501: "upgrade"}


class _RefusedError(Exception):
    """Stops the parser."""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol within bounds. `bounded` makes the class that uvicorn is given."""

    bounds: Bounds
    room: Room
    _lingering: LingeringTransport
    _share: Share

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._served = cast("ASGIApp", config.loaded_app)
        self._received = 0
        self._framing = 0
        self._in_head = True
        self._refusal = 0
        self._deadline: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the clock: a connection that says nothing is slow, too."""
        tcp = cast("asyncio.Transport", transport)
        self._lingering = LingeringTransport(tcp, self.loop, self._is_mid_request)
        super().connection_made(cast("asyncio.Transport", self._lingering))
        self._start_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clocks."""
        self._stop_clock()
        self._writing_goes_on()
        self._lingering.lost()
        super().connection_lost(exc)
        # Requests behind one that has no answer yet: nobody will serve them.
        for cycle, _ in self.pipeline:
            share_in(cycle.scope).leave()

    def pause_writing(self) -> None:
        """Do not wait for ever for a sender that does not read its answers."""
        super().pause_writing()
        self._writing_goes_on()
        self._stalled = self.loop.call_later(self.bounds.body_timeout_s, self.transport.abort)

    def resume_writing(self) -> None:
        """It reads again."""
        self._writing_goes_on()
        super().resume_writing()

    def shutdown(self) -> None:
        """The server stops."""
        self._lingering.hurry()
        super().shutdown()

    def data_received(self, data: bytes) -> None:
        """Count what belongs to a head, and keep the clock running while anything is missing."""
        if self._lingering.is_lingering:
            self._lingering.discard(len(data))
            return
        if self._in_head:
            self._received += len(data)
        else:
            self._framing += len(data)
        super().data_received(data)
        if self._in_head and self._received > self.bounds.head_bytes:
            self._refuse(431)
        elif not self._in_head and self._framing > self.bounds.head_bytes:
            # Trailers, which httptools gathers without a limit, or chunks that are all extension.
            self._refuse(431)
        elif self._deadline is None and (not self._in_head or self._received):
            self._start_clock()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body: what framed it is over. No body, however long, earns its trailers room."""
        self._framing = 0
        if not self.cycle.response_complete and not self._share.take(len(body)):
            # It is told when it reads on (`ingress.body`). Until then nothing more is taken from the sender.
            self.flow.pause_reading()
            self.cycle.message_event.set()
            return
        super().on_body(body)

    def on_headers_complete(self) -> None:
        """The head is complete: judge it, and let the request in."""
        # Behind another request what was received is not known: the head itself is measured.
        if self._head_size() > self.bounds.head_bytes:
            self._refusal = 431
            raise _RefusedError
        if self.parser.should_upgrade():  # pyright: ignore[reportOptionalMemberAccess] - gone when lost only
            # httptools takes what follows for the other protocol: the body would be lost behind a 202.
            self._refusal = 501
            raise _RefusedError
        if len(self.pipeline) >= _MOST_PIPELINED:
            # uvicorn queues without a limit. An answer of ours would be taken for that of an earlier request,
            # so there is none (RFC 9112, section 9.3.2: such a client sends again).
            self._refusal = 400
            self._lingering.abort()
            raise _RefusedError
        self._in_head = False
        self._framing = 0
        self._stop_clock()
        crowded = len(self.connections) > self.bounds.connections
        chosen = self.bounds.busy if crowded else self._served
        if crowded:
            self.bounds.refused(503, "busy")
        self._share = Share(self.room)
        self.scope.setdefault("state", {})[STATE_KEY] = self._share
        self.app = cast("ASGI3Application", partial(self._share.serve, chosen))
        super().on_headers_complete()
        # Trailers would join the headers, and they are not headers (RFC 9110, section 6.5.1). What gathers
        # here instead is bounded by the framing.
        self.headers = []

    def on_message_complete(self) -> None:
        """What follows is a head again."""
        self._in_head = True
        self._received = 0
        self._stop_clock()
        super().on_message_complete()

    def on_message_begin(self) -> None:
        """A head begins. Behind another request how much of it is here is not known, but there is some."""
        self._received = self._received or 1
        super().on_message_begin()

    def send_400_response(self, msg: str) -> None:
        """Say why instead when it was us who stopped the parser."""
        if self._refusal or not self._may_speak():
            self._refuse(self._refusal)
        else:
            self.bounds.refused(400, _REASONS[400])
            super().send_400_response(msg)

    def _unsupported_upgrade_warning(self) -> None:
        """Nothing: uvicorn's advice is wrong here, and a stranger must not fill the log."""

    def _is_mid_request(self) -> bool:
        return not self._in_head or self._received > 0

    def _head_size(self) -> int:
        # What was received may hold the body already, or the next request.
        lines = sum(len(name) + len(value) + _BYTES_PER_HEADER for name, value in self.headers)
        return len(self.url) + lines

    def _start_clock(self) -> None:
        timeout_s = self.bounds.head_timeout_s if self._in_head else self.bounds.body_timeout_s
        self._deadline = self.loop.call_later(timeout_s, self._too_slow)

    def _stop_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _writing_goes_on(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _too_slow(self) -> None:
        self._deadline = None
        # A request that waits for its answer is not late; the next head on its connection has not begun.
        waits = self.cycle is not None and not self.cycle.response_complete  # pyright: ignore[reportUnnecessaryComparison]
        if not (self._in_head and waits) and not self.transport.is_closing():
            self._say(408)
            self._lingering.close_now()

    def _refuse(self, status: int) -> None:
        if not self.transport.is_closing():
            self._say(status)
            self.transport.close()

    def _may_speak(self) -> bool:
        """Whether what is said now is an answer to what is being read, and not taken for that of another."""
        if self.cycle is None:  # pyright: ignore[reportUnnecessaryComparison] - before the first request
            return True
        if self._in_head:
            return self.cycle.response_complete
        return not self.pipeline and not self.cycle.response_started

    def _say(self, status: int) -> None:
        if self._may_speak():
            self._answer(status)

    def _answer(self, status: int) -> None:
        self.bounds.refused(status, _REASONS[status])
        self.transport.write(STATUS_LINE[status] + b"connection: close\r\ncontent-length: 0\r\n\r\n")


def bounded(bounds: Bounds) -> type[BoundedProtocol]:
    """The protocol with these bounds, and a room of its own."""
    return type("BoundedProtocol", (BoundedProtocol,), {"bounds": bounds, "room": Room(bounds.body_room)})
