"""Connectors that have nothing to do: `python -m bench.idlers TOKENS EACH RELAY_PORT PORT`.

TOKENS is a file of access tokens, a line each; every one of them opens EACH tunnels, all in this process.
They say hello, and say the relay's beats back, as a connector does. Who connects to PORT is told how many are
open, and how many beats have come.
Source: RFC 6455, sections 1.3 and 5.2.
"""

import asyncio
import http.client
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, cast

import uvloop

from bench.waiting import HOST
from cli.open_files import allow_many
from domain.ids import ENTROPY_BYTES, new_id
from relay.tunnel.codec import decode, encode
from relay.tunnel.messages import Beat, Hello, Welcome

SUBSCRIPTION: Final = "bench"
_CREDIT: Final = 16
_OPENING: Final = 32
"""How many are being opened at a time."""

_TEXT: Final = 0x81
_MASKED: Final = 0x80
_SHORT: Final = 126
_LENGTH_BYTES: Final = 2
_NO_MASK: Final = bytes(4)
_HEAD_END: Final = b"\r\n\r\n"
_UPGRADE: Final = (
    b"GET /tunnel HTTP/1.1\r\nhost: bench\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: MDEyMzQ1Njc4OTAxMjM0NQ==\r\n"
    b"authorization: Bearer %b\r\n\r\n"
)


def ask(port: int) -> dict[str, int]:
    """What a process of idlers says: open, beats."""
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", "/")
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


class Idler(asyncio.Protocol):
    """One tunnel."""

    def __init__(self, token: bytes, seen: dict[str, int]) -> None:
        self._token = token
        self._seen = seen
        self._buffer = b""
        self._is_upgraded = False
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a WebSocket."""
        # uvloop's transports are not derived from asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(_UPGRADE % self._token)

    def connection_lost(self, exc: Exception | None) -> None:
        """A tunnel that ends is the end of the measurement."""
        sys.exit(f"A tunnel was lost: {exc}")

    def data_received(self, data: bytes) -> None:
        """Do what a connector does."""
        self._buffer += data
        if not self._is_upgraded:
            head, end, rest = self._buffer.partition(_HEAD_END)
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 101 "):
                sys.exit(head.decode())
            self._is_upgraded, self._buffer = True, rest
            tunnel = new_id("tun", time.time_ns() // 1_000_000, os.urandom(ENTROPY_BYTES))
            self._say(cast("str", encode(Hello(tunnel, (SUBSCRIPTION,), _CREDIT))))
        for text in self._texts():
            self._hear(text)

    def _hear(self, text: str) -> None:
        match decode(text):
            case Welcome():
                self._seen["open"] += 1
                self.opened.set_result(None)
            case Beat():
                self._seen["beats"] += 1
                self._say(text)
            case other:
                sys.exit(f"The relay said: {other}")

    def _say(self, text: str) -> None:
        content = text.encode()
        short = len(content) < _SHORT
        length = bytes([_MASKED | (len(content) if short else _SHORT)])
        longer = b"" if short else len(content).to_bytes(_LENGTH_BYTES)
        self._transport.write(bytes([_TEXT]) + length + longer + _NO_MASK + content)

    def _texts(self) -> Iterator[str]:
        while len(self._buffer) > _LENGTH_BYTES:
            start, length = _LENGTH_BYTES, self._buffer[1]
            if length == _SHORT:
                start = 2 * _LENGTH_BYTES
                length = int.from_bytes(self._buffer[_LENGTH_BYTES:start])
            if len(self._buffer) < start + length:
                return
            text, self._buffer = self._buffer[start : start + length], self._buffer[start + length :]
            yield text.decode()


async def _open_all(tokens: list[bytes], each: int, relay_port: int, seen: dict[str, int]) -> None:
    gate = asyncio.Semaphore(_OPENING)

    async def opened(token: bytes) -> None:
        async with gate:
            made = await asyncio.get_running_loop().create_connection(
                lambda: Idler(token, seen), HOST, relay_port
            )
            await made[1].opened

    await asyncio.gather(*(opened(token) for token in tokens for _ in range(each)))


async def _serve(tokens: list[bytes], each: int, relay_port: int, port: int) -> None:
    seen = {"open": 0, "beats": 0}

    async def tell(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        content = json.dumps(seen).encode()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(content), content))
        writer.close()

    async with await asyncio.start_server(tell, HOST, port) as server:
        await _open_all(tokens, each, relay_port, seen)
        await server.serve_forever()


if __name__ == "__main__":
    allow_many()
    lines = Path(sys.argv[1]).read_bytes().split()
    uvloop.run(_serve(lines, *(int(number) for number in sys.argv[2:5])))
