"""How a gateway stands: since when the oldest event waits, when the next retry is due, in one round trip."""

import pytest

from domain.delivery import Step
from store import deliveries, standing
from tests.redis_bill import Meter
from tests.world import World


@pytest.fixture
def meter(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Meter:
    return Meter(redis_url, monkeypatch)


def oldest(world: World) -> int | None:
    return world.run(standing.of(world.gateway, world.now)).oldest_waiting_at


def test_the_oldest_is_found_among_those_that_were_decided_since(world: World) -> None:
    assert oldest(world) is None
    first = world.now
    [slow] = world.accept()
    world.now += 1000
    for event in world.accept(20):
        world.fan_out(event)
    assert oldest(world) == first
    world.now += 1000
    world.accept()
    world.fan_out(slow)
    assert oldest(world) == world.now


def test_of_very_many_the_oldest_is_where_it_should_be(world: World) -> None:
    first = world.now
    [slow, *_] = world.accept(2)
    world.now += 1000
    log = f"fleet:log:{world.gateway}"
    # As if six thousand had come since, of which the log still has the ids.
    world.command("LPUSH", log, *(f"evt_{number}" for number in range(6000)))
    world.command("HINCRBY", f"fleet:counts:{world.gateway}", "event:waiting", 6000)
    assert oldest(world) == first
    world.command("LTRIM", log, 0, 100)
    assert oldest(world) is None
    world.command("RPUSH", log, slow)
    assert oldest(world) == first


def next_retry(world: World) -> int | None:
    return world.run(standing.of(world.gateway, world.now)).next_retry_at


def test_a_long_back_off_is_due_when_it_ends_and_not_when_it_began(world: World) -> None:
    subscription = world.subscribe()
    assert next_retry(world) is None
    long, short = world.now + 3_600_000, world.now + 60_000
    world.settle(world.delivered(subscription), Step.RETRY, long)
    world.now += 600_000
    world.sweep()
    assert next_retry(world) == long
    world.settle(world.delivered(subscription), Step.RETRY, short)
    assert next_retry(world) == short


def test_a_late_retry_stays_late_while_its_job_waits_for_a_worker(world: World) -> None:
    due = world.now + 1000
    late = world.delivered(world.subscribe())
    world.settle(late, Step.RETRY, due)
    for _ in range(5):
        world.now += 60_000
        world.sweep()  # which looks at it again some time later, as it does with what a job has
    assert next_retry(world) == due
    [job] = world.queue("deliveries")
    assert world.run(deliveries.attempt(late.delivery.id, job, "run_1"))[0] == "resent"
    assert next_retry(world) is None


def test_everything_comes_in_one_round_trip(world: World, meter: Meter) -> None:
    subscription = world.subscribe()
    [event] = world.accept()
    world.fan_out(event, subscription)
    world.run(standing.of(world.gateway, world.now))
    with meter.read() as bill:
        world.run(standing.of(world.gateway, world.now))
    assert bill.cost.round_trips == 1
