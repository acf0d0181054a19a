"""A tunnel without a connector behind it: a test says itself what the relay is to hear."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from relay.tunnel.codec import decode, encode
from relay.tunnel.messages import Beat, Hello, Message
from tests.waiting import WAIT_S


class Dialogue:
    """A WebSocket to a relay without a connector behind it: says what a test wants said."""

    def __init__(self, websocket: aiohttp.ClientWebSocketResponse) -> None:
        self.websocket = websocket

    async def say(self, message: Message) -> None:
        frame = encode(message)
        assert isinstance(frame, str)
        await self.websocket.send_str(frame)

    async def hear(self) -> Message:
        """The next message that is not a beat."""
        while True:
            frame = await asyncio.wait_for(self.websocket.receive(), WAIT_S)
            assert frame.type in {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}, frame
            message = decode(frame.data)
            if not isinstance(message, Beat):
                return message

    async def beat(self) -> None:
        """A sign of life that answers none."""
        await self.say(Beat())

    def pause_reading(self) -> None:
        """Leave what the relay says in the network."""
        self._transport.pause_reading()

    def cut(self) -> None:
        """Cut the connection without a word."""
        self._transport.abort()

    @property
    def _transport(self) -> Any:
        return self.websocket._response.connection.transport  # noqa: SLF001 - aiohttp offers no way to it

    async def hung_up(self) -> int | None:
        """The code with which the relay closes."""
        async with asyncio.timeout(WAIT_S):
            async for _ in self.websocket:
                pass
        return self.websocket.close_code


@asynccontextmanager
async def dialogue(port: int, token: str, hello: Hello | None = None) -> AsyncIterator[Dialogue]:
    headers = {"authorization": f"Bearer {token}"}
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"http://127.0.0.1:{port}/tunnel", headers=headers) as websocket,
    ):
        talk = Dialogue(websocket)
        if hello is not None:
            await talk.say(hello)
        yield talk
