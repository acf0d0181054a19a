"""A running gateway and a subscriber."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.system.stack import Stack, Subscriber, gateway, subscriber


@pytest.fixture
async def stack(tmp_path: Path) -> AsyncGenerator[Stack]:
    async with gateway(tmp_path) as running:
        yield running


@pytest.fixture
async def local() -> AsyncGenerator[Subscriber]:
    async with subscriber() as listening:
        yield listening
