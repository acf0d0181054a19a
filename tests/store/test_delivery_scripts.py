"""Taking, settling, retrying, dying and replaying: the scripts follow the table of domain.delivery."""

from domain.delivery import Step
from store import deliveries, subscriptions, tunnels, webhooks
from tests.world import World


def test_a_delivery_is_taken_once_and_is_due_at_its_deadline(world: World) -> None:
    subscription = world.subscribe()
    taken = world.delivered(subscription)
    assert (taken.delivery.attempt, taken.delivery.tries, taken.delivery.generation) == (1, 1, 1)
    assert (taken.webhook_name, taken.event_type, taken.scheme) == ("hook", "push", "github-sha256")
    assert taken.delivery.timeout_s == 30
    assert world.take(subscription) == []
    assert int(world.command("ZSCORE", "fleet:due", f"d:{taken.delivery.id}")) == world.now + 35_000


def test_credit_is_kept_over_several_subscriptions(world: World) -> None:
    first, second = world.subscribe("first"), world.subscribe("second")
    for event in world.accept(3):
        world.fan_out(event, first, second)
    assert len(world.take(first, second, count=4)) == 4
    assert len(world.take(first, second, count=4)) == 2


def test_a_foreign_subscription_yields_nothing(world: World) -> None:
    subscription = world.subscribe()
    world.fan_out(world.accept()[0], subscription)
    refused = tunnels.open_tunnel("gw_2", tunnels.Claim("tun_1", "s1", [subscription]), world.now, 15_000)
    assert world.run(refused) is None
    foreign = tunnels.open_tunnel("gw_2", tunnels.Claim("tun_1", "s1"), world.now, 15_000)
    assert world.run(foreign) == 0
    taken = deliveries.take("gw_2", "tun_1", "s1", 1, [(subscription, 30)], 10, world.now)
    assert world.run(taken) == []
    assert len(world.take(subscription)) == 1


def test_only_the_session_that_holds_the_lease_takes(world: World) -> None:
    subscription = world.subscribe()
    world.fan_out(world.accept()[0], subscription)
    world.open_tunnel(subscription, session="s2")
    for session in ("s1", ""):
        call = deliveries.take(world.gateway, "tun_1", session, 1, [(subscription, 30)], 10, world.now)
        assert world.run(call) is None
    assert len(world.take(subscription)) == 1


def test_delivered_ends_it_and_the_last_one_takes_the_body(world: World) -> None:
    first, second = world.subscribe("first"), world.subscribe("second")
    [event] = world.accept()
    world.fan_out(event, first, second)
    one, other = world.take(first, second)
    assert world.settle(one, Step.DELIVER)
    assert world.command("EXISTS", f"fleet:body:{event}") == 1
    assert world.settle(other, Step.REFUSE)
    assert world.command("EXISTS", f"fleet:body:{event}") == 0
    assert len(world.due()) == 0
    assert world.command("XLEN", f"fleet:stream:{first}") == 0
    counts = world.counts()
    assert (counts["delivery:delivered"], counts["delivery:refused"]) == (1, 1)
    assert "delivery:in_flight" not in counts


def test_an_answer_to_another_attempt_changes_nothing(world: World) -> None:
    subscription = world.subscribe()
    taken = world.delivered(subscription)
    assert world.settle(taken, Step.RETRY, world.now + 5000)
    before = world.dump()
    assert not world.settle(taken, Step.DELIVER)
    assert world.dump() == before


def test_a_retry_comes_back_through_its_job(world: World) -> None:
    subscription = world.subscribe()
    taken = world.delivered(subscription)
    world.settle(taken, Step.RETRY, world.now + 5000)
    world.sweep()
    assert world.queue("deliveries") == []
    world.now += 5000
    world.sweep()
    [job] = world.queue("deliveries")
    assert world.run(deliveries.attempt(taken.delivery.id, "job_other", "run_1")) == ("stale", 1)
    assert world.run(deliveries.attempt(taken.delivery.id, job, "run_1")) == ("resent", 1)
    assert world.run(deliveries.attempt(taken.delivery.id, job, "run_1")) == ("stale", 1)
    [again] = world.take(subscription)
    assert (again.delivery.id, again.delivery.attempt, again.delivery.tries) == (taken.delivery.id, 2, 2)


def test_an_exhausted_delivery_dies_in_its_job_and_is_replayed_by_its_second_run(world: World) -> None:
    subscription = world.subscribe()
    taken = world.delivered(subscription)
    world.settle(taken, Step.EXHAUST)
    world.sweep()
    [job] = world.queue("deliveries")
    attempt = deliveries.attempt(taken.delivery.id, job, "run_1")
    # The reply may be lost and the call sent again: that is no second run.
    for _ in range(2):
        assert world.run(attempt) == ("dead", 1)
    assert world.counts()["delivery:dead"] == 1
    assert world.command("EXISTS", f"fleet:body:{taken.delivery.event}") == 1
    requeued = deliveries.attempt(taken.delivery.id, job, "run_2")
    assert world.run(requeued) == ("replayed", 1)
    assert world.run(requeued) == ("stale", 0)
    [again] = world.take(subscription)
    assert (again.delivery.attempt, again.delivery.tries, again.delivery.generation) == (2, 1, 2)
    assert world.settle(again, Step.DELIVER)
    counts = world.counts()
    assert (counts["delivery:created"], counts["delivery:delivered"]) == (1, 1)
    assert "delivery:dead" not in counts


def test_a_dead_delivery_whose_body_went_cannot_be_replayed(world: World) -> None:
    subscription = world.subscribe()
    taken = world.delivered(subscription)
    world.settle(taken, Step.EXHAUST)
    world.sweep()
    [job] = world.queue("deliveries")
    world.run(deliveries.attempt(taken.delivery.id, job, "run_1"))
    world.now += world.limits.retention_ms
    world.sweep()
    assert world.run(deliveries.attempt(taken.delivery.id, job, "run_2")) == ("gone", 1)


def test_deliveries_of_a_deleted_webhook_are_cancelled_when_touched(world: World) -> None:
    subscription = world.subscribe()
    [event] = world.accept()
    world.fan_out(event, subscription)
    world.run(webhooks.delete(world.gateway, world.webhook.id, world.now))
    assert world.take(subscription) == []
    assert world.counts()["delivery:cancelled"] == 1
    assert world.command("EXISTS", f"fleet:body:{event}") == 0


def test_a_removed_subscription_gives_nothing_out(world: World) -> None:
    subscription = world.subscribe()
    world.fan_out(world.accept()[0], subscription)
    world.open_tunnel(subscription)
    world.run(subscriptions.remove(world.gateway, subscription, world.now))
    assert world.take(subscription) == []


def test_bodies_come_in_order_and_none_where_gone(world: World) -> None:
    first, second = world.accept(2)
    world.fan_out(first)
    assert world.run(deliveries.bodies([first, second])) == [None, b"sealed body"]
