"""SIGTERM to each service: it ends well and soon; a second one ends a door at once."""

import asyncio
import signal
import subprocess
from pathlib import Path

import pytest

from cli.stack import fleet
from tests.system.load import post_many
from tests.system.stack import Stack, free_port, gateway, is_ready, until

SOON_S = 10
SERVICES = ("ingress", "relay", "events", "retries", "sweeper", "git")


async def test_each_idle_service_stops_soon_and_well(tmp_path: Path) -> None:
    async with gateway(tmp_path, git=True) as stack:
        for name in SERVICES:
            await asyncio.wait_for(stack.stop(name), SOON_S)
        assert {name: stack.ends(name) for name in SERVICES} == {name: ["exit code 0"] for name in SERVICES}


@pytest.mark.parametrize("door", ["ingress", "relay"])
async def test_a_second_signal_ends_a_door_at_once(stack: Stack, door: str) -> None:
    port = free_port()
    own = {f"FLEET_{door.upper()}_PORT": str(port), "FLEET_STOP_NOTICE_S": "60"}
    process = await asyncio.create_subprocess_exec(
        *fleet("run", door),
        env={**stack.environ, **own},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    await until(lambda: is_ready(port), "a door of its own")
    process.send_signal(signal.SIGTERM)
    await until(lambda: not is_ready(port), "it says that it stops")
    assert process.returncode is None
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), SOON_S) == 128 + signal.SIGTERM


async def test_a_worker_that_stops_finishes_its_job(tmp_path: Path) -> None:
    async with gateway(tmp_path, "events") as stack:
        webhook = stack.webhook()
        stack.subscribe()
        await post_many(webhook["url"], 2000)
        worker = await asyncio.create_subprocess_exec(
            *fleet("run", "worker", "events"),
            env=stack.environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        await until(lambda: stack.count("event:fanned_out") > 0, "a first job")
        worker.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(worker.wait(), SOON_S) == 0
        execute = stack.store.client.execute_command
        # A batch is closed when its job begins, and gone when the last of its events has left it.
        begun = [key for key in execute("KEYS", "fleet:batch:*") if execute("HGET", key, "closed") != b"0"]
        assert [key for key in begun if execute("EXISTS", key.replace(b"batch", b"members"))] == []
        assert stack.differences() == []
