"""A line that is slow but moves brings large events; only one that stands still is given up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from tests.running_connector import Scripted, connector
from tests.running_relay import context_of, relay
from tests.tenant import Tenant
from tests.waiting import until

RATE = 256 * 1024
CHUNK = 8 * 1024
BUFFER = 32 * 1024


@asynccontextmanager
async def slow_way(port: int) -> AsyncIterator[int]:
    """A way to a port that carries RATE bytes per second back, and keeps little on the way."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pause_s: float) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(CHUNK):
                writer.write(data)
                await writer.drain()
                await asyncio.sleep(pause_s * len(data))
        writer.close()

    async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port, limit=BUFFER)
        await asyncio.gather(carry(reader, far_writer, 0), carry(far_reader, writer, 1 / RATE))

    async with await asyncio.start_server(join, "127.0.0.1", 0) as way:
        yield way.sockets[0].getsockname()[1]


async def test_a_large_event_outlasts_every_limit_of_a_slow_line(
    tenant: Tenant, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The event takes 4 s: longer than a fragment may take, and than either end waits for a sign of life.
    monkeypatch.setattr("relay.server.protocol.WRITE_TIMEOUT_S", 2.0)
    subscription = tenant.subscribe()
    target = Scripted()
    context = context_of(redis_url, heartbeat_s=0.4)
    async with (
        relay(context) as port,
        slow_way(port) as way,
        connector(way, tenant.token, {"ci": target}) as running,
    ):
        tenant.post(subscription, body=bytes(1024 * 1024))
        await until(lambda: tenant.states() == ["delivered"])
        assert running.recorder.losses == []
    assert len(target.arrivals[0].request.body) == 1024 * 1024
