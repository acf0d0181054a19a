"""The parts of the relay beside its tunnels: who is woken, what is settled how, what is cut short."""

import asyncio
import os
from dataclasses import dataclass, field

import aiohttp
import pytest

from domain.delivery import Outcome, Step
from domain.errors import OverloadedError
from relay.server import doorbell, pulse
from relay.server.context import RelayContext
from relay.server.endings import LOST, REVOKED, SUPERSEDED
from relay.server.settling import Settler
from relay.server.switchboard import MAX_TUNNELS, Switchboard
from relay.tunnel.messages import Problem, Result
from store import tunnels
from store.bell import Renewed, Revoked, Rung
from store.calls import Call
from store.connect import AsyncStore
from store.tasks import end
from tests.tunnel_world import Tenant, context_of, relay


@dataclass(eq=False)
class FakeLine:
    """A tunnel that only remembers what it is told."""

    gateway: str = "gw_1"
    tunnel: str = "tun_1"
    session: str = "s"
    served: tuple[str, ...] = ("sub_1",)
    alive: bool = True
    is_heard: bool = True
    rings: list[str | None] = field(default_factory=list)
    doubts: int = 0
    ended: list[Problem] = field(default_factory=list)

    def ring(self, subscription: str | None = None) -> None:
        self.rings.append(subscription)

    def beat(self) -> bool:
        return self.alive

    def doubt(self) -> None:
        self.doubts += 1

    def end(self, problem: Problem) -> None:
        self.ended.append(problem)


def test_a_bell_wakes_those_who_serve_the_subscription() -> None:
    board = Switchboard()
    here, there = FakeLine(served=("sub_1", "sub_2")), FakeLine(tunnel="tun_2", served=("sub_2",))
    board.join(here)
    board.join(there)
    doorbell.pass_on(Rung("sub_1"), board)
    doorbell.pass_on(Rung("sub_2"), board)
    doorbell.pass_on(Rung("sub_unknown"), board)
    assert (here.rings, there.rings) == (["sub_1", "sub_2"], ["sub_2"])
    board.leave(here)
    board.leave(here)
    board.ring("sub_1")
    assert here.rings == ["sub_1", "sub_2"]
    assert list(board) == [there]


def test_a_revocation_ends_the_tunnels_of_that_gateway_only() -> None:
    board = Switchboard()
    mine, theirs = FakeLine(), FakeLine(gateway="gw_2")
    board.join(mine)
    board.join(theirs)
    doorbell.pass_on(Revoked("gw_1"), board)
    assert (mine.ended, theirs.ended) == ([REVOKED], [])


def test_a_new_doorbell_makes_everybody_look_again() -> None:
    board = Switchboard()
    line = FakeLine()
    board.join(line)
    doorbell.pass_on(Renewed(), board)
    assert (line.rings, line.doubts) == ([None], 1)


def test_a_newer_connection_of_a_tunnel_replaces_the_older_one() -> None:
    board = Switchboard()
    older, newer = FakeLine(), FakeLine(session="t")
    board.join(older)
    board.join(newer)
    board.leave(older)
    assert older.ended == [SUPERSEDED]
    assert list(board) == [newer]
    board.ring("sub_1")
    assert (older.rings, newer.rings) == ([], ["sub_1"])


def test_a_gateway_has_a_bounded_number_of_tunnels() -> None:
    board = Switchboard()
    for number in range(MAX_TUNNELS):
        board.join(FakeLine(tunnel=f"tun_{number}"))
    board.join(FakeLine(gateway="gw_2"))
    late = FakeLine(tunnel="tun_late")
    with pytest.raises(OverloadedError):
        board.join(late)
    board.leave(late)
    assert len(list(board)) == MAX_TUNNELS + 1


async def test_the_pulse_looks_for_deliveries_and_ends_tunnels_without_a_lease(redis_url: str) -> None:
    context = context_of(redis_url)
    board = Switchboard()
    dead, lost = FakeLine(tunnel="tun_dead", alive=False), FakeLine()
    board.join(dead)
    board.join(lost)
    await pulse.beat_once(context, board)
    assert (dead.rings, dead.ended) == ([], [])
    assert (lost.rings, lost.ended) == ([None], [LOST])
    await context.store.close()


async def test_the_lease_of_a_silent_tunnel_is_not_renewed(redis_url: str) -> None:
    context = context_of(redis_url)
    board = Switchboard()
    silent = FakeLine(is_heard=False)
    board.join(silent)
    opened = tunnels.open_tunnel("gw_1", "tun_1", "s", (), (), context.clock_ms() - 10_000, context.lease_ms)
    await context.store.run(opened)
    ends = ("HGET", "fleet:tunnel:gw_1:tun_1", "ends")
    before = await context.store.run(Call((ends,), list))
    await pulse.beat_once(context, board)
    assert await context.store.run(Call((ends,), list)) == before
    silent.is_heard = True
    await pulse.beat_once(context, board)
    assert await context.store.run(Call((ends,), list)) > before
    await context.store.close()


async def test_a_pulse_without_redis_ends_nothing(tmp_path: os.PathLike[str]) -> None:
    context = context_of(f"unix://{os.fspath(tmp_path)}/nobody.sock")
    board = Switchboard()
    line = FakeLine()
    board.join(line)
    await pulse.beat_once(context, board)
    assert line.ended == []
    await context.store.close()


@pytest.fixture
def context() -> RelayContext:
    return context_of("unix:///nowhere", clock_ms=lambda: 1_000_000, retry_schedule_s=(5, 30))


@pytest.mark.parametrize(
    ("outcome", "tries", "wish", "step", "retry_at"),
    [
        (Outcome.DELIVERED, 1, None, Step.DELIVER, 0),
        (Outcome.REFUSED, 1, None, Step.REFUSE, 0),
        (Outcome.RETRY, 1, None, Step.RETRY, 1_005_000),
        (Outcome.RETRY, 2, None, Step.RETRY, 1_030_000),
        (Outcome.RETRY, 2, 0.1, Step.RETRY, 1_001_000),
        (Outcome.RETRY, 2, 1e9, Step.RETRY, 44_200_000),
        (Outcome.RETRY, 3, 60, Step.EXHAUST, 0),
    ],
)
async def test_an_outcome_becomes_a_step(
    context: RelayContext, outcome: Outcome, tries: int, wish: float | None, step: Step, retry_at: int
) -> None:
    made = Settler(context).settlement(Result("dlv_1", 7, outcome, "note", wish), tries)
    assert (made.delivery, made.attempt, made.step, made.retry_at, made.note) == (
        "dlv_1",
        7,
        step,
        retry_at,
        "note",
    )


async def test_a_task_that_swallows_a_cancellation_is_ended_all_the_same() -> None:
    begun = asyncio.Event()

    async def stubborn() -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.Event().wait()

    task = asyncio.create_task(stubborn())
    await begun.wait()
    await end([task])
    assert task.cancelled()
    await end([task])


async def test_a_call_to_redis_can_be_ended_at_any_moment(redis_url: str, tenant: Tenant) -> None:
    store = AsyncStore(redis_url)
    board = Switchboard()
    context = context_of(redis_url, store=store)
    for ticks in range(30):
        board.join(FakeLine(tunnel=f"tun_{ticks}", gateway=tenant.gateway.id))

        async def forever() -> None:
            while True:
                await pulse.beat_once(context, board)

        task = asyncio.create_task(forever())
        for _ in range(ticks):
            await asyncio.sleep(0)
        await asyncio.wait_for(end([task]), 5)
    await store.close()


async def test_a_connection_without_a_whole_request_is_closed(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.server.protocol.HEAD_TIMEOUT_S", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: ")
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()


async def test_a_head_that_is_too_large_is_refused(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-large: " + b"x" * 100_000)
    assert (await reader.readline()).startswith(b"HTTP/1.1 400 ")
    writer.close()


async def test_a_tunnel_outlives_the_limit_for_heads(
    tenant: Tenant, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.server.protocol.HEAD_TIMEOUT_S", 0.01)
    async with (
        relay(context_of(redis_url)) as port,
        aiohttp.ClientSession() as session,
        session.ws_connect(
            f"http://127.0.0.1:{port}/tunnel", headers={"authorization": f"Bearer {tenant.token}"}
        ) as websocket,
    ):
        await asyncio.sleep(0.05)
        await websocket.ping()
        with pytest.raises(TimeoutError):
            await websocket.receive(timeout=0.05)


@pytest.mark.parametrize(
    ("path", "status", "word"), [("/healthz", 200, "healthy"), ("/readyz", 200, "ready"), ("/none", 404, "")]
)
async def test_the_relay_says_how_it_is(port: int, path: str, status: int, word: str) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}") as response,
    ):
        assert response.status == status
        assert word in await response.text()


async def test_a_relay_without_redis_is_not_ready_and_opens_no_tunnel(tmp_path: os.PathLike[str]) -> None:
    async with (
        relay(context_of(f"unix://{os.fspath(tmp_path)}/nobody.sock")) as port,
        aiohttp.ClientSession() as session,
    ):
        async with session.get(f"http://127.0.0.1:{port}/readyz") as response:
            assert response.status == 503
        headers = {"authorization": "Bearer fleet_x"}
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await session.ws_connect(f"http://127.0.0.1:{port}/tunnel", headers=headers)
        assert caught.value.status == 503
