"""What a gateway may have: its own limits and the server's, and counters that are exact to the last body."""

from dataclasses import replace

import pytest

from domain.delivery import Step
from domain.limits import DEFAULTS, Limits
from store import limits, subscriptions, webhooks
from store.decisions import Decision
from store.events import LARGE_BODY_BYTES
from store.owned import LimitReachedError
from store.sweeping import cancel, live_events
from tests.world import HOUR_MS, World

BODY = len(b"sealed body")


def allow(world: World, **changes: float) -> None:
    world.limits = replace(world.limits, gateway=replace(DEFAULTS, **changes))


def verdicts(world: World, count: int, **changes: object) -> list[str]:
    return [each.verdict for each in world.offer(*(world.candidate(**changes) for _ in range(count)))]


@pytest.mark.parametrize(
    ("name", "limit"),
    [("stored_events", 2), ("deliveries", 2), ("queue_share", 0.02), ("queue_share", 0.011)],
)
def test_at_its_limit_a_gateway_is_refused(world: World, name: str, limit: float) -> None:
    world.limits = replace(world.limits, queue=100)
    allow(world, **{name: limit})
    assert verdicts(world, 3) == ["accepted", "accepted", name]
    before = world.dump()
    assert verdicts(world, 1) == [name]
    assert world.dump() == before


def test_the_bytes_of_a_gateway_never_exceed_its_limit(world: World) -> None:
    allow(world, stored_mib=1)
    third = 400 * 1024
    assert verdicts(world, 3, sealed=bytes(third)) == ["accepted", "accepted", "stored_mib"]
    assert verdicts(world, 1, sealed=b"small") == ["accepted"]
    assert world.stored() == (3, 2 * third + 5)
    assert world.differences() == []


def test_deliveries_in_flight_are_bounded_and_make_room_when_they_are_done(world: World) -> None:
    subscription = world.subscribe()
    world.run(limits.change("gw_1", {"deliveries": "2"}))
    for event in world.accept(2):
        world.fan_out(event, subscription)
    assert verdicts(world, 1) == ["deliveries"]
    account = world.run(limits.read("gw_1"))
    assert account is not None
    assert account.use.beside(100)["deliveries"] == 2
    world.settle(world.take(subscription, count=1)[0], Step.DELIVER)
    assert verdicts(world, 2) == ["accepted", "deliveries"]


def test_what_waits_counts_as_the_deliveries_it_may_become(world: World) -> None:
    several = [world.subscribe(f"sub {number}") for number in range(20)]
    allow(world, deliveries=50)
    candidates = [world.candidate() for _ in range(5)]
    found = [each.verdict for each in world.offer(*candidates)]
    assert found == ["accepted"] * 2 + ["deliveries"] * 3
    for candidate in candidates[:2]:
        world.fan_out(candidate.event, *several)
    assert world.counts()["delivery:in_flight"] == 40
    assert verdicts(world, 1) == ["deliveries"]


def test_a_large_body_that_is_refused_goes_at_once(world: World) -> None:
    allow(world, stored_events=0)
    large = world.candidate(sealed=bytes(LARGE_BODY_BYTES + 1))
    assert world.offer(large)[0].verdict == "stored_events"
    assert world.command("EXISTS", f"fleet:body:{large.event}") == 0
    assert world.stored() == (0, 0)


def test_a_gateway_that_is_full_leaves_the_others_alone(world: World) -> None:
    other = World(world.store, "gw_2", made=1000)
    world.run(limits.change("gw_1", {"stored_events": "1"}))
    mixed = [world.candidate(), other.candidate(), world.candidate(), other.candidate()]
    assert [each.verdict for each in world.offer(*mixed)] == [
        "accepted",
        "accepted",
        "stored_events",
        "accepted",
    ]
    assert (world.stored(), other.stored()) == ((1, BODY), (2, 2 * BODY))


def test_what_was_accepted_is_accepted_again_in_words_also_at_the_limit(world: World) -> None:
    allow(world, stored_events=1)
    candidate = world.candidate()
    assert [world.offer(candidate)[0].verdict for _ in range(2)] == ["accepted"] * 2
    assert world.stored() == (1, BODY)


def test_every_death_of_a_body_is_counted_once(world: World) -> None:
    kept, removed = world.subscribe("kept"), world.subscribe("removed")
    other = world.add_webhook("other")
    unmatched, rejected, delivered, refused, cancelled, expired, of_deleted, aside = world.accept(8)
    world.offer(world.candidate(webhook=other.id))
    assert world.stored() == (9, 9 * BODY)
    world.fan_out(unmatched)
    world.decide(Decision(rejected, "push", "", "wrong_signature", "", ()))
    assert world.stored()[0] == 7
    for event, to in ((delivered, kept), (refused, kept), (cancelled, removed), (of_deleted, kept)):
        world.fan_out(event, to)
    first, second, _ = world.take(kept)
    world.settle(first, Step.DELIVER)
    world.settle(second, Step.REFUSE)
    assert world.stored()[0] == 5
    world.run(subscriptions.remove(world.gateway, removed, world.now))
    for _ in range(2):
        world.run(cancel([removed], world.run(live_events(0))[1], world.now))
    assert world.stored()[0] == 4
    assert world.differences() == []
    world.command("HSET", f"fleet:event:{aside}", "crashes", 2)
    world.command("DEL", "rq:queue:events")
    job = world.field(f"fleet:event:{aside}", "job")
    world.command("HSET", f"fleet:batch:{job}", "closed", 1)
    world.now += 20_000
    world.sweep()
    assert world.field(f"fleet:event:{aside}", "state") == "set_aside"
    assert world.stored()[0] == 4
    live = world.run(live_events(0))[1]
    world.run(webhooks.delete(world.gateway, world.webhook.id, world.now))
    for _ in range(2):
        # A page of events may be old when it is cancelled.
        world.run(cancel([world.webhook.id], live, world.now))
    assert world.stored() == (1, BODY)
    assert expired in live
    world.now += 72 * HOUR_MS
    world.sweep()
    assert world.stored() == (0, 0)
    assert world.command("KEYS", "fleet:body:*") == []
    assert world.differences() == []


def test_an_audit_misses_a_body_that_is_gone_and_a_count_that_is_wrong(world: World) -> None:
    [event, _] = world.accept(2)
    world.command("DEL", f"fleet:body:{event}")
    assert [text.split(":")[0] for text in world.differences()] == ["events stored", "bytes stored"]


def test_a_gateway_has_limits_of_its_own_until_they_are_taken_back(world: World) -> None:
    own = {"webhooks": "1", "subscriptions": "0", "stored_events": "3", "queue_share": "0.25"}
    account = world.run(limits.change("gw_1", own))
    assert account is not None
    assert account.limits(DEFAULTS) == Limits(1, 0, 1000, 3, 256, 200_000, 0.25)
    with pytest.raises(LimitReachedError, match="may have 1 webhooks"):
        world.add_webhook("second")
    with pytest.raises(LimitReachedError, match="may have 0 subscriptions"):
        world.subscribe()
    assert verdicts(world, 4) == ["accepted"] * 3 + ["stored_events"]
    account = world.run(limits.change("gw_1", {"stored_events": "", "webhooks": "7"}))
    assert account is not None
    assert account.limits(DEFAULTS) == Limits(7, 0, 1000, 100_000, 256, 200_000, 0.25)
    assert account.use.beside(100) == {
        "webhooks": 1,
        "subscriptions": 0,
        "repos": 0,
        "stored_events": 3,
        "stored_mib": 0,
        "deliveries": 0,
        "queue_share": 0.03,
    }
    assert world.run(limits.read("gw_1")) == account
    assert verdicts(world, 1) == ["accepted"]


def test_an_unknown_gateway_gets_no_limits(world: World) -> None:
    before = world.dump()
    assert world.run(limits.change("gw_9", {"webhooks": "1"})) is None
    assert world.dump() == before
