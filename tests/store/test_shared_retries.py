"""Due retries share jobs: one gateway's thousands are a few jobs, and no other gateway waits behind them."""

import json
from collections.abc import Sequence

import pytest

from domain.delivery import Step
from store import deliveries
from store.calls import together
from store.deliveries import Settlement, settle
from tests.world import START_MS, World

RETRIES_OF_A_JOB = 200


@pytest.fixture
def other(world: World) -> World:
    return World(world.store, "gw_2", made=1_000_000)


def fail(world: World, count: int, step: Step = Step.RETRY, at: int = START_MS) -> list[str]:
    """So many deliveries whose attempt failed; they are due at that time."""
    subscription = world.subscribe(f"of {count} {step}")
    for event in world.accept(count):
        world.fan_out(event, subscription)
    taken = world.take(subscription, count=count)
    world.run(settle([Settlement(each.delivery.id, 1, step, at) for each in taken], at))
    return [each.delivery.id for each in taken]


def members(world: World, job: str) -> list[str]:
    return json.loads(world.field(f"rq:job:{job}", "data"))[2]


def attempt(world: World, job: str, run: str = "run_1") -> set[str]:
    calls = [deliveries.attempt(each, job, run) for each in members(world, job)]
    return {outcome for outcome, _ in world.run(together(calls))}


def sweep_all(world: World) -> int:
    """Sweep as the sweeper does, until nothing is due; how often that was."""
    number = 1
    while 0 <= world.sweep().next_due <= world.now:
        number += 1
    return number


def test_due_retries_of_one_sweep_share_a_job(world: World) -> None:
    failed = fail(world, 3)
    world.sweep()
    [job] = world.queue("deliveries")
    assert sorted(members(world, job)) == sorted(failed)
    assert world.field(f"rq:job:{job}", "description") == "retry 3 deliveries"
    assert attempt(world, job) == {"resent"}
    assert attempt(world, job) == {"stale"}
    assert world.command("XLEN", f"fleet:stream:{'sub_' + failed[0].split('_')[2]}") == 3


def test_a_single_retry_is_named(world: World) -> None:
    [failed] = fail(world, 1)
    world.sweep()
    [job] = world.queue("deliveries")
    assert world.field(f"rq:job:{job}", "description") == f"retry {failed}"


def test_gateways_take_turns_and_never_share_a_job(world: World, other: World) -> None:
    flood, quiet = fail(world, 450), fail(other, 2, at=START_MS + 1)
    world.now += 1
    world.sweep_limit = 500
    world.sweep()
    jobs = [members(world, job) for job in world.queue("deliveries")]
    assert [len(each) for each in jobs] == [RETRIES_OF_A_JOB, 2, RETRIES_OF_A_JOB, 50]
    assert sorted(jobs[1]) == sorted(quiet)
    assert sorted(jobs[0] + jobs[2] + jobs[3]) == sorted(flood)


def test_behind_the_thousand_retries_of_another_gateway_one_waits_for_a_few_jobs(
    world: World, other: World
) -> None:
    fail(world, 1000)
    [quiet] = fail(other, 1, at=START_MS + 1)
    world.now += 1
    sweeps = sweep_all(world)
    jobs = world.queue("deliveries")
    assert sweeps == len(jobs) == 1000 // world.sweep_limit + 1
    for job in jobs:
        assert attempt(world, job) == {"resent"}
    assert other.field(f"fleet:delivery:{quiet}", "state") == "queued"
    assert world.counts()["delivery:in_flight"] == 1000
    assert world.differences() == []


def test_when_a_job_is_lost_all_its_retries_get_another_and_the_lost_one_is_void(world: World) -> None:
    fail(world, 3)
    world.sweep()
    [lost] = world.queue("deliveries")
    world.command("LPOP", "rq:queue:deliveries")
    world.now += world.limits.recovery_ms
    world.sweep()
    [found] = world.queue("deliveries")
    assert attempt(world, lost) == {"stale"}
    assert attempt(world, found) == {"resent"}


def test_a_worker_that_dies_amid_a_job_leaves_the_rest_to_the_next_job(world: World) -> None:
    failed = fail(world, 3)
    world.sweep()
    [job] = world.queue("deliveries")
    world.command("LPOP", "rq:queue:deliveries")
    first = members(world, job)[0]
    assert world.run(deliveries.attempt(first, job, "run_1"))[0] == "resent"
    world.now += world.limits.recovery_ms
    world.sweep()
    [rest] = world.queue("deliveries")
    assert sorted(members(world, rest)) == sorted(set(failed) - {first})
    assert attempt(world, rest) == {"resent"}


def test_whether_a_job_waits_is_asked_once_for_all_its_retries(world: World) -> None:
    fail(world, 50)
    world.sweep()
    world.now += world.limits.recovery_ms
    world.command("CONFIG", "RESETSTAT")
    world.sweep()
    assert calls(world, "lpos") == 1
    assert len(world.queue("deliveries")) == 1


def calls(world: World, command: str) -> int:
    lines: Sequence[bytes] = world.command("INFO", "commandstats").splitlines()
    [line] = [line for line in lines if line.startswith(f"cmdstat_{command}:".encode())]
    return int(line.split(b"calls=")[1].split(b",")[0])


def test_each_dying_delivery_has_a_job_of_its_own(world: World) -> None:
    failed = fail(world, 3, Step.EXHAUST)
    world.sweep()
    jobs = world.queue("deliveries")
    assert sorted(members(world, job)[0] for job in jobs) == sorted(failed)
    assert [attempt(world, job) for job in jobs] == [{"dead"}] * 3


def test_a_flood_of_dying_deliveries_leaves_the_queue_short_and_dies_in_the_end(
    world: World, other: World
) -> None:
    fail(world, 450, Step.EXHAUST)
    fail(other, 1, at=START_MS + 1)
    world.now += 1
    sweep_all(world)
    assert len(world.queue("deliveries")) == 200 + 1
    while jobs := world.queue("deliveries"):
        world.command("DEL", "rq:queue:deliveries")
        for job in jobs:
            attempt(world, job)
        world.now += 5000
        sweep_all(world)
    assert world.counts()["delivery:dead"] == 450
    assert world.differences() == []
