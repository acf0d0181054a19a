"""The sweeper and the jobs it makes: it goes on while something is due, whatever it meets."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from domain.delivery import Step
from store.connect import SyncStore
from store.deliveries import Settlement, settle
from tests.waiting import until
from tests.world import HOUR_MS, World
from workers.context import WorkerContext, installed
from workers.sweeper import Sweeper
from workers.worker import work


@pytest.fixture
def world(redis_url: str) -> Iterator[World]:
    store = SyncStore(redis_url)
    yield World(store)
    store.close()


@pytest.fixture
def ticking(world: World, context: WorkerContext) -> WorkerContext:
    """The clock is the world's; who pauses between two sweeps is late."""
    return replace(context, clock_ms=lambda: world.now, sweep_interval_s=3600)


def fail(world: World, count: int) -> None:
    subscription = world.subscribe()
    for event in world.accept(count):
        world.fan_out(event, subscription)
    taken = world.take(subscription, count=count)
    world.run(settle([Settlement(each.delivery.id, 1, Step.RETRY, world.now) for each in taken], world.now))


def test_retries_are_resent_together_with_one_line_in_the_log(
    world: World, ticking: WorkerContext, redis_url: str
) -> None:
    fail(world, 250)
    Sweeper(ticking).sweep_once()
    with installed(ticking), capture_logs() as logged:
        work(redis_url, "deliveries", burst=True)
    told = [entry for entry in logged if entry["event"] == "delivery_attempts"]
    assert [(entry["deliveries"], entry["resent"]) for entry in told] == [(200, 200), (50, 50)]
    assert world.command("KEYS", "rq:failed:*") == []
    assert all(world.field(f"fleet:{member[2:]}", "ticket") == "" for member in world.due())


async def run_until_nothing_is_due(world: World, sweeper: Sweeper) -> None:
    running = asyncio.create_task(asyncio.to_thread(sweeper.run))
    try:
        await until(lambda: world.command("ZCOUNT", "fleet:due", "-inf", world.now) == 0)
    finally:
        sweeper.stop()
        await running


async def test_while_more_is_due_it_does_not_pause(world: World, ticking: WorkerContext) -> None:
    several = [world.subscribe(f"sub {number}") for number in range(50)]
    for event in world.accept(50):
        world.fan_out(event, *several)
    world.now += 72 * HOUR_MS
    await run_until_nothing_is_due(world, Sweeper(ticking))
    assert world.counts()["delivery:expired"] == 2500


async def test_what_is_unknown_or_broken_is_told_and_does_not_stop_it(
    world: World, ticking: WorkerContext
) -> None:
    world.command("ZADD", "fleet:due", 1, "rubbish", 2, "e:evt_broken")
    world.command("SET", "fleet:event:evt_broken", "a string")
    [event] = world.accept()
    world.now += 72 * HOUR_MS
    with capture_logs() as logged:
        await run_until_nothing_is_due(world, Sweeper(ticking))
    told = {entry["event"]: entry["member"] for entry in logged if entry["event"].startswith("due_")}
    assert told == {"due_unknown": "rubbish", "due_broken": "e:evt_broken"}
    assert world.field(f"fleet:event:{event}", "state") == "expired"
