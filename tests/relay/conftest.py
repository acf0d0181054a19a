"""A tenant and a relay for the tests of the tunnel; an owner's door; a local server for the HTTP target."""

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from relay.connector.target import Answer, Arrival
from relay.connector.targets.http import HttpTarget, new_session
from store.connect import SyncStore
from tests.http_arrival import NOW_MS, Deliver
from tests.local_server import LocalServer, Respond, local_server, ok
from tests.owner_door import owner_door
from tests.running_relay import context_of, relay
from tests.tenant import Tenant
from tests.world import World


@pytest.fixture(scope="module")
def address(redis_server: str) -> Iterator[str]:
    """Of an owner's door."""
    with owner_door(redis_server) as address:
        yield address


@pytest.fixture
def world(redis_url: str) -> Iterator[World]:
    store = SyncStore(redis_url)
    yield World(store)
    store.close()


@pytest.fixture
def tenant(redis_url: str) -> Iterator[Tenant]:
    store = SyncStore(redis_url)
    yield Tenant(store)
    store.close()


@pytest.fixture
async def port(redis_url: str) -> AsyncIterator[int]:
    async with relay(context_of(redis_url)) as port:
        yield port


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with new_session(8) as session:
        yield session


@pytest.fixture
async def local() -> AsyncIterator[LocalServer]:
    async with local_server() as local:
        yield local


@pytest.fixture
def deliver(session: aiohttp.ClientSession, local: LocalServer) -> Deliver:
    async def deliver(sent: Arrival, respond: Respond = ok, below: str = "") -> Answer:
        local.respond = respond
        return await HttpTarget(session, local.url + below, lambda: NOW_MS).deliver(sent, lambda: None)

    return deliver
