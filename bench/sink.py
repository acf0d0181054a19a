"""A local subscriber that costs next to nothing: `python -m bench.sink PORT`.

POST: answers 200 and remembers how long ago the body says it was sent. GET: answers how many came and how
long they were under way, and forgets them.
"""

import asyncio
import http.client
import json
import sys
import time
from typing import Final, cast

import uvloop

from bench.figures import percentile_ms
from bench.http_stream import Messages
from bench.request import sent_at
from bench.waiting import HOST

_OK: Final = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


def ask(port: int) -> dict[str, float]:
    """What a sink has seen since it was asked last: count, p50_ms, p99_ms."""
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", "/")
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


class Sink(asyncio.Protocol):
    """One connection; all of them share what was seen."""

    def __init__(self, seen_ns: list[int]) -> None:
        self._seen_ns = seen_ns
        self._messages = Messages()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        # uvloop's transports are not derived from asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer what is complete."""
        now = time.monotonic_ns()
        for head, content in self._messages.feed(data):
            if head.startswith(b"GET"):
                self._transport.write(self._figures())
            else:
                self._seen_ns.append(now - sent_at(content))
                self._transport.write(_OK)

    def _figures(self) -> bytes:
        figures = {
            "count": len(self._seen_ns),
            "p50_ms": percentile_ms(self._seen_ns, 50),
            "p99_ms": percentile_ms(self._seen_ns, 99),
        }
        self._seen_ns.clear()
        content = json.dumps(figures).encode()
        return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(content), content)


async def _serve(port: int) -> None:
    seen_ns: list[int] = []
    serving = await asyncio.get_running_loop().create_server(lambda: Sink(seen_ns), HOST, port)
    await serving.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
