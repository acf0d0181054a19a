"""Failures: who is dead or waits for a retry is listed, counted, replayed and discarded."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.delivery import Step
from store import deliveries, failures, subscriptions
from store.failures import START, FailureRule, Place
from store.stories import story
from store.sweeping import cancel, live_events
from tests.the_dead import die
from tests.world import HOUR_MS, World


def jobs_of_the_dead(world: World) -> list[str]:
    jobs = [key.decode() for key in world.command("KEYS", "rq:job:*")]
    return [job for job in jobs if world.field(job, "description").startswith("declare dead")]


def listed(world: World, rule: FailureRule = failures.EVERYTHING) -> list[str]:
    found: list[str] = []
    after, is_end = START, False
    while not is_end:
        looked = world.run(failures.look(world.gateway, "dead", after, 3, 2, rule))
        found += [row.delivery.id for row in looked.rows]
        after, is_end = looked.last, looked.is_end
    return found


def test_the_dead_are_listed_with_all_that_is_known(world: World) -> None:
    subscription = world.subscribe()
    dead = die(world, subscription, 5)
    assert sorted(listed(world)) == sorted(dead)
    assert world.run(failures.totals(world.gateway)) == {"dead": 5, "retrying": 0}
    row = world.run(failures.look(world.gateway, "dead", START, 9, 9)).rows[0]
    assert (row.webhook, row.event_type, row.received_at) == (world.webhook.id, "push", world.now)
    assert (row.delivery.state, row.delivery.attempt, row.delivery.note) == ("dead", 1, "500")
    assert row.due_at is None
    [attempt] = row.delivery.history
    assert (attempt.attempt, attempt.outcome, attempt.note, attempt.at) == (1, "exhausted", "500", world.now)


def test_filters_and_counts_agree(world: World) -> None:
    one, two = world.subscribe("one"), world.subscribe("two")
    first = die(world, one, 2)
    second = die(world, two, 3, kind="pull_request.opened", note="timeout")
    for rule, expected in (
        (FailureRule(), first + second),
        (FailureRule(subscription=two), second),
        (FailureRule(type="pull_request.*"), second),
        (FailureRule(type="push"), first),
        (FailureRule(webhook=world.webhook.id, subscription=one), first),
        (FailureRule(webhook="whk_other"), []),
        (FailureRule(until_ms=1), []),
        (FailureRule(since_ms=2**50), []),
    ):
        assert sorted(listed(world, rule)) == sorted(expected)
        counted = world.run(failures.count(world.gateway, "dead", START, 100, rule))
        assert sum(counted.notes.values()) == len(expected)
        assert counted.is_end
    assert world.run(failures.count(world.gateway, "dead", START, 100)).notes == {"500": 2, "timeout": 3}


def test_who_waits_for_a_retry_is_listed_with_when_it_is_due(world: World) -> None:
    subscription = world.subscribe()
    taken = world.delivered(subscription)
    world.settle(taken, Step.RETRY, world.now + 5000)
    [row] = world.run(failures.look(world.gateway, "retrying", START, 9, 9)).rows
    assert (row.delivery.id, row.due_at) == (taken.delivery.id, world.now + 5000)
    told = world.run(story(world.gateway, row.event))
    assert told is not None
    assert told.deliveries[0].due_at == world.now + 5000
    world.now += 5000
    world.sweep()
    [job] = world.queue("deliveries")
    world.run(deliveries.attempt(taken.delivery.id, job, "run_1"))
    assert world.run(failures.totals(world.gateway)) == {"dead": 0, "retrying": 0}
    [again] = world.take(subscription)
    world.settle(again, Step.DELIVER)
    told = world.run(story(world.gateway, row.event))
    assert told is not None
    history = [(each.attempt, each.outcome, each.note) for each in told.deliveries[0].history]
    assert history == [(1, "retry", "note"), (2, "delivered", "note")]


def test_the_history_keeps_the_latest_twenty(world: World) -> None:
    subscription = world.subscribe()
    taken = world.delivered(subscription)
    for number in range(25):
        world.settle(taken, Step.RETRY, world.now)
        world.sweep()
        [job] = world.queue("deliveries")
        world.command("LPOP", "rq:queue:deliveries")
        world.run(deliveries.attempt(taken.delivery.id, job, f"run_{number}"))
        [taken] = world.take(subscription)
    told = world.run(story(world.gateway, taken.delivery.event))
    assert told is not None
    assert [each.attempt for each in told.deliveries[0].history] == list(range(6, 26))


def test_a_tunnel_that_went_away_is_an_attempt_that_lapsed(world: World) -> None:
    subscription = world.subscribe()
    taken = world.delivered(subscription)
    world.open_tunnel(subscription, session="s2")
    told = world.run(story(world.gateway, taken.delivery.event))
    assert told is not None
    [attempt] = told.deliveries[0].history
    assert (attempt.attempt, attempt.outcome, attempt.note) == (1, "lapsed", "its connector went away")


def test_the_dead_are_replayed_and_no_job_stands_for_them(world: World) -> None:
    subscription = world.subscribe()
    dead = die(world, subscription, 3)
    assert world.command("ZCARD", "rq:failed:deliveries") == len(jobs_of_the_dead(world)) == 3
    call = failures.replay(world.gateway, [*dead, "dlv_1_2"], "run_x")
    assert world.run(call) == ["done", "done", "done", "unknown"]
    assert world.run(call) == ["done", "done", "done", "unknown"]
    assert world.counts()["delivery:in_flight"] == 3
    assert (world.command("ZCARD", "rq:failed:deliveries"), jobs_of_the_dead(world)) == (0, [])
    assert listed(world) == []
    taken = world.take(subscription)
    assert [(each.delivery.generation, each.delivery.tries) for each in taken] == [(2, 1)] * 3
    assert world.run(failures.replay(world.gateway, dead, "run_y")) == ["not_dead"] * 3
    for each in taken:
        world.settle(each, Step.DELIVER)
    assert (world.stored(), world.differences()) == ((0, 0), [])


def test_the_dead_are_discarded_and_their_bodies_go(world: World) -> None:
    dead = die(world, world.subscribe(), 2)
    call = failures.discard(world.gateway, dead, "run_x")
    assert world.run(call) == world.run(call) == ["done", "done"]
    assert world.counts()["delivery:discarded"] == 2
    assert (world.stored(), world.differences(), listed(world)) == ((0, 0), [], [])
    assert jobs_of_the_dead(world) == []


def test_another_gateway_changes_nothing(world: World) -> None:
    dead = die(world, world.subscribe())
    before = world.dump()
    assert world.run(failures.replay("gw_2", dead, "run_x")) == ["unknown"]
    assert world.run(failures.discard("gw_2", dead, "run_x")) == ["unknown"]
    assert world.run(failures.look("gw_2", "dead", START, 9, 9)).rows == ()
    assert world.dump() == before


def test_without_its_body_the_dead_cannot_be_replayed(world: World) -> None:
    [dead] = die(world, world.subscribe())
    world.command("DEL", *world.command("KEYS", "fleet:body:*"))
    assert world.run(failures.replay(world.gateway, [dead], "run_x")) == ["body_gone"]
    assert listed(world) == [dead]


def test_when_the_retention_ends_nobody_can_replay_any_more(world: World) -> None:
    die(world, world.subscribe(), 2)
    world.now += 72 * HOUR_MS
    world.sweep()
    assert (listed(world), world.counts()["delivery:dead"]) == ([], 2)
    assert world.stored() == (0, 0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10, deadline=None)
@given(st.integers(1, 12), st.integers(1, 5), st.integers(1, 5))
def test_parts_make_up_the_whole_while_some_are_replayed(
    world: World, count: int, looks: int, rows: int
) -> None:
    world.command("DEL", f"fleet:dead:{world.gateway}")
    dead = die(world, world.subscribe(f"s{world.made}"), count)
    found: list[str] = []
    after, is_end = START, False
    while not is_end:
        looked = world.run(failures.look(world.gateway, "dead", after, looks, rows))
        ids = [row.delivery.id for row in looked.rows]
        found += ids
        if ids:
            assert world.run(failures.replay(world.gateway, ids[:1], world.id("job"))) == ["done"]
        after, is_end = looked.last, looked.is_end
    assert sorted(found) == sorted(dead)


def test_a_place_that_is_gone_is_found_by_its_time(world: World) -> None:
    dead = die(world, world.subscribe(), 2)
    looked = world.run(failures.look(world.gateway, "dead", Place("dlv_gone", 2**50), 9, 9))
    assert sorted(row.delivery.id for row in looked.rows) == sorted(dead)
    assert world.run(failures.look(world.gateway, "dead", Place("dlv_gone", 1), 9, 9)).rows == ()


@pytest.mark.parametrize("what", ["webhook", "subscription"])
def test_who_died_for_what_is_deleted_leaves_no_job(world: World, what: str) -> None:
    subscription = world.subscribe()
    die(world, subscription, 2)
    gone = subscription
    if what == "webhook":
        gone = world.webhook.id
        world.delete_webhook(gone)
    else:
        assert world.run(subscriptions.remove(world.gateway, gone, world.now))
    world.run(cancel([gone], world.run(live_events(0))[1], world.now))
    assert (world.counts()["delivery:discarded"], jobs_of_the_dead(world)) == (2, [])
    assert world.command("ZCARD", "rq:failed:deliveries") == 0
