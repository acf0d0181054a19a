"""The relay's door before any tunnel: slow and large heads, its health, and Redis away."""

import asyncio
import os

import aiohttp
import pytest

from relay.tunnel.messages import Hello, Welcome
from tests.dialogue import dialogue
from tests.running_relay import context_of, relay
from tests.tenant import Tenant
from tests.tunnel_messages import TUNNEL
from tests.waiting import WAIT_S


async def test_a_connection_without_a_whole_request_is_closed(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.server.protocol.HEAD_TIMEOUT_S", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: ")
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()


async def _write_for_ever(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"x")
        await writer.drain()
        # The other end decides when this is over; it must be slow, not large.
        await asyncio.sleep(0.01)


async def test_a_body_that_nobody_waits_for_does_not_hold_the_connection(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.server.protocol.HEAD_TIMEOUT_S", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /api/v1/webhooks HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 401 ")
    async with asyncio.timeout(5):
        with pytest.raises(ConnectionError):
            await _write_for_ever(writer)


async def test_a_head_that_is_too_large_is_refused(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-large: " + b"x" * 100_000)
    assert (await reader.readline()).startswith(b"HTTP/1.1 400 ")
    writer.close()


async def test_a_tunnel_outlives_the_limit_for_heads(
    tenant: Tenant, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.server.protocol.HEAD_TIMEOUT_S", 0.05)
    tenant.subscribe()
    async with relay(context_of(redis_url)) as port, dialogue(port, tenant.token) as talk:
        # A connection lives for the limit to twice the limit: two that come later, one by one, are past both.
        for _ in range(2):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert await asyncio.wait_for(reader.read(), WAIT_S) == b""
            writer.close()
        await talk.say(Hello(TUNNEL, ("ci",), 1))
        assert isinstance(await talk.hear(), Welcome)


@pytest.mark.parametrize(
    ("path", "status", "word"), [("/healthz", 200, "healthy"), ("/readyz", 200, "ready"), ("/none", 404, "")]
)
async def test_the_relay_says_how_it_is(port: int, path: str, status: int, word: str) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}") as response,
    ):
        assert response.status == status
        assert word in await response.text()


async def test_a_relay_without_redis_is_not_ready_and_opens_no_tunnel(tmp_path: os.PathLike[str]) -> None:
    async with (
        relay(context_of(f"unix://{os.fspath(tmp_path)}/nobody.sock")) as port,
        aiohttp.ClientSession() as session,
    ):
        async with session.get(f"http://127.0.0.1:{port}/readyz") as response:
            assert response.status == 503
        headers = {"authorization": "Bearer fleet_x"}
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await session.ws_connect(f"http://127.0.0.1:{port}/tunnel", headers=headers)
        assert caught.value.status == 503
