"""A local HTTP server of bare sockets: shows requests byte for byte and answers whatever it is told to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Respond = Callable[["Seen"], bytes | None]


@dataclass(frozen=True)
class Seen:
    """A request as it came over the socket."""

    head: bytes
    body: bytes

    @property
    def start_line(self) -> bytes:
        return self.head.split(b"\r\n")[0]

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        lines = self.head.split(b"\r\n")[1:]
        return [(name, value) for name, _, value in (line.partition(b": ") for line in lines)]

    def header(self, name: bytes) -> bytes | None:
        return dict(self.headers).get(name)


def ok(_: Seen) -> bytes:
    return answer(200)


def answer(status: int, *headers: str, body: bytes = b"ok") -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"content-length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@dataclass
class LocalServer:
    """Answers each request with what `respond` says; None means: never."""

    respond: Respond = ok
    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)
    connections: int = 0

    async def requests(self, count: int) -> list[Seen]:
        """The first `count` requests, as soon as they are there."""
        async with self.arrived:
            await self.arrived.wait_for(lambda: len(self.seen) >= count)
        return self.seen[:count]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n"))[:-4]
                length = Seen(head.lower(), b"").header(b"content-length")
                seen = Seen(head, await reader.readexactly(int(length or 0)))
                async with self.arrived:
                    self.seen.append(seen)
                    self.arrived.notify_all()
                response = self.respond(seen)
                if response is None:
                    await reader.read()
                    return
                writer.write(response)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def local_server(respond: Respond = ok) -> AsyncIterator[LocalServer]:
    """A server on a free port."""
    local = LocalServer(respond)
    server = await asyncio.start_server(local.serve, "127.0.0.1", 0, limit=2**21)
    local.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield local
