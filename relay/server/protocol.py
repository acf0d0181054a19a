"""The protocols of the owner's door: uvicorn's, with bounds on how slow the other end may be."""

import asyncio
from typing import TYPE_CHECKING, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent

HEAD_LIMIT_BYTES: Final = 32 * 1024
HEAD_TIMEOUT_S: Final = 10.0
LINGER_S: Final = 5.0
WRITE_TIMEOUT_S: Final = 10.0
"""What a connection may take to make room for the next fragment."""

FRAGMENT_BYTES: Final = 64 * 1024


class DoorProtocol(H11Protocol):
    """HTTP that closes a connection on which no request becomes complete for HEAD_TIMEOUT_S to twice that."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - as in uvicorn
        """Start to watch."""
        super().connection_made(transport)
        self._seen = None
        self._clock = self.loop.call_later(HEAD_TIMEOUT_S, self._watch)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop to watch."""
        self._clock.cancel()
        super().connection_lost(exc)

    def _watch(self) -> None:
        if self.transport.is_closing() or self.transport.get_protocol() is not self:
            return  # gone, or a WebSocket now
        # A request whose answer was given long ago, too: nobody waits for the rest of its body.
        answered = self.cycle is not None and self.cycle.response_complete  # pyright: ignore[reportUnnecessaryComparison]
        is_over = self.conn.their_state is h11.IDLE or answered
        if is_over and self.cycle is self._seen:
            self.transport.close()
            return
        self._seen = self.cycle
        self._clock = self.loop.call_later(HEAD_TIMEOUT_S, self._watch)


class TunnelProtocol(WebSocketsSansIOProtocol):
    """A WebSocket that keeps little in memory and does not outlive its application."""

    async def send(self, message: "ASGISendEvent") -> None:
        """Send, bytes in fragments, and know that a refusal ends the handshake, too.

        uvicorn knows it of `websocket.close` only. After a denial response it would call the application
        broken, at error level, for every connector that has a wrong token.
        """
        if message["type"] == "websocket.send":
            data = message.get("bytes")
            if data is not None:
                await self._send_fragments(data)
                return
            if self.conn.expect_continuation_frame:
                return  # a parcel ended in its middle; only a close may follow (RFC 6455, section 5.4)
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            self.handshake_complete = True

    async def _send_fragments(self, data: bytes) -> None:
        """Send a binary message and return when nearly all of it has left this process.

        The transport never has more than a fragment or two. A pong nobody asked for follows each of them: a
        sign of life (RFC 6455, 5.5.3) for an end that waits long for the rest of the message.
        """
        await self._has_room()
        for start in range(0, max(len(data), 1), FRAGMENT_BYTES):
            part = data[start : start + FRAGMENT_BYTES]
            is_last = start + FRAGMENT_BYTES >= len(data)
            if start == 0:
                self.conn.send_binary(part, fin=is_last)
            else:
                self.conn.send_continuation(part, fin=is_last)
            if not is_last:
                self.conn.send_pong(b"")
            self.transport.write(b"".join(self.conn.data_to_send()))
            await self._has_room()

    async def _has_room(self) -> None:
        async with asyncio.timeout(WRITE_TIMEOUT_S):
            await self.writable.wait()
        if self.disconnected or self.close_sent or self.transport.is_closing():
            raise ClientDisconnected

    async def run_asgi(self) -> None:
        """Run the application, then leave the other end LINGER_S to take the rest."""
        try:
            await super().run_asgi()
        finally:
            self.loop.call_later(LINGER_S, self.transport.abort)
