"""The real command line as the owner of a gateway has it, before the real control API."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from store.connect import SyncStore
from tests.command_line import Fleet, fleet_command
from tests.owner_door import clock_ms, new_gateway, owner_door
from tests.world import World


@pytest.fixture(autouse=True)
def _logs() -> Iterator[None]:
    """The relay runs in this process: what it logs is no output of the command."""
    with capture_logs():
        yield


@pytest.fixture(scope="module")
def address(redis_server: str) -> Iterator[str]:
    with owner_door(redis_server) as address:
        yield address


@pytest.fixture
def home(redis_url: str) -> tuple[str, str]:
    """A Gateway ID and its access token."""
    gateway, token = new_gateway(redis_url, "home")
    return gateway.id, token


@pytest.fixture
def fleet(
    address: str,
    home: tuple[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Fleet:
    environ = {
        "FLEET_API_URL": f"http://{address}",
        "FLEET_TOKEN": home[1],
        "FLEET_STATE_DIR": str(tmp_path),
    }
    return fleet_command(monkeypatch, capsys, environ)


@pytest.fixture
def world(redis_url: str, home: tuple[str, str]) -> Iterator[World]:
    """What happens at the gateway of the command line."""
    store = SyncStore(redis_url)
    yield World(store, home[0], now=clock_ms())
    store.close()
