"""Two relays behind one address: both deliver; one that stops or is killed loses and repeats nothing."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.forwarder import forwarder
from tests.system.load import Posted, post_many, post_while
from tests.system.stack import Stack, Subscriber, free_port, gateway, is_ready, until

LONG_S = 10.0
"""A move takes a moment; far less than the lease of 15 s, even on a busy machine."""


@dataclass
class Relays:
    """A gateway with two relays behind a load balancer."""

    stack: Stack
    ports: dict[str, int]

    def opened(self, name: str) -> int:
        """How many tunnels a relay has opened."""
        log = self.stack.settings.state_dir / "logs" / f"{name}.log"
        return log.read_bytes().count(b"tunnel_opened") if log.exists() else 0

    def holder(self) -> tuple[str, str]:
        """The relay that opened the only tunnel, and the other one."""
        here, there = sorted(self.ports, key=self.opened, reverse=True)
        return here, there


@asynccontextmanager
async def two_relays(folder: Path) -> AsyncGenerator[Relays]:
    ports = {"relay": free_port(), "relay-2": free_port()}
    with forwarder(*ports.values()) as balancer:
        async with gateway(folder, RELAY_PORT=ports["relay"], API_URL=balancer.url) as stack:
            await stack.add("relay-2", "relay", RELAY_PORT=ports["relay-2"])
            await until(lambda: is_ready(ports["relay-2"]), "a second relay")
            yield Relays(stack, ports)


async def test_tunnels_at_two_relays_share_a_subscription(tmp_path: Path, local: Subscriber) -> None:
    async with two_relays(tmp_path) as relays:
        stack = relays.stack
        webhook = stack.webhook()
        stack.subscribe()
        for name, port in relays.ports.items():
            await stack.connect(f"connector-of-{name}", relay=f"http://127.0.0.1:{port}", app=local.url)
        await until(lambda: all(relays.opened(name) == 1 for name in relays.ports), "a tunnel at each")
        posted = await post_many(webhook["url"], 600)
        await stack.settled(600)
        assert Counter(local.events()) == Counter(posted.accepted)
        lines = {
            name: (tmp_path / "logs" / f"connector-of-{name}.log").read_text().count(" -> app ")
            for name in relays.ports
        }
        assert sum(lines.values()) == 600
        assert min(lines.values()) > 0, lines
        assert stack.differences() == []


@pytest.mark.parametrize("how", ["killed", "stopped"])
async def test_attempts_under_way_go_on_and_are_settled_once(
    tmp_path: Path, local: Subscriber, how: str
) -> None:
    async with two_relays(tmp_path) as relays:
        stack = relays.stack
        webhook = stack.webhook()
        stack.subscribe()
        await stack.connect(app=local.url)
        here, there = relays.holder()
        local.gate.clear()
        posted = await post_many(webhook["url"], 10)
        await until(lambda: len(local.arrivals) == 10, "all under way")
        tunnels = stack.tunnels()
        if how == "killed":
            stack.kill(here)
        else:
            await stack.stop(here)
        await until(lambda: relays.opened(here) + relays.opened(there) == 2, "the tunnel elsewhere")
        assert stack.tunnels() == tunnels
        local.gate.set()
        await stack.settled(10)
        assert Counter(local.events()) == Counter(posted.accepted)
        assert {each.header("fleet-attempt") for each in local.arrivals} == {"1"}
        assert stack.differences() == []


@pytest.mark.parametrize("how", ["killed", "stopped"])
async def test_a_relay_that_goes_under_load_loses_and_repeats_nothing(
    tmp_path: Path, local: Subscriber, how: str
) -> None:
    async with two_relays(tmp_path) as relays:
        stack = relays.stack
        webhook = stack.webhook()
        stack.subscribe()
        await stack.connect(app=local.url)
        here, there = relays.holder()
        go_on, posted = asyncio.Event(), Posted()
        go_on.set()
        posting = asyncio.create_task(post_while(webhook["url"], go_on, posted))
        await until(lambda: len(local.arrivals) > 100, "load")
        began = time.monotonic()
        if how == "killed":
            stack.kill(here)
        else:
            await stack.stop(here)
        await until(lambda: relays.opened(here) + relays.opened(there) >= 2, "the tunnel elsewhere")
        assert time.monotonic() - began < LONG_S
        more = len(local.arrivals) + 100
        await until(lambda: len(local.arrivals) > more, "load goes on")
        go_on.clear()
        await posting
        await stack.settled(len(posted.accepted))
        assert set(posted.statuses) == {202}
        assert Counter(local.events()) == Counter(posted.accepted)
        connector = (tmp_path / "logs" / "connector.log").read_text()
        if how == "stopped":
            assert stack.ends(here) == ["exit code 0"]
            assert "MOVING        The relay asks to move" in connector
            assert "  attempt 2" not in connector
        else:
            assert "DISCONNECTED" in connector
        assert stack.differences() == []
