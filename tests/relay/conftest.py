"""A tenant and a relay for the tests of the tunnel."""

from collections.abc import AsyncIterator, Iterator

import pytest

from store.connect import SyncStore
from tests.tunnel_world import Tenant, context_of, relay


@pytest.fixture
def tenant(redis_url: str) -> Iterator[Tenant]:
    store = SyncStore(redis_url)
    yield Tenant(store)
    store.close()


@pytest.fixture
async def port(redis_url: str) -> AsyncIterator[int]:
    async with relay(context_of(redis_url)) as port:
        yield port
