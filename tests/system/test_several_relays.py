"""Two relays behind one address: both deliver; one that stops or is killed loses and repeats nothing."""

from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.forwarder import forwarder
from tests.system.load import post_many, under_load
from tests.system.stack import Stack, Subscriber, free_port, gateway, is_ready, until

LEASE_S = 300
"""Longer than anything is waited for: a tunnel that is elsewhere has moved, and its lease has not ended."""


@dataclass
class Relays:
    """A gateway with two relays behind a load balancer."""

    stack: Stack
    ports: dict[str, int]

    def opened(self, name: str) -> int:
        """How many tunnels a relay has opened."""
        log = self.stack.settings.state_dir / "logs" / f"{name}.log"
        return log.read_bytes().count(b"tunnel_opened") if log.exists() else 0

    async def holder(self) -> tuple[str, str]:
        """The relay that opened the only tunnel, and the other one."""
        # Redis knows of a tunnel a moment before the log does.
        await until(lambda: sum(self.opened(name) for name in self.ports) == 1, "a tunnel in a log")
        here, there = sorted(self.ports, key=self.opened, reverse=True)
        return here, there


@asynccontextmanager
async def two_relays(folder: Path) -> AsyncGenerator[Relays]:
    ports = {"relay": free_port(), "relay-2": free_port()}
    with forwarder(*ports.values()) as balancer:
        settings = {"RELAY_PORT": ports["relay"], "API_URL": balancer.url, "TUNNEL_LEASE_S": LEASE_S}
        async with gateway(folder, **settings) as stack:
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
        logs = [tmp_path / "logs" / f"connector-of-{name}.log" for name in relays.ports]

        def lines() -> list[int]:
            return [log.read_text().count(" -> app ") for log in logs]

        await until(lambda: sum(lines()) == 600, "a line for each in the logs")
        assert min(lines()) > 0, lines()
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
        here, there = await relays.holder()
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
        here, there = await relays.holder()
        async with under_load(webhook["url"]) as posted:
            await until(lambda: len(local.arrivals) > 100, "load")
            if how == "killed":
                stack.kill(here)
            else:
                await stack.stop(here)
            await until(lambda: relays.opened(here) + relays.opened(there) >= 2, "the tunnel elsewhere")
            more = len(local.arrivals) + 100
            await until(lambda: len(local.arrivals) > more, "load goes on")
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
