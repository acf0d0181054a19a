"""Two connectors of one gateway, real processes: they share its events, and inherit what the other leaves."""

import asyncio
import signal
import subprocess
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from cli.stack import fleet
from tests.system.load import post_many
from tests.system.stack import Stack, gateway, subscriber, until

LONG_S = 300
"""Longer than anything is waited for: what is elsewhere did not wait for a lease or a deadline to end."""

SOON_S = 8
"""Less than the time of grace, in which a connector waits for attempts that are under way."""


@asynccontextmanager
async def connecting(stack: Stack, *arguments: str) -> AsyncGenerator[asyncio.subprocess.Process]:
    """A `fleet connect` that nobody starts again; it has a tunnel."""
    before = len(stack.tunnels())
    process = await asyncio.create_subprocess_exec(
        *fleet("connect", *arguments),
        env={**stack.environ, "FLEET_TOKEN": stack.token, "FLEET_API_URL": stack.settings.api_url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        await until(lambda: len(stack.tunnels()) > before, "a tunnel")
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_two_connectors_share_by_credit_and_each_event_goes_to_one(tmp_path: Path) -> None:
    async with gateway(tmp_path) as stack, subscriber() as small, subscriber() as large:
        webhook = stack.webhook()
        stack.subscribe()
        small.gate.clear()
        large.gate.clear()
        async with (
            connecting(stack, f"app={small.url}", "--concurrency", "3"),
            connecting(stack, f"app={large.url}", "--concurrency", "9"),
        ):
            posted = await post_many(webhook["url"], 200)
            await until(lambda: len(small.arrivals) + len(large.arrivals) == 12, "all hands are full")
            assert (len(small.arrivals), len(large.arrivals)) == (3, 9)
            small.gate.set()
            large.gate.set()
            await stack.settled(200)
            assert Counter(small.events() + large.events()) == Counter(posted.accepted)
            assert min(len(small.arrivals), len(large.arrivals)) > 12
        assert stack.differences() == []


async def test_a_connector_that_is_asked_to_stop_answers_what_is_finished_and_leaves_the_rest(
    tmp_path: Path,
) -> None:
    async with (
        gateway(tmp_path, TUNNEL_LEASE_S=LONG_S) as stack,
        subscriber() as quick,
        subscriber() as stuck,
        subscriber() as heir,
    ):
        for name in ("quick", "stuck"):
            stack.webhook(name)
            stack.subscribe(name, (name,), timeout_s=LONG_S)
        quick.gate.clear()
        stuck.gate.clear()
        async with connecting(stack, f"quick={quick.url}", f"stuck={stuck.url}") as leaving:
            for name in ("quick", "stuck"):
                await post_many(stack.api.ask("GET", "webhooks", name)["url"], 1)
            await until(lambda: bool(quick.arrivals and stuck.arrivals), "both are under way")
            async with connecting(stack, f"quick={heir.url}", f"stuck={heir.url}"):
                leaving.send_signal(signal.SIGTERM)
                quick.gate.set()
                await until(lambda: stack.count("delivery:delivered") == 1, "what is finished is answered")
                assert leaving.returncode is None
                # Whoever has no patience says it again; otherwise this takes until the time of grace ends.
                leaving.send_signal(signal.SIGTERM)
                assert await asyncio.wait_for(leaving.wait(), SOON_S) == 0
                await until(lambda: stack.count("delivery:delivered") == 2, "the rest, elsewhere", SOON_S)
        assert heir.deliveries() == stuck.deliveries()
        assert (len(quick.arrivals), len(heir.arrivals)) == (1, 1)
        assert stack.differences() == []


async def test_the_share_of_a_killed_connector_moves_on_when_its_lease_ends(tmp_path: Path) -> None:
    async with (
        gateway(tmp_path, TUNNEL_LEASE_S=3, HEARTBEAT_S=1) as stack,
        subscriber() as first,
        subscriber() as second,
    ):
        webhook = stack.webhook()
        stack.subscribe(timeout_s=LONG_S)
        first.gate.clear()
        async with connecting(stack, f"app={first.url}", "--concurrency", "5") as killed:
            posted = await post_many(webhook["url"], 20)
            await until(lambda: len(first.arrivals) == 5, "its hands are full")
            async with connecting(stack, f"app={second.url}"):
                await until(lambda: stack.count("delivery:delivered") == 15, "the other one's share")
                assert not set(second.deliveries()) & set(first.deliveries())
                killed.kill()
                await stack.settled(20)
        assert Counter(second.events()) == Counter(posted.accepted)
        assert {each.header("fleet-attempt") for each in second.arrivals} == {"1", "2"}
        assert stack.differences() == []
