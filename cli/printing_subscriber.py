"""The subscriber of the demo: a local HTTP server that prints what arrives."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from aiohttp import web

from cli.answers import say
from domain.webhook import MAX_BODY_BYTES


@dataclass(frozen=True, slots=True)
class Arrived:
    """A request that arrived.

    Attributes:
        headers: by lower-case name.
        body: as it came.
        at: when, on the clock of `time.perf_counter`.
    """

    headers: Mapping[str, str]
    body: bytes
    at: float


class PrintingSubscriber:
    """A program on this machine that wants events."""

    def __init__(self) -> None:
        self._arrivals: asyncio.Queue[Arrived] = asyncio.Queue()
        self._printing = False
        self.url = ""

    def print_from_now_on(self) -> None:
        """Print a line for each event."""
        self._printing = True

    async def arrival(self) -> Arrived:
        """The next arrival."""
        return await self._arrivals.get()

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MAX_BODY_BYTES + 1)
        app.router.add_route("*", "/{rest:.*}", self._receive)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        arrived = Arrived(
            {name.lower(): value for name, value in request.headers.items()}, body, time.perf_counter()
        )
        if self._printing:
            facts = arrived.headers
            say(
                f"{time.strftime('%H:%M:%S')}  {facts.get('fleet-webhook', '')}  {len(body)} bytes"
                f"  verified: {facts.get('fleet-verified', '')}  {facts.get('fleet-event', '')}"
            )
        else:
            self._arrivals.put_nowait(arrived)
        return web.Response()
