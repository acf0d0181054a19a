"""A relay that is asked to stop: it says so, takes nothing new, and sends its connectors elsewhere."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from domain.delivery import Outcome
from relay.server import moving
from relay.server.switchboard import Switchboard
from relay.tunnel.messages import Confirmed, Hello, Parcel, Result, Results, Settled, Welcome
from relay.tunnel.problem import Problem, ProblemCode
from store.stopping import Patience
from tests.dialogue import dialogue
from tests.fake_line import FakeLine
from tests.forwarder import forwarder
from tests.running_connector import Scripted, connector
from tests.running_relay import RunningRelay, context_of, stoppable
from tests.tenant import Tenant
from tests.tunnel_messages import TUNNEL
from tests.waiting import until


@pytest.fixture
async def noticed(redis_url: str) -> AsyncIterator[RunningRelay]:
    """A relay that goes on for a while after it said that it stops."""
    async with stoppable(context_of(redis_url), Patience(notice_s=1, drain_s=5)) as started:
        await until(lambda: started.server.started)
        yield started


async def test_a_stopping_relay_is_not_ready_but_answers(tenant: Tenant, noticed: RunningRelay) -> None:
    headers = {"authorization": f"Bearer {tenant.token}"}
    noticed.stop()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{noticed.port}", headers=headers) as session:
        async with session.get("/readyz") as response:
            assert response.status == 503
            assert await response.json() == {"ready": False, "reason": "This relay is stopping."}
        await until(lambda: noticed.is_ending)
        async with session.get("/api/v1/gateway") as response:
            assert response.status == 200
            assert response.headers["connection"] == "close"
        async with session.get("/healthz") as response:
            assert response.status == 200


async def test_a_stopping_relay_takes_no_new_tunnel(tenant: Tenant, noticed: RunningRelay) -> None:
    tenant.subscribe()
    async with dialogue(noticed.port, tenant.token) as early:
        noticed.stop()
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with dialogue(noticed.port, tenant.token):
                pass
        assert refused.value.status == 503
        assert refused.value.headers is not None
        assert refused.value.headers["retry-after"] == "1"
        # One that came just before, and says only now who it is.
        await early.say(Hello(TUNNEL, ("ci",), 1))
        problem = await early.hear()
        assert isinstance(problem, Problem)
        assert problem.code is ProblemCode.MOVED
    assert tenant.tunnels() == 0


async def test_results_until_the_end_are_settled_and_confirmed_and_nothing_new_is_taken(
    tenant: Tenant, redis_url: str
) -> None:
    subscription = tenant.subscribe()
    tenant.post(subscription)
    async with (
        stoppable(context_of(redis_url, dice=lambda: 0.99), Patience(0, 5)) as running,
        dialogue(running.port, tenant.token, Hello(TUNNEL, ("ci",), 8)) as talk,
    ):
        assert isinstance(await talk.hear(), Welcome)
        parcel = await talk.hear()
        assert isinstance(parcel, Parcel)
        running.stop()
        await talk.say(Results((Result(parcel.delivery, 1, Outcome.DELIVERED, "200"),)))
        assert await talk.hear() == Settled((Confirmed(parcel.delivery, 1),))
        problem = await talk.hear()
        assert problem == Problem(ProblemCode.MOVED, "This relay is stopping; connect again.")
        assert await talk.hung_up() == 1013
        await running.serving
    assert tenant.states() == ["delivered"]
    assert tenant.tunnels() == 1, "the lease stays for the connector to claim it elsewhere"


async def test_nothing_is_taken_any_more_once_tunnels_are_sent_away(
    tenant: Tenant, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "_SPREAD_PER_TUNNEL_S", 60)
    subscription = tenant.subscribe()
    async with (
        stoppable(context_of(redis_url, dice=lambda: 0.5), Patience(0, 2)) as running,
        dialogue(running.port, tenant.token, Hello(TUNNEL, ("ci",), 8)) as talk,
    ):
        assert isinstance(await talk.hear(), Welcome)
        running.stop()
        await until(lambda: running.is_ending)
        tenant.post(subscription)
        problem = await talk.hear()
        assert isinstance(problem, Problem)
        assert problem.code is ProblemCode.MOVED
    assert tenant.states() == ["queued"]


async def test_an_attempt_under_way_moves_along_and_is_made_once(tenant: Tenant, redis_url: str) -> None:
    target = Scripted()
    target.gate.clear()
    async with stoppable(context_of(redis_url)) as first, stoppable(context_of(redis_url)) as second:
        with forwarder(first.port, second.port) as way:
            await _moves(tenant, target, first, way.port)
    assert [arrival.attempt for arrival in target.arrivals] == [1]


async def _moves(tenant: Tenant, target: Scripted, first: RunningRelay, port: int) -> None:
    subscription = tenant.subscribe()
    async with connector(port, tenant.token, {"ci": target}) as running:
        event = tenant.post(subscription)
        await until(lambda: target.under_way == 1)
        await first.stopped()
        await running.connected(times=2)
        assert tenant.states() == ["sent"]
        target.gate.set()
        await until(lambda: tenant.states() == ["delivered"])
        assert tenant.tunnels() == 1
    assert [arrival.event for arrival in target.arrivals] == [event]
    assert (len(running.recorder.moves), running.recorder.losses) == (1, [])
    assert running.recorder.moves[0] <= 0.1


async def test_a_relay_does_not_wait_for_ever_for_a_connector_that_does_not_go(
    tenant: Tenant, redis_url: str
) -> None:
    tenant.subscribe()
    async with stoppable(context_of(redis_url), Patience(0, 1)) as running:
        # It opens a tunnel and then reads nothing, not even that it should leave.
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        writer.write(
            b"GET /tunnel HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
            b"sec-websocket-version: 13\r\nsec-websocket-key: MDEyMzQ1Njc4OTAxMjM0NQ==\r\n"
            b"authorization: Bearer " + tenant.token.encode() + b"\r\n\r\n"
        )
        assert b" 101 " in await reader.readline()
        await running.stopped()
        writer.close()


def test_the_tunnels_of_a_large_relay_do_not_leave_in_one_instant() -> None:
    board = Switchboard()
    lines = [FakeLine(gateway=f"gw_{number}") for number in range(500)]
    for line in lines:
        board.join(line)
    throws = iter(number / 500 for number in range(500))
    assert moving.move_all(board, lambda: next(throws), 10) == 500
    waits = sorted(line.moves[0] for line in lines)
    assert waits[0] == 0
    assert 1.9 < waits[-1] < 2
    assert sum(wait < 1 for wait in waits) == 250


def test_one_tunnel_leaves_at_once_and_little_time_is_kept_to() -> None:
    board = Switchboard()
    lines = [FakeLine(), *(FakeLine(gateway=f"gw_{number}") for number in range(2, 501))]
    board.join(lines[0])
    moving.move_all(board, lambda: 0.5, 10)
    assert lines[0].moves == [0.005]
    for line in lines[1:]:
        board.join(line)
    moving.move_all(board, lambda: 0.5, 0.1)
    assert {line.moves[-1] for line in lines} == {0.05}
