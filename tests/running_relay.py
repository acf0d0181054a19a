"""A real relay on a real socket over a real Redis, in the loop of one test."""

import asyncio
import contextlib
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import uvicorn

from cli import door
from cli.certificate import Pair
from relay.server.context import RelayContext
from relay.server.serve import server
from store.connect import AsyncStore
from store.sealing import Sealer
from store.stopping import PATIENCE, Patience
from tests.tenant import RING, clock_ms
from tests.waiting import WAIT_S


def context_of(redis_url: str, **changes: Any) -> RelayContext:
    context = RelayContext(
        store=AsyncStore(redis_url),
        sealer=Sealer(RING, os.urandom),
        clock_ms=clock_ms,
        dice=lambda: 0.5,
        entropy=os.urandom,
        retry_schedule_s=(5, 30),
        lease_ms=15_000,
        heartbeat_s=5,
        public_url="https://hooks.example.org",
        hourly_limit=1000,
    )
    return replace(context, **changes)


@dataclass
class RunningRelay:
    """A relay at work."""

    port: int
    server: uvicorn.Server
    serving: asyncio.Task[None]

    @property
    def is_ending(self) -> bool:
        """Whether it does more than to say that it will stop."""
        return (b"connection", b"close") in self.server.server_state.default_headers

    def stop(self) -> None:
        """What the signal does."""
        self.server.handle_exit(signal.SIGTERM, None)

    async def stopped(self) -> None:
        self.stop()
        await asyncio.wait_for(self.serving, WAIT_S)


@asynccontextmanager
async def stoppable(
    context: RelayContext, patience: Patience = PATIENCE, port: int = 0
) -> AsyncIterator[RunningRelay]:
    """A relay. Ends as at SIGTERM, if it has not been stopped before."""
    listener = socket.create_server(("127.0.0.1", port))
    running = server(context, "127.0.0.1", 0, patience)
    serving = asyncio.create_task(running.serve(sockets=[listener]))
    try:
        yield RunningRelay(listener.getsockname()[1], running, serving)
    finally:
        running.should_exit = True
        await serving


@contextlib.contextmanager
def tls_relay(context: RelayContext, pair: Pair, handshake_s: float = 10) -> Iterator[int]:
    """A relay over TLS in a thread, with the event loop that it has in production; gives its port."""
    running = server(context, "127.0.0.1", 0)
    started = threading.Event()
    original = running.startup

    async def startup(*args: Any, **options: Any) -> None:
        await original(*args, **options)
        started.set()

    running.startup = startup
    thread = threading.Thread(target=door.run, args=(running, pair, handshake_s))
    thread.start()
    try:
        assert started.wait(20)
        yield running.servers[0].sockets[0].getsockname()[1]
    finally:
        running.should_exit = True
        thread.join(20)


@asynccontextmanager
async def relay(context: RelayContext, port: int = 0) -> AsyncIterator[int]:
    """A relay; gives its port. Ends as at SIGTERM."""
    async with stoppable(context, port=port) as running:
        yield running.port
