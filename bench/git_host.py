"""A Git host that costs next to nothing: `python -m bench.git_host PORT`.

Speaks as much of version 2 of Git's protocol over http as it takes to ask for refs. Every repository is there
and stands at the same commit. GET /polls: answers how often any was asked for.
Source: gitprotocol-v2, "ls-refs"; gitprotocol-http, "Smart Server Response".
"""

import asyncio
import http.client
import sys
from typing import Final, cast

import uvloop

from bench.http_stream import Messages
from bench.waiting import HOST

ASKING: Final = "/git-upload-pack"
"""What the path of a question ends with."""

QUESTION: Final = (
    b"0014command=ls-refs\n0016object-format=sha10001000bsymrefs0009peel001bref-prefix refs/heads/main0000"
)
"""A question for one branch, as a client puts it."""

_COMMIT: Final = b"0123456789abcdef0123456789abcdef01234567"


def _line(content: bytes) -> bytes:
    return b"%04x%b" % (len(content) + 4, content)


def _answer(kind: bytes, content: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-git-upload-pack-%b\r\ncontent-length: %d\r\n\r\n"
    return head % (kind, len(content)) + content


_ADVERTISED: Final = _answer(
    b"advertisement",
    _line(b"# service=git-upload-pack\n")
    + b"0000"
    + _line(b"version 2\n")
    + _line(b"agent=git/bench\n")
    + _line(b"ls-refs=unborn\n")
    + _line(b"object-format=sha1\n")
    + b"0000",
)
_LISTED: Final = _answer(b"result", _line(_COMMIT + b" refs/heads/main\n") + b"0000")


def polls(port: int) -> int:
    """How often a host was asked where a branch stands."""
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request("GET", "/polls")
        return int(connection.getresponse().read())
    finally:
        connection.close()


class Host(asyncio.Protocol):
    """One connection; all of them share the count."""

    def __init__(self, asked: list[int]) -> None:
        self._asked = asked
        self._messages = Messages()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        # uvloop's transports are not derived from asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer what is complete."""
        for head, _ in self._messages.feed(data):
            if head.startswith(b"POST"):
                self._asked[0] += 1
                self._transport.write(_LISTED)
            elif head.startswith(b"GET /polls "):
                self._transport.write(_answer(b"count", b"%d" % self._asked[0]))
            else:
                self._transport.write(_ADVERTISED)


async def _serve(port: int) -> None:
    asked = [0]
    serving = await asyncio.get_running_loop().create_server(lambda: Host(asked), HOST, port)
    await serving.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
