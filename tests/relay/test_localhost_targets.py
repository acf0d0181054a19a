"""localhost is this machine by both of its addresses, whatever resolvers say of it."""

import asyncio
import socket

import aiohttp
import pytest

from domain.delivery import Outcome
from relay.connector.loopback import LOCALHOST, LoopbackResolver, addresses
from relay.connector.target import Answer
from relay.connector.targets.http import HttpTarget
from tests.http_arrival import NOW_MS, arrival
from tests.local_server import LocalServer


async def deliver(session: aiohttp.ClientSession, port: int) -> Answer:
    target = HttpTarget(session, f"http://localhost:{port}/", lambda: NOW_MS)
    return await target.deliver(arrival(), lambda: None)


@pytest.mark.parametrize("address", addresses())
async def test_a_program_on_either_address_is_reached(session: aiohttp.ClientSession, address: str) -> None:
    local = LocalServer()
    server = await asyncio.start_server(local.serve, address, 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert await deliver(session, port) == Answer(Outcome.DELIVERED, "200")
    assert local.seen[0].header(b"Host") == f"localhost:{port}".encode()


async def test_that_neither_answers_is_a_refused_connection(session: aiohttp.ClientSession) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        answer = await deliver(session, bound.getsockname()[1])
    assert answer == Answer(Outcome.RETRY, "connection refused")


async def test_only_localhost_is_known_without_asking() -> None:
    resolver = LoopbackResolver()
    assert [each["host"] for each in await resolver.resolve(LOCALHOST, 80)] == list(addresses())
    assert [each["host"] for each in await resolver.resolve("127.0.0.9", 80)] == ["127.0.0.9"]
