"""A wire: one WebSocket, as frames in and frames out, with a limit to how slow its other end may be."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from relay.server.protocol import WRITE_TIMEOUT_S
from relay.tunnel.codec import encode
from relay.tunnel.problem import Problem

_CLOSE_TIMEOUT_S: Final = 1.0
# RFC 6455, section 7.4.1, and the registry of close codes.
_NORMAL: Final = 1000
_POLICY: Final = 1008
_TRY_AGAIN: Final = 1013


class WireLostError(Exception):
    """The connection is gone, or its other end does not read."""


class Wire:
    """The frames of one WebSocket."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket

    async def read(self) -> str | bytes:
        """The next frame.

        Raises:
            WireLostError: there is none.
        """
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WireLostError(f"The connection was closed with code {message.get('code')}.")
        text: str | None = message.get("text")
        return message["bytes"] if text is None else text

    async def write(self, frames: Iterable[str | bytes]) -> None:
        """Write frames, in order. Each has its own time: a slow line that moves is not a dead one.

        Raises:
            WireLostError: the connection is gone, or does not take a frame in time.
        """
        try:
            for frame in frames:
                if isinstance(frame, bytes):
                    await self._websocket.send_bytes(frame)  # each of its fragments has a limit of its own
                    continue
                async with asyncio.timeout(WRITE_TIMEOUT_S):
                    await self._websocket.send_text(frame)
        except TimeoutError:
            raise WireLostError("The connector does not read.") from None
        except (WebSocketDisconnect, RuntimeError):
            raise WireLostError("The connection is gone.") from None

    async def close(self, problem: Problem | None = None) -> None:
        """Close the connection, with a last word if there is one. A connection that is gone stays gone."""
        # RuntimeError is Starlette's and uvicorn's word for a WebSocket that is closed already.
        with suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                if problem is None:
                    await self._websocket.close(_NORMAL)
                    return
                await self._websocket.send({"type": "websocket.send", "text": encode(problem)})
                await self._websocket.close(_POLICY if problem.code.is_final else _TRY_AGAIN, problem.code)
