"""Tunnels that end by the relay: superseded, revoked, without a lease, silent; and those that are kept."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from relay.connector.errors import TokenRefusedError
from relay.tunnel.messages import Beat, Hello, Parcel, Welcome
from relay.tunnel.problem import Problem, ProblemCode
from store import gateways
from tests.dialogue import dialogue
from tests.running_connector import Scripted, connector
from tests.running_relay import context_of, relay
from tests.tenant import Tenant
from tests.tunnel_messages import TUNNEL
from tests.waiting import until


@pytest.fixture
async def quick_port(redis_url: str) -> AsyncIterator[int]:
    """A relay with a quick heart."""
    async with relay(context_of(redis_url, heartbeat_s=0.05)) as port:
        yield port


async def test_a_newer_connection_of_the_same_tunnel_takes_over(tenant: Tenant, port: int) -> None:
    subscription = tenant.subscribe()
    tenant.post(subscription)
    hello = Hello(TUNNEL, ("ci",), 1)
    async with dialogue(port, tenant.token, hello) as first:
        assert isinstance(await first.hear(), Welcome)
        assert isinstance(await first.hear(), Parcel)
        async with dialogue(port, tenant.token, hello) as second:
            assert isinstance(await second.hear(), Welcome)
            again = await second.hear()
            assert isinstance(again, Parcel)
            assert again.attempt == 2
            problem = await first.hear()
            assert isinstance(problem, Problem)
            assert problem.code is ProblemCode.LEASE_LOST
            assert await first.hung_up() == 1013
    assert tenant.tunnels() == 1


async def test_a_revoked_token_closes_the_tunnel_and_frees_its_deliveries(tenant: Tenant, port: int) -> None:
    subscription = tenant.subscribe()
    target = Scripted()
    target.gate.clear()
    async with connector(port, tenant.token, {"ci": target}) as running:
        tenant.post(subscription)
        await until(lambda: target.under_way == 1)
        tenant.store.run(gateways.revoke(tenant.gateway.id))
        with pytest.raises(TokenRefusedError, match="revoked"):
            await running.task
    await until(lambda: tenant.states() == ["queued"])
    assert tenant.tunnels() == 0


async def test_a_revocation_that_no_bell_announced_is_found_when_the_bell_is_back(
    tenant: Tenant, port: int
) -> None:
    tenant.subscribe()
    async with connector(port, tenant.token, {"ci": Scripted()}) as running:
        await running.connected()
        await until(lambda: tenant.command("PUBSUB", "NUMSUB", "fleet:bell")[1] == 1)
        token_hash = tenant.command("HGET", f"fleet:gateway:{tenant.gateway.id}", "token_hash").decode()
        tenant.command("DEL", f"fleet:access:{token_hash}")
        tenant.command("CLIENT", "KILL", "TYPE", "pubsub")
        with pytest.raises(TokenRefusedError, match="revoked"):
            await asyncio.wait_for(running.task, 5)


async def test_a_lease_is_renewed_by_the_pulse(tenant: Tenant, quick_port: int) -> None:
    tenant.subscribe()
    async with connector(quick_port, tenant.token, {"ci": Scripted()}) as running:
        await running.connected()
        [member] = tenant.command("ZRANGE", "fleet:due", 0, -1)
        first = float(tenant.command("ZSCORE", "fleet:due", member))
        await until(lambda: float(tenant.command("ZSCORE", "fleet:due", member)) > first)


async def test_a_tunnel_whose_lease_is_gone_is_opened_anew(tenant: Tenant, quick_port: int) -> None:
    subscription = tenant.subscribe()
    target = Scripted()
    async with connector(quick_port, tenant.token, {"ci": target}) as running:
        await running.connected()
        tenant.command("DEL", *tenant.command("KEYS", "fleet:tunnel:*"))
        await running.connected(times=2)
        assert running.recorder.losses == ["The lease of this tunnel ended."]
        tenant.post(subscription)
        await until(lambda: len(target.arrivals) == 1)


async def test_a_silent_connector_is_let_go_and_its_lease_left_to_end(
    tenant: Tenant, quick_port: int
) -> None:
    tenant.subscribe()
    async with dialogue(quick_port, tenant.token, Hello(TUNNEL, ("ci",), 1)) as talk:
        assert isinstance(await talk.hear(), Welcome)
        problem = await talk.hear()
        assert isinstance(problem, Problem)
        assert "silent" in problem.sentence
        assert await talk.hung_up() == 1013
    assert tenant.tunnels() == 1


async def test_a_connector_that_only_beats_is_kept(tenant: Tenant, quick_port: int) -> None:
    tenant.subscribe()
    async with dialogue(quick_port, tenant.token, Hello(TUNNEL, ("ci",), 1)) as talk:
        for _ in range(10):
            await talk.websocket.receive()
            await talk.say(Beat())
        assert not talk.websocket.closed


async def test_a_connector_that_does_not_read_is_let_go(
    tenant: Tenant, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.server.protocol.WRITE_TIMEOUT_S", 0.1)
    monkeypatch.setattr("relay.server.protocol.LINGER_S", 0.1)
    subscription = tenant.subscribe()
    for _ in range(16):
        tenant.post(subscription, body=bytes(1024 * 1024))
    with capture_logs() as logs:
        async with dialogue(port, tenant.token, Hello(TUNNEL, ("ci",), 16)) as talk:
            await until(lambda: any(entry["event"] == "tunnel_closed" for entry in logs))
            assert await talk.hung_up() == 1006
    assert tenant.tunnels() == 1
    assert "sent" in tenant.states()
