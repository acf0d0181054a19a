"""The protocols of the owner's door: uvicorn's, with bounds on how slow the other end may be."""

import asyncio
from typing import TYPE_CHECKING, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent

HEAD_LIMIT_BYTES: Final = 32 * 1024
HEAD_TIMEOUT_S: Final = 10.0
LINGER_S: Final = 5.0


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
    """A WebSocket that does not outlive its application because the other end does not read what is left."""

    async def send(self, message: "ASGISendEvent") -> None:
        """Send, and know that a refusal ends the handshake, too.

        uvicorn knows it of `websocket.close` only. After a denial response it would call the application
        broken, at error level, for every connector that has a wrong token.
        """
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            self.handshake_complete = True

    async def run_asgi(self) -> None:
        """Run the application, then leave the other end LINGER_S to take the rest."""
        try:
            await super().run_asgi()
        finally:
            self.loop.call_later(LINGER_S, self.transport.abort)
