"""The jobs, run by a real RQ worker on what a real ingress accepted."""

import logging
import sys
from collections.abc import Callable
from types import ModuleType

import pytest
import redis
from rq import Queue
from rq.job import Callback, Job, JobStatus
from rq.registry import FailedJobRegistry
from rq.serializers import JSONSerializer

from domain.delivery import Step
from domain.event import Request
from domain.senders import SENDERS, sign
from domain.subscription import Subscription
from store import deliveries, ledger, subscriptions, tunnels
from store.deliveries import Settlement, Taken
from store.rq_names import VERIFY_JOB
from tests.public_door import PublicDoor, now_ms
from workers.context import WorkerContext, current, installed
from workers.sweeper import Sweeper
from workers.worker import FleetJob, work

SECRET = b"a secret"
BODY = b'{"zen": "Keep it logically awesome."}'


def run(context: WorkerContext, redis_url: str, queue: str = "events") -> None:
    with installed(context):
        work(redis_url, queue, burst=True)


def signed(sender: str, body: bytes, secret: bytes = SECRET, at: int | None = None) -> dict[str, str]:
    made = sign(SENDERS[sender], Request("POST", b"", b"", (), body), secret, at or now_ms()).headers
    return {name.decode(): value.decode() for name, value in made}


def subscribe(door: PublicDoor, name: str, *globs: str) -> str:
    made = Subscription(f"sub_{name}", "gw_1", name, ("whk_hook",), globs, 30, 1)
    door.store.run(subscriptions.create(made))
    return made.id


def take(door: PublicDoor, subscription: str, tunnel: str) -> list[Taken]:
    """What a tunnel that is opened now gets."""
    now, session = now_ms(), f"session of {tunnel}"
    door.store.run(tunnels.open_tunnel("gw_1", tunnels.Claim(tunnel, session, [subscription]), now, 15_000))
    taken = door.store.run(deliveries.take("gw_1", tunnel, session, 1, [(subscription, 30)], 5, now))
    assert taken is not None
    return taken


def counts(door: PublicDoor) -> dict[str, int]:
    return {name: number for name, number in door.store.run(ledger.counts("gw_1")).items() if number}


def test_events_go_to_those_whose_filter_matches(
    door: PublicDoor, context: WorkerContext, redis_url: str
) -> None:
    token = door.webhook(sender="github", secrets=[SECRET], required=True)
    pushes, everything, issues = (
        subscribe(door, "pushes", "pu*"),
        subscribe(door, "everything"),
        subscribe(door, "issues", "issues", "issue_*"),
    )
    headers = {"X-GitHub-Event": "push", **signed("github", BODY)}
    assert door.post(token, BODY, headers).status == 202
    run(context, redis_url)
    lengths = [
        door.store.client.execute_command("XLEN", f"fleet:stream:{each}")
        for each in (pushes, everything, issues)
    ]
    assert lengths == [1, 1, 0]
    [taken] = take(door, pushes, "tun_1")
    assert (taken.event_type, taken.scheme) == ("push", "github-sha256")


@pytest.mark.parametrize(
    ("sender", "reason", "forge"),
    [
        ("github", "wrong_signature", lambda: signed("github", BODY, b"another secret")),
        ("github", "missing_signature", dict),
        ("stripe", "too_old", lambda: signed("stripe", BODY, at=now_ms() - 400_000)),
        ("slack", "too_old", lambda: signed("slack", BODY, at=now_ms() - 400_000)),
        ("slack", "too_new", lambda: signed("slack", BODY, at=now_ms() + 400_000)),
        ("custom", "malformed_signature", lambda: {"X-Signature": "??"}),
    ],
)
def test_what_cannot_be_verified_is_rejected_with_the_reason(
    door: PublicDoor,
    context: WorkerContext,
    redis_url: str,
    sender: str,
    reason: str,
    forge: Callable[[], dict[str, str]],
) -> None:
    token = door.webhook(sender=sender, secrets=[SECRET], required=True)
    subscribe(door, "everything")
    assert door.post(token, BODY, forge()).status == 202
    run(context, redis_url)
    assert counts(door) == {"event:accepted": 1, "event:rejected": 1, f"rejected:{reason}": 1}


def test_a_required_signature_without_a_secret_rejects_everything(
    door: PublicDoor, context: WorkerContext, redis_url: str
) -> None:
    token = door.webhook(sender="stripe", required=True)
    door.post(token, BODY)
    run(context, redis_url)
    assert counts(door)["rejected:no_secret"] == 1


def test_without_a_secret_and_not_required_everything_passes_unverified(
    door: PublicDoor, context: WorkerContext, redis_url: str
) -> None:
    token = door.webhook(sender="github")
    subscription = subscribe(door, "everything")
    door.post(token, BODY)
    run(context, redis_url)
    [taken] = take(door, subscription, "tun_1")
    assert taken.scheme == ""


def test_a_sender_that_repeats_itself_is_heard_once_but_never_without_a_signature(
    door: PublicDoor, context: WorkerContext, redis_url: str
) -> None:
    token = door.webhook(sender="stripe", secrets=[SECRET])
    subscribe(door, "everything")
    body = b'{"id": "evt_1", "type": "charge.succeeded"}'
    door.post(token, body, {"Stripe-Signature": "t=1,v1=00"})
    for _ in range(3):
        door.post(token, body, signed("stripe", body))
    run(context, redis_url)
    found = counts(door)
    assert (found["event:fanned_out"], found["event:duplicate"], found["event:rejected"]) == (1, 2, 1)


def test_a_body_that_cannot_be_opened_is_rejected_and_holds_nobody_up(
    door: PublicDoor, context: WorkerContext, redis_url: str
) -> None:
    token = door.webhook()
    subscribe(door, "everything")
    broken = door.post(token).json["id"]
    door.post(token)
    door.store.client.execute_command("SET", f"fleet:body:{broken}", b"rubbish")
    run(context, redis_url)
    found = counts(door)
    assert (found["rejected:unreadable"], found["event:fanned_out"]) == (1, 1)


def exhausted(door: PublicDoor, context: WorkerContext, redis_url: str) -> str:
    """A delivery that is out of attempts, its job enqueued."""
    token = door.webhook()
    subscription = subscribe(door, "everything")
    door.post(token)
    run(context, redis_url)
    [taken] = take(door, subscription, "tun_1")
    door.store.run(deliveries.settle([Settlement(taken.delivery.id, 1, Step.EXHAUST)], now_ms()))
    Sweeper(context).sweep_once()
    return taken.delivery.id


def test_a_dead_delivery_stands_in_the_failed_registry_and_a_requeue_replays_it(
    door: PublicDoor, context: WorkerContext, redis_url: str
) -> None:
    delivery = exhausted(door, context, redis_url)
    run(context, redis_url, "deliveries")
    with redis.Redis.from_url(redis_url) as connection:
        registry = FailedJobRegistry("deliveries", connection=connection, serializer=JSONSerializer)
        [job] = registry.get_job_ids()
        failed = Job.fetch(job, connection=connection, serializer=JSONSerializer)
        assert failed.description == f"declare dead {delivery}"
        assert 0 < failed.failure_ttl <= 72 * 3600
        assert "is dead after 1 attempts" in failed.latest_result().exc_string
        assert counts(door)["delivery:dead"] == 1
        registry.requeue(job)
    run(context, redis_url, "deliveries")
    assert counts(door)["delivery:in_flight"] == 1
    [again] = take(door, "sub_everything", "tun_2")
    assert (again.delivery.id, again.delivery.generation) == (delivery, 2)


def test_a_foreign_function_is_not_run(
    context: WorkerContext, redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with redis.Redis.from_url(redis_url) as connection, caplog.at_level(logging.CRITICAL):
        queue = Queue("events", connection=connection, serializer=JSONSerializer)
        job = queue.enqueue("os.getcwd", description="a stranger's")
        run(context, redis_url)
        assert job.latest_result().return_value is None
        assert "ForeignJobError" in job.latest_result().exc_string


def test_callbacks_are_neither_imported_nor_called(
    context: WorkerContext, redis_url: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[object] = []
    stranger = ModuleType("stranger")
    stranger.callback = lambda *facts: called.append(facts)  # pyright: ignore[reportAttributeAccessIssue]
    monkeypatch.setitem(sys.modules, "stranger", stranger)
    with redis.Redis.from_url(redis_url) as connection, caplog.at_level(logging.CRITICAL):
        queue = Queue("events", connection=connection, serializer=JSONSerializer)
        for name in ("stranger.callback", "no_such_module.callback"):
            callbacks = {f"on_{end}": Callback(name) for end in ("success", "failure", "stopped")}
            good = queue.enqueue(VERIFY_JOB, **callbacks)
            bad = queue.enqueue("os.getcwd", **callbacks)
            run(context, redis_url)
            assert (good.get_status(), bad.get_status()) == (JobStatus.FINISHED, JobStatus.FAILED)
            stopped = FleetJob.fetch(good.id, connection, serializer=JSONSerializer)
            assert stopped.stopped_callback is None
    assert called == []


def test_jobs_need_our_entry_point() -> None:
    with pytest.raises(RuntimeError, match="fleet run worker"):
        current()


def test_a_process_has_one_context(context: WorkerContext) -> None:
    with installed(context), pytest.raises(RuntimeError, match="already"), installed(context):
        pass
