"""What an event costs in Redis: commands (those inside scripts included), round trips, bytes sent.

Times vary with the machine, these do not: they gate. Lower them when you made something cheaper. Raise one
only with a reason that you can defend, and say it beside the number.
"""

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
import redis
import redis.asyncio
from rq.serializers import JSONSerializer

from domain.delivery import Step
from domain.envelope import pack
from domain.event import Request
from domain.senders import SENDERS, sign
from domain.subscription import Subscription
from domain.webhook import Webhook
from store import deliveries, scripts, subscriptions, webhooks
from store.calls import together
from store.connect import SyncStore
from store.decisions import Decision
from store.deliveries import Settlement
from store.events import Candidate
from store.sealing import KeyRing, Sealer, event_place
from store.webhooks import StoredWebhook
from tests.git_receiver import place_in
from tests.git_shots import push
from tests.public_door import public_door
from tests.redis_bill import Cost, Meter
from tests.vaults import sealed_secrets
from tests.world import HOUR_MS, World
from workers.budget import Budget
from workers.context import WorkerContext, installed
from workers.filtering import Filters
from workers.worker import FleetJob, work

KIB = 1024
SECRET = b"a secret"
RING = KeyRing({b"0001": bytes(32)}, b"0001")
BODY = b'{"action": "opened", "text": "' + b"x" * (KIB - 32) + b'"}'


@pytest.fixture
def meter(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Meter]:
    made = Meter(redis_url, monkeypatch)
    yield made
    made.close()


@pytest.fixture
def world(redis_url: str) -> Iterator[World]:
    """A world whose connection is open and whose scripts Redis knows."""
    store = SyncStore(redis_url)
    for script in scripts.every():
        store.client.execute_command("SCRIPT", "LOAD", script.source)
    yield World(store)
    store.close()


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(RING, os.urandom)


@pytest.fixture
def filters(world: World) -> Iterator[Filters]:
    with closing(Filters(lambda: world.now)) as found:
        yield found


@pytest.fixture
def context(world: World, sealer: Sealer, filters: Filters) -> WorkerContext:
    return WorkerContext(
        store=world.store,
        sealer=sealer,
        clock_ms=lambda: world.now,
        entropy=os.urandom,
        dice=lambda: 0.5,
        limits=world.limits,
        dedup_ms=24 * HOUR_MS,
        public_url="http://127.0.0.1:8080",
        outbound=None,
        examinations=Budget(6),
        filters=filters,
        retry_schedule_s=(5,),
        sweep_interval_s=1,
    )


def github(world: World, sealer: Sealer) -> Webhook:
    """A webhook that demands signatures."""
    webhook = Webhook(
        world.id("whk"),
        world.gateway,
        "github",
        "",
        "github",
        require_signature=True,
        hourly_limit=1000,
        created_at=world.now,
        version=1,
    )
    secrets = sealed_secrets(sealer, world.gateway, webhook.id, [SECRET], world.now)
    world.run(webhooks.create(StoredWebhook(webhook, b"sealed", secrets), "hash"))
    return webhook


def accept_signed(world: World, sealer: Sealer, webhook: Webhook, count: int) -> str:
    """So many signed events in one batch; the id of its job."""
    unsigned = Request("POST", b"", b"", ((b"x-github-event", b"issues"),), BODY)
    headers = sign(SENDERS["github"], unsigned, SECRET, world.now).headers
    envelope = pack(replace(unsigned, headers=headers))

    def candidate() -> Candidate:
        event = world.id("evt")
        sealed = sealer.seal(envelope, event_place(world.gateway, webhook.id, event), world.now)
        return world.candidate(event=event, webhook=webhook.id, size=len(BODY), sealed=sealed)

    job = world.id("job")
    accepted = world.offer(*(candidate() for _ in range(count)), job=job)
    assert {each.verdict for each in accepted} == {"accepted"}
    return job


def test_accepting_one_event(world: World, meter: Meter) -> None:
    candidate = world.candidate(sealed=bytes(KIB), size=KIB)
    with meter.read() as bill:
        world.offer(candidate)
    # The limits of a gateway, for each flush: two reads of what it may have and has, two counters of bodies.
    # For each webhook in it, one question how many subscriptions listen: as many deliveries may become of it.
    # For each flush: the event log of the gateway and of each webhook (10), and the minute of the chart (3).
    bill.check(Cost(commands=41, round_trips=1, sent_bytes=1487))


def test_accepting_a_hundred_events_in_one_flush(world: World, meter: Meter) -> None:
    candidates = [world.candidate(sealed=bytes(KIB), size=KIB) for _ in range(100)]
    with meter.read() as bill:
        world.offer(*candidates)
    bill.check(Cost(commands=338, round_trips=1, sent_bytes=116_130))


def test_a_large_body_is_set_in_the_same_round_trip(world: World, meter: Meter) -> None:
    size = 100 * KIB
    candidate = world.candidate(sealed=bytes(size), size=size)
    with meter.read() as bill:
        world.offer(candidate)
    # Its size is asked of Redis, as that is what counts; besides, it lives longer once it is accepted.
    bill.check(Cost(commands=43, round_trips=1, sent_bytes=102_955))


def test_a_post_to_a_webhook_that_the_ingress_knows_is_one_round_trip(redis_url: str, meter: Meter) -> None:
    with public_door(redis_url) as door:
        token = door.webhook()
        assert door.post(token, BODY).status == 202
        with meter.read() as bill:
            assert door.post(token, BODY).status == 202
    assert bill.cost.round_trips == 1, bill.by_command


def test_a_push_is_four_round_trips_and_one_that_nobody_believes_is_one(redis_url: str, meter: Meter) -> None:
    with public_door(redis_url) as door:
        place = place_in(door)
        place.secret_of("github", "a secret")
        place.repo()
        # The Secrets are read anew every time, then the push is kept, then its repo is read and told. Where
        # nobody vouches, nothing is read that an owner can make large.
        for secret, most in (("a secret", 4), ("another", 1)):
            sent = push().vouched(secret)
            place.send(sent)
            with meter.read() as bill:
                place.send(sent)
            assert bill.cost.round_trips == most, bill.by_command


def test_a_worker_verifies_a_batch_of_fifty(
    world: World, sealer: Sealer, context: WorkerContext, meter: Meter, redis_url: str
) -> None:
    webhook = github(world, sealer)
    subscription = world.subscribe(webhook=webhook)
    name = accept_signed(world, sealer, webhook, 50)
    with redis.Redis.from_url(redis_url) as connection:
        job = FleetJob.fetch(name, connection, serializer=JSONSerializer)
        with installed(context), meter.read() as bill:
            job.perform()
    assert world.command("XLEN", f"fleet:stream:{subscription}") == 50
    # One question whether a line is to be fed; one note which secret matched; for each event, that there is
    # nothing further to tell its owner.
    bill.check(Cost(commands=325, round_trips=5, sent_bytes=9222))


def test_an_expression_costs_redis_nothing(
    world: World, sealer: Sealer, context: WorkerContext, meter: Meter, redis_url: str
) -> None:
    webhook = github(world, sealer)
    asks = Subscription(
        world.id("sub"), world.gateway, "asks", (webhook.id,), (), 30, world.now, expression='body != ""'
    )
    world.run(subscriptions.create(asks))
    name = accept_signed(world, sealer, webhook, 50)
    with redis.Redis.from_url(redis_url) as connection:
        job = FleetJob.fetch(name, connection, serializer=JSONSerializer)
        with installed(context), meter.read() as bill:
            job.perform()
    assert world.command("XLEN", f"fleet:stream:{asks.id}") == 50
    # As above, where there is none.
    bill.check(Cost(commands=325, round_trips=5, sent_bytes=9222))


def test_a_tunnel_takes_and_settles_fifty(world: World, meter: Meter) -> None:
    subscription = world.subscribe()
    world.decide(*(_wanted(event, subscription) for event in world.accept(50)))
    world.open_tunnel(subscription)
    call = deliveries.take(world.gateway, "tun_1", "s1", 1, [(subscription, 30)], 50, world.now)
    with meter.read() as bill:
        taken = world.run(call)
        assert taken is not None
        world.run(deliveries.bodies([each.delivery.event for each in taken]))
        world.run(deliveries.settle([_delivered(each) for each in taken], world.now))
    assert world.counts()["delivery:delivered"] == 50
    # One more for each event that is done: its size is taken away, so that no second run discounts it again.
    bill.check(Cost(commands=618, round_trips=3, sent_bytes=7086))


def test_fifty_due_retries_are_swept_and_resent(world: World, meter: Meter) -> None:
    subscription = world.subscribe()
    world.decide(*(_wanted(event, subscription) for event in world.accept(50)))
    taken = world.take(subscription, count=50)
    failed = [Settlement(each.delivery.id, 1, Step.RETRY, world.now) for each in taken]
    world.run(deliveries.settle(failed, world.now))
    with meter.read() as bill:
        world.sweep()
        [job] = world.queue("deliveries")
        world.run(together([deliveries.attempt(each.delivery, job, "run_1") for each in failed]))
    assert world.command("XLEN", f"fleet:stream:{subscription}") == 50
    # One job for all of them; the third round trip is this test's look at the queue. Each leaves the list of
    # those that wait for a retry.
    bill.check(Cost(commands=561, round_trips=3, sent_bytes=9112))


def test_what_rq_adds_to_a_batch(
    world: World, sealer: Sealer, context: WorkerContext, meter: Meter, redis_url: str
) -> None:
    """Bounds, not counts: they are RQ's. They are why events share a job."""
    webhook = github(world, sealer)
    world.subscribe(webhook=webhook)
    bills = []
    for number in (1, 2):
        for _ in range(number):
            accept_signed(world, sealer, webhook, 1)
            world.now += 2000  # past the age at which a batch takes in more
        with installed(context), meter.read() as bill:
            work(redis_url, "events", burst=True)
        bills.append(bill)
    one, two = (bill.cost for bill in bills)
    # One more job with one event in it, our own five round trips included.
    assert two.commands - one.commands <= 84, bills[1].by_command
    assert two.round_trips - one.round_trips <= 22


def _wanted(event: str, subscription: str) -> Decision:
    return Decision(event, "push", "github-sha256", "", "", (subscription,))


def _delivered(taken: deliveries.Taken) -> Settlement:
    return Settlement(taken.delivery.id, taken.delivery.attempt, Step.DELIVER)
