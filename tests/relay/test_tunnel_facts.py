"""What the owner can know of tunnels: who is connected, since when, how far away, and who left last."""

from dataclasses import replace

import pytest

from relay.tunnel.messages import Bye, Hello, Welcome
from store import tunnels
from store.tunnels import LastTunnel, TunnelFacts
from tests.dialogue import dialogue
from tests.running_connector import Scripted, connector
from tests.running_relay import context_of, relay, stoppable
from tests.tenant import Tenant, clock_ms
from tests.troubled_line import troubled_line
from tests.tunnel_messages import TUNNEL
from tests.waiting import until


def about(tenant: Tenant) -> list[TunnelFacts]:
    return tenant.store.run(tunnels.about(tenant.gateway.id))


def last(tenant: Tenant) -> LastTunnel | None:
    return tenant.store.run(tunnels.last(tenant.gateway.id))


async def test_a_connector_is_known_by_name_address_and_release(tenant: Tenant, port: int) -> None:
    tenant.subscribe("ci")
    tenant.subscribe("audit")
    began = clock_ms()
    targets = {"ci": Scripted(), "audit": Scripted()}
    async with connector(port, tenant.token, targets, name="laptop", version="1.2.3") as running:
        await running.connected()
        [facts] = about(tenant)
        assert (facts.name, facts.address, facts.version) == ("laptop", "127.0.0.1", "1.2.3")
        assert facts.subscriptions == ("ci", "audit")
        assert began <= facts.connected_at == facts.seen_at <= clock_ms()
        assert last(tenant) is None
        await running.stop()
    assert about(tenant) == []
    left = last(tenant)
    assert left is not None
    assert left == LastTunnel(facts.id, "laptop", "127.0.0.1", "1.2.3", facts.connected_at, left.left_at)
    assert facts.connected_at <= left.left_at <= clock_ms()


async def test_the_heartbeat_measures_the_round_trip(tenant: Tenant, redis_url: str) -> None:
    tenant.subscribe()
    async with (
        relay(context_of(redis_url, heartbeat_s=0.05)) as port,
        connector(port, tenant.token, {"ci": Scripted()}) as running,
    ):
        await running.connected()
        [first] = about(tenant)
        assert first.round_trip_ms is None
        await until(lambda: about(tenant)[0].round_trip_ms is not None)
        [facts] = about(tenant)
        assert facts.round_trip_ms is not None
        assert 0 <= facts.round_trip_ms < 10_000
        await until(lambda: about(tenant)[0].seen_at > facts.seen_at >= facts.connected_at)


async def test_who_never_says_a_beat_back_is_not_measured(tenant: Tenant, redis_url: str) -> None:
    tenant.subscribe()
    async with (
        relay(context_of(redis_url, heartbeat_s=0.05)) as port,
        dialogue(port, tenant.token, Hello(TUNNEL, ("ci",), 1)) as talk,
    ):
        assert isinstance(await talk.hear(), Welcome)
        [opened] = about(tenant)
        for _ in range(5):
            await talk.websocket.receive()
            await talk.beat()
        await until(lambda: about(tenant)[0].seen_at > opened.seen_at)
        assert about(tenant)[0].round_trip_ms is None


async def test_a_cut_connection_is_told_at_once_though_its_lease_goes_on(tenant: Tenant, port: int) -> None:
    tenant.subscribe()
    async with dialogue(port, tenant.token, Hello(TUNNEL, ("ci",), 1, name="desk")) as talk:
        assert isinstance(await talk.hear(), Welcome)
        [facts] = about(tenant)
        talk.cut()
        await until(lambda: not about(tenant))
    left = last(tenant)
    assert left is not None
    assert (left.id, left.name, left.connected_at) == (TUNNEL, "desk", facts.connected_at)
    assert tenant.tunnels() == 1


async def test_a_connector_that_is_back_did_not_leave(tenant: Tenant, port: int) -> None:
    tenant.subscribe()
    async with (
        troubled_line(port) as line,
        connector(line.port, tenant.token, {"ci": Scripted()}) as running,
    ):
        await running.connected()
        [before] = about(tenant)
        line.reset()
        await running.connected(times=2)
        [after] = about(tenant)
        assert after.id == before.id
        assert after.connected_at > before.connected_at
        assert last(tenant) is None


async def test_a_superseded_connection_does_not_make_its_tunnel_leave(tenant: Tenant, port: int) -> None:
    tenant.subscribe()
    hello = Hello(TUNNEL, ("ci",), 1)
    async with dialogue(port, tenant.token, hello) as first:
        assert isinstance(await first.hear(), Welcome)
        async with dialogue(port, tenant.token, replace(hello, name="second")) as second:
            assert isinstance(await second.hear(), Welcome)
            assert await first.hung_up() == 1013
            assert [facts.name for facts in about(tenant)] == ["second"]
            assert last(tenant) is None
            await second.say(Bye())
            await second.hung_up()
    assert last(tenant) is not None


async def test_a_relay_that_stops_leaves_nobody_connected(tenant: Tenant, redis_url: str) -> None:
    tenant.subscribe()
    async with stoppable(context_of(redis_url)) as running:
        async with connector(running.port, tenant.token, {"ci": Scripted()}) as away:
            await away.connected()
            [facts] = about(tenant)
            await running.stopped()
        assert about(tenant) == []
        left = last(tenant)
        assert left is not None
        assert left.id == facts.id


@pytest.mark.parametrize(
    ("name", "shown"), [("a" * 70, "a" * 64), ("caf\x00é\n", "caf\ufffdé\ufffd"), ("", "")]
)
async def test_any_host_name_can_be_told(tenant: Tenant, port: int, name: str, shown: str) -> None:
    tenant.subscribe()
    async with connector(port, tenant.token, {"ci": Scripted()}, name=name) as running:
        await running.connected()
        assert [facts.name for facts in about(tenant)] == [shown]
