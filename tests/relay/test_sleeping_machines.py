"""A machine that sleeps or changes its network: the connector is back at once, whatever it waited for."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from relay.connector.lookout import LOOK_S, SLEPT_S, Lookout, Sight
from relay.connector.network import Address, Network
from tests.running_connector import Scripted, connector
from tests.running_relay import context_of, relay
from tests.tenant import Tenant
from tests.tenant import clock_ms as real_clock_ms
from tests.troubled_line import troubled_line
from tests.waiting import until

LONG_S = 30.0
SLEPT = "This machine slept, or its clock was set."


@dataclass
class Laptop(Network):
    """A machine that can sleep, and be carried to another network."""

    slept_ms: int = 0
    addresses: set[str] = field(default_factory=lambda: {"127.0.0.1"})
    way: str = "127.0.0.1"

    def clock_ms(self) -> int:
        """The wall clock, which went on in every sleep; the monotonic one did not."""
        return real_clock_ms() + self.slept_ms

    def sleep(self, seconds: float) -> None:
        self.slept_ms += round(seconds * 1000)

    def has(self, address: Address) -> bool:
        return address[0] in self.addresses

    def ways(self, peer: Address | None = None) -> tuple[str, ...]:  # noqa: ARG002 - all ways are one here
        return (self.way,)


@pytest.fixture
def laptop(monkeypatch: pytest.MonkeyPatch) -> Laptop:
    """One that looks often."""
    monkeypatch.setattr("relay.connector.lookout.LOOK_S", 0.01)
    return Laptop()


@pytest.fixture
async def port(redis_url: str) -> AsyncIterator[int]:
    """Of a relay whose heartbeat would tell nothing for as long as a test lasts."""
    async with relay(context_of(redis_url, heartbeat_s=LONG_S, lease_ms=300_000)) as port:
        yield port


async def test_after_a_sleep_a_connection_is_made_anew_at_once(
    tenant: Tenant, port: int, laptop: Laptop
) -> None:
    subscription = tenant.subscribe()
    target = Scripted()
    target.gate.clear()
    targets = {"ci": target}
    async with connector(port, tenant.token, targets, clock_ms=laptop.clock_ms, network=laptop) as running:
        tenant.post(subscription)
        await until(lambda: target.under_way == 1)
        laptop.sleep(3600)
        await running.connected(times=2)
        assert running.recorder.losses == [SLEPT]
        target.gate.set()
        await until(lambda: tenant.states() == ["delivered"])
    # The attempt that was under way went on.
    assert len(target.arrivals) == 1


async def test_after_a_sleep_no_pause_is_waited_out(
    tenant: Tenant, redis_url: str, laptop: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.connector.backoff.FIRST_S", LONG_S)
    tenant.subscribe()
    async with relay(context_of(redis_url)) as port:
        pass  # the port is free again, and known
    async with connector(
        port, tenant.token, {"ci": Scripted()}, clock_ms=laptop.clock_ms, network=laptop
    ) as running:
        await until(lambda: running.recorder.losses)
        async with relay(context_of(redis_url), port):
            laptop.sleep(3600)
            await running.connected()
            await running.stop()


async def test_after_a_sleep_a_connection_that_is_being_made_is_given_up(
    tenant: Tenant, port: int, laptop: Laptop
) -> None:
    tenant.subscribe()
    async with troubled_line(port) as line:
        line.is_answering = False
        async with connector(
            line.port, tenant.token, {"ci": Scripted()}, clock_ms=laptop.clock_ms, network=laptop
        ) as running:
            await until(lambda: line.opened == 1)
            line.is_answering = True
            laptop.sleep(3600)
            await running.connected()
            assert running.recorder.losses == ["The network changed, or this machine slept."]


async def test_a_process_that_was_stopped_makes_its_connection_anew(
    tenant: Tenant, port: int, laptop: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.connector.lookout.SLEPT_S", 0.2)
    tenant.subscribe()
    async with connector(
        port, tenant.token, {"ci": Scripted()}, clock_ms=lambda: 0, network=laptop
    ) as running:
        await running.connected()
        time.sleep(0.3)  # noqa: ASYNC251 - nothing in this process goes on
        await running.connected(times=2)
        assert running.recorder.losses == [SLEPT]


async def test_a_short_gap_ends_nothing(tenant: Tenant, port: int, laptop: Laptop) -> None:
    tenant.subscribe()
    async with connector(
        port, tenant.token, {"ci": Scripted()}, clock_ms=laptop.clock_ms, network=laptop
    ) as running:
        await running.connected()
        for _ in range(10):
            laptop.sleep(SLEPT_S - 1)
            seen = laptop.clock_ms()
            await until(lambda seen=seen: laptop.clock_ms() > seen + 20)
        assert running.recorder.losses == []


async def test_a_connection_from_an_address_that_is_gone_is_made_anew_at_once(
    tenant: Tenant, port: int, laptop: Laptop
) -> None:
    subscription = tenant.subscribe()
    async with connector(port, tenant.token, {"ci": Scripted()}, network=laptop) as running:
        await running.connected()
        laptop.addresses.clear()
        await until(lambda: running.recorder.losses)
        laptop.addresses.add("127.0.0.1")
        tenant.post(subscription)
        await until(lambda: tenant.states() == ["delivered"])
        assert set(running.recorder.losses) == {"This machine has another address now."}


async def test_with_another_way_a_connection_that_still_lives_stays(
    tenant: Tenant, port: int, laptop: Laptop
) -> None:
    subscription = tenant.subscribe()
    async with (
        troubled_line(port) as line,
        connector(line.port, tenant.token, {"ci": Scripted()}, network=laptop) as running,
    ):
        await running.connected()
        carried = line.carried_bytes
        laptop.way = "192.0.2.7"
        # It is asked for a sign of life, and gives one.
        await until(lambda: line.carried_bytes > carried)
        tenant.post(subscription)
        await until(lambda: tenant.states() == ["delivered"])
        assert running.recorder.losses == []


async def test_with_another_way_a_connection_that_is_dead_is_found_out_soon(
    tenant: Tenant, port: int, laptop: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.connector.link.DOUBT_S", 0.1)
    tenant.subscribe()
    async with (
        troubled_line(port) as line,
        connector(line.port, tenant.token, {"ci": Scripted()}, network=laptop) as running,
    ):
        await running.connected()
        line.stall()
        laptop.way = "192.0.2.7"
        await running.connected(times=2)
        assert running.recorder.losses == ["The network changed, and the relay gives no sign of life."]


async def test_a_network_that_is_back_is_tried_at_once(
    tenant: Tenant, redis_url: str, laptop: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.connector.backoff.FIRST_S", LONG_S)
    laptop.way = ""
    tenant.subscribe()
    async with relay(context_of(redis_url)) as port:
        pass
    async with connector(port, tenant.token, {"ci": Scripted()}, network=laptop) as running:
        await until(lambda: running.recorder.losses)
        async with relay(context_of(redis_url), port):
            laptop.way = "127.0.0.1"
            await running.connected()
            await running.stop()


async def test_a_stop_tries_at_once_to_answer_what_waits(
    tenant: Tenant, redis_url: str, laptop: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.connector.backoff.FIRST_S", LONG_S)
    subscription = tenant.subscribe()
    target = Scripted()
    target.gate.clear()
    async with relay(context_of(redis_url)) as port, troubled_line(port) as line:
        async with connector(line.port, tenant.token, {"ci": target}, network=laptop) as running:
            tenant.post(subscription)
            await until(lambda: target.under_way == 1)
            line.reset()
            await until(lambda: running.recorder.losses)
            target.gate.set()
            await running.attempted(1)
            await running.stop()
        assert tenant.states() == ["delivered"]


@pytest.mark.parametrize("missed_s", [SLEPT_S, 3600.0])
def test_a_gap_is_a_sleep(missed_s: float) -> None:
    assert Lookout(lambda: 0, Laptop()).look(missed_s) is Sight.SLEPT


def test_nothing_is_seen_where_nothing_happened() -> None:
    lookout = Lookout(lambda: 0, Network())
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as made,
    ):
        lookout.connected(made.getsockname(), made.getpeername())
        assert lookout.look(SLEPT_S - LOOK_S) is None
        assert lookout.look(0) is None
        lookout.disconnected()
        assert lookout.look(0) is None


async def test_it_goes_on_looking_when_the_clock_is_set_back(
    tenant: Tenant, port: int, laptop: Laptop
) -> None:
    tenant.subscribe()
    async with connector(
        port, tenant.token, {"ci": Scripted()}, clock_ms=laptop.clock_ms, network=laptop
    ) as running:
        await running.connected()
        laptop.sleep(-3600)
        await asyncio.sleep(0)
        laptop.sleep(7200)
        await running.connected(times=2)


def test_the_kernel_says_which_addresses_are_ours() -> None:
    network = Network()
    assert network.has(("127.0.0.1", 80))
    assert network.has(("::1", 80, 0, 0)) or not socket.has_ipv6
    assert not network.has(("192.0.2.77", 80))


def test_what_the_kernel_cannot_say_counts_as_ours() -> None:
    assert Network().has(("no address at all", 80))


def test_the_kernel_says_which_way_leads_to_a_peer() -> None:
    *_, way = Network().ways(("127.0.0.1", 80))
    assert way == "127.0.0.1"
    assert len(Network().ways()) == 2
