"""A public door, and workers that run in this process until their queue is empty."""

import os
from collections.abc import Iterator
from contextlib import closing

import pytest

from store.connect import SyncStore
from store.sealing import Sealer
from tests.public_door import RING, PublicDoor, now_ms, public_door
from tests.world import HOUR_MS, LIMITS
from workers.budget import Budget
from workers.context import WorkerContext
from workers.filtering import Filters


@pytest.fixture
def door(redis_url: str) -> Iterator[PublicDoor]:
    with public_door(redis_url) as open_door:
        yield open_door


@pytest.fixture
def filters() -> Iterator[Filters]:
    with closing(Filters(now_ms)) as found:
        yield found


@pytest.fixture
def context(redis_url: str, filters: Filters) -> Iterator[WorkerContext]:
    store = SyncStore(redis_url)
    yield WorkerContext(
        store=store,
        sealer=Sealer(RING, os.urandom),
        clock_ms=now_ms,
        entropy=os.urandom,
        dice=lambda: 0.5,
        limits=LIMITS,
        dedup_ms=24 * HOUR_MS,
        public_url="http://127.0.0.1:8080",
        outbound=None,
        examinations=Budget(6),
        filters=filters,
        retry_schedule_s=(5, 30),
        sweep_interval_s=0.05,
    )
    store.close()
