"""A world with one gateway, in an empty Redis."""

from collections.abc import Iterator

import pytest

from store.connect import SyncStore
from tests.world import World


@pytest.fixture
def world(redis_url: str) -> Iterator[World]:
    store = SyncStore(redis_url)
    yield World(store)
    store.close()
