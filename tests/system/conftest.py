"""A running gateway and a subscriber; one that watches Git, and its owner."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.command_line import fleet_command
from tests.system.git_owner import Owner
from tests.system.git_stack import GitStack, git_stack
from tests.system.stack import Stack, Subscriber, gateway, subscriber


@pytest.fixture
async def stack(tmp_path: Path) -> AsyncGenerator[Stack]:
    async with gateway(tmp_path) as running:
        yield running


@pytest.fixture
async def local() -> AsyncGenerator[Subscriber]:
    async with subscriber() as listening:
        yield listening


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def git(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[GitStack]:
    async with git_stack(tmp_path_factory.mktemp("git")) as running:
        yield running


@pytest.fixture
def owner(
    git: GitStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Owner:
    return Owner(fleet_command(monkeypatch, capsys, git.stack.of_owner), tmp_path, git.secret)
