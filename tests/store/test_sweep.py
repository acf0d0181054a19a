"""Sweeping: whatever has a future is looked at in time, whoever was killed meanwhile."""

from domain.delivery import Step
from store import deliveries, subscriptions, webhooks
from store.events import close_batch
from store.sweeping import MAX_CRASHES, Deadline, Duty, Ended, cancel, forget, leave_duty, live_events, sweep
from tests.world import HOUR_MS, World


def close(world: World, job: str) -> list[str]:
    return world.run(close_batch(job, world.limits, world.id("job"), world.now))[1]


def test_one_sweeper_is_on_duty(world: World) -> None:
    assert world.sweep("one").on_duty
    assert not world.sweep("two").on_duty
    world.command("DEL", "fleet:sweeper")
    assert world.sweep("two").on_duty


def test_who_leaves_duty_leaves_only_its_own(world: World) -> None:
    assert not world.run(leave_duty("one"))
    world.sweep("one")
    assert not world.run(leave_duty("two"))
    assert not world.sweep("two").on_duty
    assert world.run(leave_duty("one"))
    assert world.sweep("two").on_duty


def test_an_event_whose_job_still_waits_is_left_alone(world: World) -> None:
    world.accept()
    world.now += 20_000
    assert world.sweep().looked_at == 1
    assert len(world.queue("events")) == 1


def test_a_job_that_was_lost_before_it_began_is_replaced_without_blame(world: World) -> None:
    [event] = world.accept()
    [job] = world.queue("events")
    world.command("LMOVE", "rq:queue:events", "rq:queue:events:intermediate", "LEFT", "RIGHT")
    world.now += 20_000
    world.sweep()
    [alone] = world.queue("events")
    assert alone != job
    assert close(world, alone) == [event]
    assert world.field(f"fleet:event:{event}", "crashes") == "0"
    assert world.command("EXISTS", f"rq:job:{job}", "rq:queue:events:intermediate") == 0


def test_a_worker_that_may_still_be_at_work_is_given_its_time(world: World) -> None:
    world.accept()
    [job] = world.queue("events")
    world.now += 19_000
    world.command("LPOP", "rq:queue:events")
    close(world, job)
    world.now += 1000
    world.sweep()
    assert world.queue("events") == []


def test_an_event_that_crashes_its_worker_ends_set_aside_and_the_others_go_on(world: World) -> None:
    poison, innocent = world.accept(2)
    for crash in range(1, MAX_CRASHES + 1):
        for job in world.queue("events"):
            world.command("LPOP", "rq:queue:events")
            if innocent in close(world, job) and crash > 1:
                world.fan_out(innocent)
        world.now += 20_000
        world.sweep()
    assert world.field(f"fleet:event:{poison}", "state") == "set_aside"
    assert world.field(f"fleet:event:{innocent}", "state") == "unmatched"
    assert world.queue("events") == []
    assert world.counts() == {"event:accepted": 2, "event:set_aside": 1, "event:unmatched": 1}
    assert world.command("EXISTS", f"fleet:body:{poison}") == 1
    world.now += 72 * HOUR_MS
    world.sweep()
    assert world.command("EXISTS", f"fleet:body:{poison}") == 0


def test_a_missed_deadline_is_handed_to_the_caller(world: World) -> None:
    subscription = world.subscribe()
    taken = world.delivered(subscription)
    world.now += 35_000
    assert Deadline(taken.delivery.id, 1, 1) in world.sweep().items
    assert world.sweep().items == ()
    assert world.settle(taken, Step.RETRY, world.now)


def test_a_retry_whose_job_still_waits_gets_no_second_one(world: World) -> None:
    subscription = world.subscribe()
    world.settle(world.delivered(subscription), Step.RETRY, world.now)
    world.sweep()
    world.now += 20_000
    world.sweep()
    assert len(world.queue("deliveries")) == 1


def test_a_retry_whose_job_was_lost_gets_a_new_one_and_the_old_one_is_void(world: World) -> None:
    subscription = world.subscribe()
    taken = world.delivered(subscription)
    world.settle(taken, Step.RETRY, world.now)
    world.sweep()
    [lost] = world.queue("deliveries")
    world.command("LPOP", "rq:queue:deliveries")
    world.now += 20_000
    world.sweep()
    [found] = world.queue("deliveries")
    assert world.run(deliveries.attempt(taken.delivery.id, lost, "run_1"))[0] == "stale"
    assert world.run(deliveries.attempt(taken.delivery.id, found, "run_1"))[0] == "resent"


def test_the_retention_ends_waiting_events_and_open_deliveries(world: World) -> None:
    subscription = world.subscribe()
    waiting, open_ = world.accept(2)
    world.fan_out(open_, subscription)
    world.now += 72 * HOUR_MS
    world.sweep()
    assert world.field(f"fleet:event:{waiting}", "state") == "expired"
    assert world.command("EXISTS", f"fleet:body:{waiting}", f"fleet:body:{open_}") == 0
    assert world.command("XLEN", f"fleet:stream:{subscription}") == 0
    counts = world.counts()
    assert (counts["event:expired"], counts["delivery:expired"]) == (1, 1)
    assert len(world.due()) == 0


def test_a_sweep_ends_after_so_many_expired_deliveries_and_the_rest_stays_due(world: World) -> None:
    several = [world.subscribe(f"sub {number}") for number in range(50)]
    for event in world.accept(30):
        world.fan_out(event, *several)
    world.now += 72 * HOUR_MS
    swept = world.sweep()
    # An event is one unit of work, and each of its deliveries another, out of a thousand.
    assert swept.looked_at == 20
    assert swept.next_due <= world.now
    assert len(world.due()) == 10
    assert world.sweep().next_due == -1
    assert world.counts()["delivery:expired"] == 1500


def cancelled(world: World, name: str) -> int:
    cursor, live = world.run(live_events(0))
    assert cursor == 0
    return world.run(cancel([name], live, world.now))


def test_a_deleted_webhook_takes_its_events_and_deliveries_along(world: World) -> None:
    subscription = world.subscribe()
    other = world.add_webhook("other")
    _, queued, sent = world.accept(3)
    for event in (queued, sent):
        world.fan_out(event, subscription)
    world.take(subscription, count=1)
    world.offer(world.candidate(webhook=other.id))
    world.run(webhooks.delete(world.gateway, world.webhook.id, world.now))
    [ended] = world.sweep().items
    assert (ended.kind, ended.name) == ("webhook", world.webhook.id)
    assert cancelled(world, world.webhook.id) == 3
    assert cancelled(world, world.webhook.id) == 0
    world.run(forget(Ended("webhook", world.gateway, world.webhook.id)))
    assert world.counts() == {
        "event:accepted": 4,
        "event:waiting": 1,
        "event:fanned_out": 2,
        "event:rejected": 1,
        "rejected:webhook_deleted": 1,
        "delivery:created": 2,
        "delivery:cancelled": 2,
    }
    assert len(world.command("KEYS", "fleet:body:*")) == 1
    assert len(world.due()) == 1


def test_a_removed_subscription_takes_its_deliveries_along(world: World) -> None:
    kept, removed = world.subscribe("kept"), world.subscribe("removed")
    [event] = world.accept()
    world.fan_out(event, kept, removed)
    world.run(subscriptions.remove(world.gateway, removed, world.now))
    [ended] = world.sweep().items
    assert (ended.kind, ended.name) == ("subscription", removed)
    assert cancelled(world, removed) == 1
    world.run(forget(Ended("subscription", world.gateway, removed)))
    assert world.command("EXISTS", f"fleet:stream:{removed}") == 0
    assert world.command("EXISTS", f"fleet:body:{event}") == 1
    counts = world.counts()
    assert (counts["delivery:in_flight"], counts["delivery:cancelled"]) == (1, 1)


def test_a_sweep_that_is_sent_again_names_no_job_twice(world: World) -> None:
    world.accept(2)
    world.command("DEL", "rq:queue:events")
    world.now += 20_000
    base = world.id("job")
    # One member at a time, so that the second sending finds other work.
    again = sweep(Duty("sweeper", 5000, 1), world.limits, base, world.now)
    world.run(again)
    world.run(again)
    jobs = world.queue("events")
    assert jobs == [f"{base}-1", f"{base}-2"]
    assert [len(close(world, job)) for job in jobs] == [1, 1]
