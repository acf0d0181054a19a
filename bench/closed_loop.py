"""The closed loop: a fixed number of connections, each sends again as soon as it was answered."""

import asyncio
import time
from typing import cast

import uvloop

from bench.errors import BenchError
from bench.http_stream import Messages, status
from bench.outcome import Outcome
from bench.waiting import HOST


def run(port: int, requests: int, connections: int, prebuilt: bytes) -> Outcome:
    """Send the same request so many times.

    Raises:
        BenchError: the server closed a connection.
    """
    return uvloop.run(_run(port, requests, connections, prebuilt))


async def _run(port: int, requests: int, connections: int, prebuilt: bytes) -> Outcome:
    loop = asyncio.get_running_loop()
    progress = _Progress(requests, prebuilt, loop.create_future())
    clients = [
        (await loop.create_connection(lambda: _Client(progress), HOST, port))[1] for _ in range(connections)
    ]
    progress.outcome.began_ns = time.monotonic_ns()
    for client in clients:
        client.send()
    await progress.done
    return progress.outcome


class _Progress:
    """What the connections share."""

    def __init__(self, requests: int, prebuilt: bytes, done: asyncio.Future[None]) -> None:
        self.requests = requests
        self.to_send = requests
        self.prebuilt = prebuilt
        self.done = done
        self.outcome = Outcome()


class _Client(asyncio.Protocol):
    def __init__(self, progress: _Progress) -> None:
        self._progress = progress
        self._messages = Messages()
        self._sent_ns = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not derived from asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def send(self) -> None:
        """Send the next request, if any is left."""
        progress = self._progress
        if progress.to_send > 0:
            progress.to_send -= 1
            self._sent_ns = time.monotonic_ns()
            self._transport.write(progress.prebuilt)

    def data_received(self, data: bytes) -> None:
        for head, _ in self._messages.feed(data):
            now = time.monotonic_ns()
            outcome = self._progress.outcome
            outcome.latencies_ns.append(now - self._sent_ns)
            outcome.statuses[status(head)] += 1
            if len(outcome.latencies_ns) == self._progress.requests:
                outcome.ended_ns = now
                self._progress.done.set_result(None)
            else:
                self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._progress.done.done():
            self._progress.done.set_exception(BenchError(f"The server closed a connection: {exc}"))
