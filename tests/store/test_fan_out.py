"""Fanning out: one decision each, deliveries for those who match, and the ledger moves with it."""

import redis

from domain.passed_over import Because, PassedOver
from store import subscriptions, webhooks
from store.decisions import Decision, read_passed_over, waiting
from store.events import close_batch
from tests.world import HOUR_MS, World


def test_a_delivery_is_created_for_each_subscription(world: World) -> None:
    first, second = world.subscribe("first"), world.subscribe("second")
    [event] = world.accept()
    assert world.fan_out(event, first, second) == "fanned_out"
    assert [world.command("XLEN", f"fleet:stream:{each}") for each in (first, second)] == [1, 1]
    assert world.counts() == {
        "event:accepted": 1,
        "event:fanned_out": 1,
        "delivery:created": 2,
        "delivery:in_flight": 2,
    }
    assert int(world.command("ZSCORE", "fleet:due", f"e:{event}")) == world.now + 72 * HOUR_MS
    assert world.command("KEYS", "fleet:batch:*") == []


def test_an_event_nobody_wants_is_unmatched_and_its_body_goes(world: World) -> None:
    [event] = world.accept()
    assert world.fan_out(event) == "unmatched"
    assert world.command("EXISTS", f"fleet:body:{event}") == 0
    assert world.command("ZSCORE", "fleet:due", f"e:{event}") is None
    assert world.command("TTL", f"fleet:event:{event}") in {604_800, 604_799}


def test_a_rejected_event_is_counted_with_its_reason(world: World) -> None:
    subscription = world.subscribe()
    [event] = world.accept()
    decision = Decision(event, "push", "", "wrong_signature", "", (subscription,))
    assert world.decide(decision) == ["rejected"]
    assert world.counts()["rejected:wrong_signature"] == 1
    assert world.command("XLEN", f"fleet:stream:{subscription}") == 0


def test_a_duplicate_stops_here_within_its_window(world: World) -> None:
    subscription = world.subscribe()
    first, second, third = world.accept(3)

    def decided(event: str) -> Decision:
        return Decision(event, "push", "stripe-v1", "", "digest", (subscription,))

    assert world.decide(decided(first), decided(second)) == ["fanned_out", "duplicate"]
    assert world.decide(decided(third), dedup_ms=0) == ["fanned_out"]


def test_what_nobody_wanted_claims_no_id(world: World) -> None:
    first, second, third = world.accept(3)

    def decided(event: str, *to: str) -> Decision:
        return Decision(event, "push", "stripe-v1", "", "digest", to)

    assert world.decide(decided(first)) == ["unmatched"]
    subscription = world.subscribe()
    assert world.decide(decided(second, subscription)) == ["fanned_out"]
    assert world.decide(decided(third)) == ["duplicate"]


def test_a_removed_subscription_gets_nothing(world: World) -> None:
    kept, removed = world.subscribe("kept"), world.subscribe("removed")
    [event] = world.accept()
    world.run(subscriptions.remove(world.gateway, removed, world.now))
    assert world.fan_out(event, kept, removed) == "fanned_out"
    assert world.counts()["delivery:created"] == 1


def test_events_of_a_deleted_webhook_are_rejected(world: World) -> None:
    subscription = world.subscribe()
    [event] = world.accept()
    world.run(webhooks.delete(world.gateway, world.webhook.id, world.now))
    assert world.fan_out(event, subscription) == "rejected"
    assert world.counts()["rejected:webhook_deleted"] == 1


def test_a_relay_hears_the_bell(world: World, redis_url: str) -> None:
    subscription = world.subscribe()
    with redis.Redis.from_url(redis_url) as client, client.pubsub() as heard:
        heard.subscribe("fleet:bell")
        heard.get_message(timeout=5)
        [event] = world.accept()
        world.fan_out(event, subscription)
        message = heard.get_message(timeout=5)
        assert message is not None
        assert message["data"] == subscription.encode()


def test_an_older_batch_that_ends_later_sets_no_last_match_back(world: World) -> None:
    [older] = world.accept()
    world.now += 5
    [newer] = world.accept()
    for event in (newer, older):
        world.decide(Decision(event, "push", "github-sha256", "", "", (), "sec_1"))
        assert world.run(webhooks.matched([world.webhook.id])) == [{"sec_1": world.now}]


def test_only_waiting_events_are_read(world: World) -> None:
    first, second = world.accept(2)
    world.fan_out(first)
    [left] = world.run(waiting([first, second]))
    assert (left.event, left.sealed, left.received_at) == (second, b"sealed body", world.now)


def test_a_batch_that_runs_again_is_split(world: World) -> None:
    ids = world.accept(3)
    [job] = world.queue("events")
    assert world.run(close_batch(job, world.limits, world.id("job"), world.now)) == (1, ids)
    assert world.run(close_batch(job, world.limits, world.id("job"), world.now)) == (2, [])
    alone = world.queue("events")[1:]
    assert len(alone) == 3
    for event, each in zip(ids, alone, strict=True):
        assert world.run(close_batch(each, world.limits, world.id("job"), world.now)) == (1, [event])
        assert world.field(f"fleet:event:{event}", "crashes") == "1"
    assert world.run(close_batch(job, world.limits, world.id("job"), world.now)) == (0, [])


def test_the_longest_filters_of_all_make_no_large_record(world: World) -> None:
    """An event costs its sender two bytes; what is kept of it for days may not be half a megabyte."""
    [event] = world.accept()
    over = PassedOver("sub_1m7yhjrwb1c8gqz0v4n6xyz", Because.EVENT_TYPE, ("\N{GRINNING FACE}" * 100,) * 20)
    assert world.decide(Decision(event, "push", "", "", "", (), passed_over=(over,) * 20)) == ["unmatched"]
    written = world.field(f"fleet:event:{event}", "passed_over")
    assert len(written.encode()) < 10_000
    assert sum(len(part) for each in read_passed_over(written) for part in each.asked) < 2100
