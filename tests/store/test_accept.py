"""Accepting: kept, counted, due and in exactly one batch - or refused with the reason."""

from dataclasses import replace

import pytest
import redis
from redis.exceptions import OutOfMemoryError
from rq.job import Job
from rq.serializers import JSONSerializer

from domain.limits import DEFAULTS
from store import webhooks
from store.events import LARGE_BODY_BYTES, close_batch
from tests.world import HOUR_MS, World


def test_an_accepted_event_waits_in_a_job_and_is_due(world: World) -> None:
    [event] = world.accept()
    [job] = world.queue("events")
    assert world.field(f"fleet:event:{event}", "state") == "waiting"
    assert world.field(f"fleet:event:{event}", "job") == job
    assert world.command("LRANGE", f"fleet:members:{job}", 0, -1) == [event.encode()]
    assert int(world.command("ZSCORE", "fleet:due", f"e:{event}")) == world.now + 20_000
    assert world.counts() == {"event:accepted": 1, "event:waiting": 1}


def test_the_job_is_one_that_rq_understands_and_carries_no_argument(world: World, redis_url: str) -> None:
    world.accept()
    [name] = world.queue("events")
    with redis.Redis.from_url(redis_url) as connection:
        job = Job.fetch(name, connection=connection, serializer=JSONSerializer)
        assert (job.func_name, list(job.args), job.kwargs) == ("workers.jobs.verify_batch", [], {})
        assert job.get_status() == "queued"
        assert (job.timeout, job.result_ttl, job.failure_ttl) == (10, 10, 72 * 3600)
        assert job.description == "verify a batch"


def test_events_that_wait_together_share_a_job(world: World) -> None:
    world.accept(3)
    world.accept(2)
    assert len(world.queue("events")) == 1


def test_a_closed_full_or_old_batch_takes_no_more(world: World) -> None:
    world.accept()
    [job] = world.queue("events")
    world.run(close_batch(job, world.limits, world.id("job"), world.now))
    world.accept()
    assert len(world.queue("events")) == 2
    world.now += 1001
    world.accept(200)
    assert len(world.queue("events")) == 3
    world.accept()
    assert len(world.queue("events")) == 4


def test_a_large_body_is_set_ahead_and_then_lives_as_long_as_its_event(world: World) -> None:
    large = world.candidate(sealed=b"x" * (LARGE_BODY_BYTES + 1))
    assert world.offer(large)[0].verdict == "accepted"
    assert world.command("STRLEN", f"fleet:body:{large.event}") == LARGE_BODY_BYTES + 1
    assert world.command("PTTL", f"fleet:body:{large.event}") > 72 * HOUR_MS


def test_the_hour_is_spent_exactly_and_begins_anew(world: World) -> None:
    world.hourly_limit = 3
    webhook = world.add_webhook("small", 3)
    offers = [world.candidate(webhook=webhook.id, hourly_limit=3) for _ in range(5)]
    answers = world.offer(*offers)
    assert [answer.verdict for answer in answers] == ["accepted"] * 3 + ["limited"] * 2
    assert [answer.remaining for answer in answers] == [2, 1, 0, 0, 0]
    assert all(0 < answer.reset_ms <= HOUR_MS for answer in answers)
    world.command("PEXPIRE", f"fleet:rate:{webhook.id}", 0)
    assert world.offer(world.candidate(webhook=webhook.id, hourly_limit=3))[0].verdict == "accepted"


def test_refused_events_spend_nothing_and_leave_nothing(world: World) -> None:
    before = world.dump()
    assert world.offer(world.candidate(version=7))[0].verdict == "stale"
    assert world.offer(world.candidate(hourly_limit=0))[0].verdict == "limited"
    assert world.dump() == before


def test_a_deleted_webhook_is_stale(world: World) -> None:
    world.run(webhooks.delete(world.gateway, world.webhook.id, world.now))
    assert world.offer(world.candidate())[0].verdict == "stale"


def test_a_full_queue_refuses(world: World) -> None:
    world.limits = replace(world.limits, queue=2, gateway=replace(DEFAULTS, queue_share=1))
    verdicts = [answer.verdict for answer in world.offer(*(world.candidate() for _ in range(3)))]
    assert verdicts == ["accepted", "accepted", "full"]


def test_a_full_redis_refuses(world: World) -> None:
    world.command("CONFIG", "SET", "maxmemory", 1)
    with pytest.raises(OutOfMemoryError):
        world.offer(world.candidate())
    world.command("CONFIG", "SET", "maxmemory", 0)
    assert world.counts() == {}


def test_a_large_body_outlives_a_repeated_call(world: World) -> None:
    large = world.candidate(sealed=bytes(100_000))
    for _ in range(2):
        assert world.offer(large)[0].verdict == "accepted"
    assert world.command("PTTL", f"fleet:body:{large.event}") > world.limits.retention_ms
