"""A network that cuts, falls silent without a word, and is slow: every event arrives, and arrives once."""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import cycle

from cli.audit import examine
from store import tunnels
from tests.running_connector import Scripted, connector
from tests.running_relay import context_of, relay
from tests.tenant import Tenant, clock_ms
from tests.troubled_line import TroubledLine, troubled_line
from tests.waiting import until

EVENTS = 10_000
CUTS = 50
HEARTBEAT_S = 0.05
"""Silence is noticed after four of them."""

SLOW = 256 * 1024
PATIENCE_S = 60.0


def troubles(line: TroubledLine) -> Iterator[Callable[[], None]]:
    """What breaks, in turns: mostly a cut that both ends hear of; then silence, and halves of connections."""
    cuts = [line.reset, line.close] * 3
    return cycle([*cuts, line.stall, line.lose_near, line.lose_far, line.reset])


async def test_ten_thousand_events_arrive_once_over_a_line_that_breaks_fifty_times(
    tenant: Tenant, redis_url: str
) -> None:
    subscription = tenant.subscribe()
    posted: list[str] = []
    target = Scripted()
    async with (
        relay(context_of(redis_url, heartbeat_s=HEARTBEAT_S)) as port,
        troubled_line(port) as line,
        connector(line.port, tenant.token, {"ci": target}, concurrency=64) as running,
    ):
        for number, break_it in zip(range(CUTS), troubles(line), strict=False):
            await running.connected(number + 1)
            # Amid the work: some are under way, some answered, some confirmed.
            half = len(posted) + EVENTS // CUTS // 2
            posted += tenant.post_many(EVENTS // CUTS, subscription)
            await until(lambda half=half: len(target.arrivals) >= half)
            line.rate = SLOW if number % 10 == 0 else None
            break_it()
        await until(lambda: tenant.count("delivered") == EVENTS, PATIENCE_S)
        assert len(running.recorder.losses) >= CUTS
    assert Counter(arrival.event for arrival in target.arrivals) == Counter(posted)
    assert [each for found in examine(tenant.store) for each in found.differences] == []


async def test_what_was_answered_while_nothing_came_through_is_not_done_again(
    tenant: Tenant, redis_url: str
) -> None:
    subscription = tenant.subscribe()
    target = Scripted()
    target.gate.clear()
    async with (
        relay(context_of(redis_url, heartbeat_s=HEARTBEAT_S)) as port,
        troubled_line(port) as line,
        connector(line.port, tenant.token, {"ci": target}) as running,
    ):
        tenant.post(subscription)
        await until(lambda: target.under_way == 1)
        line.stall()
        line.is_answering = False
        target.gate.set()
        await running.attempted(1)
        await until(lambda: running.recorder.losses)
        # The lease ends meanwhile; nobody else is there to take what goes back.
        [tunnel] = tenant.command("SMEMBERS", f"fleet:tunnels:{tenant.gateway.id}")
        later = clock_ms() + 60_000
        assert tenant.store.run(tunnels.close_tunnel(tenant.gateway.id, tunnel.decode(), "", later))
        assert tenant.states() == ["queued"]
        line.is_answering = True
        line.reset()
        await line.ended()
        await until(lambda: tenant.states() == ["delivered"])
    assert [arrival.attempt for arrival in target.arrivals] == [1]


async def test_a_confirmation_that_was_lost_is_given_again(tenant: Tenant, redis_url: str) -> None:
    subscription = tenant.subscribe()
    target = Scripted()
    target.gate.clear()
    async with (
        relay(context_of(redis_url)) as port,
        troubled_line(port) as line,
        connector(line.port, tenant.token, {"ci": target}) as running,
    ):
        tenant.post(subscription)
        await until(lambda: target.under_way == 1)
        line.stall(up=False)
        target.gate.set()
        await until(lambda: tenant.states() == ["delivered"])
        assert running.recorder.losses == []
        line.reset()
        # A connector that still waited for the confirmation would wait for it until its time of grace ends.
        await running.connected(times=2)
        await running.stop()
    assert len(target.arrivals) == 1
    assert tenant.tunnels() == 0
