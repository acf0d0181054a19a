"""RQ's queues and workers: what we read is what RQ's own code has written, and would say itself."""

import time
from collections.abc import Iterator

import pytest
from redis import Redis
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.registry import FailedJobRegistry, StartedJobRegistry
from rq.serializers import JSONSerializer
from rq.suspension import is_suspended, resume, suspend
from rq.worker import WorkerStatus

from store import queues, rq_names
from store.queues import Machinery, QueueFacts, Suspension
from tests.world import World

NOW_S = 1_800_000_000


@pytest.fixture
def client(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as client:
        yield client


def look(world: World, now_ms: int | None = None) -> Machinery:
    return world.run(queues.look(now_ms or time.time_ns() // 1_000_000))


def queue(world: World, name: str, now_ms: int | None = None) -> QueueFacts:
    return next(each for each in look(world, now_ms).queues if each.name == name)


def rq_queue(client: Redis, name: str) -> Queue:
    return Queue(name, connection=client, serializer=JSONSerializer)


def worker(client: Redis, name: str) -> SimpleWorker:
    made = SimpleWorker([rq_queue(client, name)], connection=client, serializer=JSONSerializer)
    made.register_birth()
    return made


def test_an_idle_server_has_nothing(world: World) -> None:
    found = look(world)
    assert [(each.name, each.depth, each.oldest_at) for each in found.queues] == [
        ("events", 0, None),
        ("deliveries", 0, None),
        ("git", 0, None),
    ]
    assert (found.workers, found.has_sweeper, found.waiting, found.retrying) == ((), False, 0, 0)
    assert found.suspension == Suspension(is_on=False, ends_in_ms=None)


def test_a_queue_is_as_deep_as_rq_says_and_as_old_as_its_first_job(world: World, client: Redis) -> None:
    began = world.now
    world.accept()
    world.now += 5000
    world.accept()
    found = queue(world, "events")
    assert (found.depth, found.oldest_at) == (rq_queue(client, "events").count, began) == (2, began)
    assert look(world).waiting == 2


def test_jobs_count_as_started_and_failed_until_rq_would_forget_them(world: World, client: Redis) -> None:
    of_rq = rq_queue(client, "deliveries")
    for registry in (FailedJobRegistry(queue=of_rq), StartedJobRegistry(queue=of_rq)):
        client.zadd(registry.key, {"job_1": NOW_S + 10, "job_2": "+inf", "job_3": NOW_S - 10})
    found = queue(world, "deliveries", NOW_S * 1000)
    assert (found.started, found.failed) == (2, 2)
    assert client.zcard(FailedJobRegistry(queue=of_rq).key) == 3


def test_a_worker_is_seen_with_what_it_does(world: World, client: Redis) -> None:
    world.accept()
    [job_id] = world.queue("events")
    busy, idle = worker(client, "events"), worker(client, "git")
    job = Job.fetch(job_id, connection=client, serializer=JSONSerializer)
    with client.pipeline() as pipeline:
        job.prepare_for_execution(busy.name, pipeline)
        busy.set_state(WorkerStatus.BUSY, pipeline=pipeline)
        busy.set_current_job_id(job_id, pipeline=pipeline)
        busy.increment_successful_job_count(pipeline=pipeline)
        pipeline.execute()
    idle.set_state(WorkerStatus.IDLE)
    idle.increment_failed_job_count()
    found = {each.name: each for each in look(world).workers}
    one, two = found[busy.name], found[idle.name]
    assert (one.queue, one.state, one.doing) == ("events", "busy", "verify a batch")
    assert one.since == int(job.started_at.timestamp() * 1000)
    assert (one.host, one.pid, one.done, one.failed) == (busy.hostname, busy.pid, 1, 0)
    assert one.started_at == int(busy.birth_date.timestamp() * 1000)
    assert one.seen_at is not None
    assert one.seen_at >= one.started_at
    assert (two.queue, two.state, two.doing, two.since, two.failed) == ("git", "idle", "", None, 1)


@pytest.mark.parametrize(
    ("of_rq", "told"), [(WorkerStatus.STARTED, "idle"), (WorkerStatus.SUSPENDED, "suspended")]
)
def test_every_state_of_a_worker_is_one_of_three(world: World, client: Redis, of_rq: str, told: str) -> None:
    worker(client, "events").set_state(of_rq)
    assert [each.state for each in look(world).workers] == [told]


@pytest.mark.parametrize(("of_rq", "told"), [(WorkerStatus.IDLE, "suspended"), (WorkerStatus.BUSY, "busy")])
def test_while_workers_are_suspended_those_at_rest_are(
    world: World, client: Redis, of_rq: str, told: str
) -> None:
    worker(client, "events").set_state(of_rq)
    world.run(queues.suspend(None))
    assert [each.state for each in look(world).workers] == [told]
    world.run(queues.resume())
    assert [each.state for each in look(world).workers] != ["suspended"]


def test_a_worker_whose_record_has_ended_is_not_told(world: World, client: Redis) -> None:
    client.delete(worker(client, "events").key)
    assert look(world).workers == ()


def test_workers_are_told_to_a_bound(world: World, client: Redis) -> None:
    for number in range(510):
        client.sadd(rq_names.WORKERS, f"rq:worker:{number}")
        client.hset(f"rq:worker:{number}", "queues", "events")
    assert len(look(world).workers) == 500


def test_rq_and_we_suspend_the_same_workers(world: World, client: Redis) -> None:
    world.run(queues.suspend(None))
    assert is_suspended(client)
    assert world.run(queues.suspension()) == Suspension(is_on=True, ends_in_ms=None)
    resume(client)
    assert not world.run(queues.suspension()).is_on
    suspend(client, ttl=60)
    found = look(world).suspension
    assert found.is_on
    assert found.ends_in_ms is not None
    assert 50_000 < found.ends_in_ms <= 60_000
    world.run(queues.resume())
    assert not is_suspended(client)


def test_a_pause_with_an_end_takes_the_place_of_one_without(world: World, client: Redis) -> None:
    world.run(queues.suspend(None))
    world.run(queues.suspend(30))
    assert 0 < client.ttl(rq_names.SUSPENDED) <= 30
    world.run(queues.suspend(None))
    assert client.ttl(rq_names.SUSPENDED) == -1


def test_a_suspended_worker_begins_nothing(world: World, client: Redis) -> None:
    world.accept()
    world.run(queues.suspend(None))
    made = SimpleWorker([rq_queue(client, "events")], connection=client, serializer=JSONSerializer)
    made.work(burst=True, logging_level="ERROR")
    assert queue(world, "events").depth == 1


def test_retries_of_all_gateways_are_counted(world: World) -> None:
    other = World(world.store, "gw_2", made=1000)
    for number, each in enumerate((world, other), 1):
        for delivery in range(number):
            world.command("ZADD", f"fleet:retrying:{each.gateway}", 1, f"dlv_{delivery}")
    assert look(world).retrying == 3
