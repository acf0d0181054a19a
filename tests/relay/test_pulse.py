"""The pulse: which leases it renews, which tunnels it ends, and that it can be cut short anywhere."""

import asyncio
import os

import pytest

from relay.server import pulse
from relay.server.endings import LOST
from relay.server.switchboard import Switchboard
from store import tunnels
from store.calls import Call
from store.connect import AsyncStore
from store.tasks import end
from tests.fake_line import FakeLine
from tests.running_relay import context_of
from tests.tenant import Tenant


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
    opened = tunnels.open_tunnel(
        "gw_1", tunnels.Claim("tun_1", "s"), context.clock_ms() - 10_000, context.lease_ms
    )
    await context.store.run(opened)
    ends = ("HGET", "fleet:tunnel:gw_1:tun_1", "ends")
    before = await context.store.run(Call((ends,), list))
    await pulse.beat_once(context, board)
    assert await context.store.run(Call((ends,), list)) == before
    silent.is_heard = True
    await pulse.beat_once(context, board)
    assert await context.store.run(Call((ends,), list)) > before
    await context.store.close()


@pytest.mark.parametrize("is_deaf", [True, False])
async def test_while_nobody_hears_the_bell_each_beat_doubts_all_tunnels(
    redis_url: str, *, is_deaf: bool
) -> None:
    context = context_of(redis_url)
    board = Switchboard()
    board.is_deaf = is_deaf
    lines = [FakeLine(), FakeLine(tunnel="tun_2", is_heard=False)]
    for line in lines:
        board.join(line)
    await pulse.beat_once(context, board)
    assert [line.doubts for line in lines] == [int(is_deaf)] * 2
    await context.store.close()


async def test_a_pulse_without_redis_ends_nothing(tmp_path: os.PathLike[str]) -> None:
    context = context_of(f"unix://{os.fspath(tmp_path)}/nobody.sock")
    board = Switchboard()
    line = FakeLine()
    board.join(line)
    await pulse.beat_once(context, board)
    assert (line.ended, line.doubts) == ([], 0)
    await context.store.close()


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
        # Each round ends the task one step further on; that is the moment under test, not a wait.
        for _ in range(ticks):
            await asyncio.sleep(0)
        await asyncio.wait_for(end([task]), 5)
    await store.close()
