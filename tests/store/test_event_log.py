"""The event log: it has every accepted event, newest first, and forgets by number and by age."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.delivery import Step
from domain.event import EventState
from store.decisions import Decision
from store.event_log import EVERYTHING, LogRule, look
from store.events import LogBounds
from store.stories import story
from store.sweeping import cancel, live_events
from tests.world import HOUR_MS, World

DAY_S = 86_400


def listed(world: World, rule: LogRule = EVERYTHING, owner: str = "") -> list[str]:
    """All that the log has, asked for in small parts."""
    found: list[str] = []
    after = ""
    while True:
        looked = world.run(look(owner or world.gateway, world.gateway, after, 3, 2, rule))
        found += [row.event for row in looked.rows]
        if looked.is_end:
            return found
        assert looked.last != after
        after = looked.last


def test_an_event_is_in_it_from_its_acceptance(world: World) -> None:
    first, second = world.accept(2)
    world.fan_out(first)
    [newest] = world.accept()
    assert listed(world) == [newest, second, first]
    [row] = world.run(look(world.gateway, world.gateway, second, 10, 10)).rows
    assert (row.state, row.event_type, row.webhook, row.at) == (
        EventState.UNMATCHED,
        "push",
        world.webhook.id,
        world.now,
    )


def test_a_call_that_is_sent_again_logs_nothing_more(world: World) -> None:
    candidate = world.candidate()
    for _ in range(2):
        world.offer(candidate, job="job_1")
    assert listed(world) == [candidate.event]


def test_a_webhook_has_its_own_log_until_it_is_deleted(world: World) -> None:
    other = world.add_webhook("other")
    world.accept(2)
    mine = world.candidate(webhook=other.id)
    world.offer(mine)
    assert listed(world, owner=other.id) == [mine.event]
    world.delete_webhook(other.id)
    assert listed(world, owner=other.id) == []
    assert len(listed(world)) == 3


def test_what_is_refused_is_in_no_log(world: World) -> None:
    world.offer(world.candidate(version=7))
    assert listed(world) == []


def test_it_holds_what_becomes_of_events_without_a_worker(world: World) -> None:
    [expired] = world.accept()
    world.now += 72 * HOUR_MS
    world.sweep()
    other = world.add_webhook("other")
    orphan = world.candidate(webhook=other.id)
    world.offer(orphan)
    world.run(cancel([other.id], world.run(live_events(0))[1], world.now))
    rows = world.run(look(world.gateway, world.gateway, "", 10, 10)).rows
    assert [(row.event, row.outcome) for row in rows] == [(orphan.event, "rejected"), (expired, "expired")]
    for event in (orphan.event, expired):
        told = world.run(story(world.gateway, event))
        assert told is not None
        assert told.decided_at == world.now


def test_filters_leave_the_rest_out(world: World) -> None:
    pushed, opened, waiting = world.accept(3)
    subscription = world.subscribe()
    world.decide(
        Decision(pushed, "push", "", "", "", (subscription,)),
        Decision(opened, "pull_request.opened", "", "wrong_signature", "", ()),
    )
    assert listed(world, LogRule(type="push")) == [pushed]
    assert listed(world, LogRule(type="pull_request.*")) == [opened]
    assert listed(world, LogRule(type="pull_request")) == []
    assert listed(world, LogRule(states=(EventState.REJECTED, EventState.WAITING))) == [waiting, opened]
    [row] = world.run(look(world.gateway, world.gateway, "", 9, 9, LogRule(type="push"))).rows
    assert row.outcome == "under_way"
    [taken] = world.take(subscription)
    world.settle(taken, Step.DELIVER)
    [row] = world.run(look(world.gateway, world.gateway, "", 9, 9, LogRule(type="push"))).rows
    assert row.outcome == "delivered"


def test_times_are_found_without_looking_at_all(world: World) -> None:
    begin, events = world.now, []
    for _ in range(20):
        events += world.accept()
        world.now += 60_000
    rule = LogRule(since_ms=begin + 5 * 60_000, until_ms=begin + 8 * 60_000)
    assert listed(world, rule) == events[7:4:-1]
    looked = world.run(look(world.gateway, world.gateway, "", 4, 4, rule))
    assert (len(looked.rows), looked.is_end) == (3, True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=8), st.integers(1, 6), st.integers(1, 6))
def test_parts_make_up_the_whole_while_more_comes(
    world: World, flushes: list[int], looks: int, rows: int
) -> None:
    world.command("DEL", f"fleet:log:{world.gateway}")
    before = [event for count in flushes for event in world.accept(count)]
    found: list[str] = []
    after, is_end = "", False
    while not is_end:
        looked = world.run(look(world.gateway, world.gateway, after, looks, rows))
        assert len(looked.rows) <= rows
        found += [row.event for row in looked.rows]
        after, is_end = looked.last, looked.is_end
        world.accept()
    assert [event for event in found if event in before] == before[::-1]


def test_it_forgets_by_number(world: World) -> None:
    world.limits = replace(world.limits, log=LogBounds(length=3))
    events = [event for _ in range(5) for event in world.accept()]
    assert listed(world) == events[:1:-1]
    # Somebody who had read as far as what is gone goes on where it stood.
    assert world.run(look(world.gateway, world.gateway, events[3], 9, 9)).rows[0].event == events[2]
    assert world.run(look(world.gateway, world.gateway, events[1], 9, 9)).rows == ()


def test_it_forgets_by_age(world: World) -> None:
    world.limits = replace(world.limits, log=LogBounds(life_ms=2 * HOUR_MS))
    world.accept(20)
    world.now += 3 * HOUR_MS
    kept = world.accept()
    world.now += 1000
    kept += world.accept()
    assert world.command("LRANGE", f"fleet:log:{world.gateway}", 0, -1) == [
        each.encode() for each in kept[::-1]
    ]
    assert 0 < world.command("PTTL", f"fleet:log:{world.gateway}") <= 2 * HOUR_MS


def test_without_a_log_nothing_is_remembered(world: World) -> None:
    world.limits = replace(world.limits, log=LogBounds(length=0))
    world.accept()
    assert listed(world) == []
    assert world.command("KEYS", "fleet:log:*") == []


@pytest.mark.parametrize(
    ("bounds", "life_s"),
    [
        (LogBounds(10, 7 * 24 * HOUR_MS), 7 * DAY_S),  # it is not full
        (LogBounds(2, 7 * 24 * HOUR_MS), 2 * 2 * DAY_S),  # it forgets by number, after two days or so
        (LogBounds(2, 3 * 24 * HOUR_MS), 3 * DAY_S),
        (LogBounds(0, 7 * 24 * HOUR_MS), DAY_S),  # what guards against a second run stays a day in any case
    ],
)
def test_records_live_about_as_long_as_the_log_has_them(world: World, bounds: LogBounds, life_s: int) -> None:
    world.limits = replace(world.limits, log=bounds)
    subscription = world.subscribe()
    world.accept(2)
    world.now += 2 * 24 * HOUR_MS
    [event] = world.accept()
    world.fan_out(event, subscription)
    [taken] = world.take(subscription)
    world.settle(taken, Step.DELIVER)
    for key in (f"fleet:event:{event}", f"fleet:delivery:{taken.delivery.id}"):
        assert world.command("TTL", key) in {life_s, life_s - 1}


def test_a_quiet_webhook_remembers_no_longer_than_there_are_records(world: World) -> None:
    world.limits = replace(world.limits, log=LogBounds(10, 7 * 24 * HOUR_MS))
    quiet = world.add_webhook("quiet")
    world.accept(10)
    world.now += 1000
    world.offer(world.candidate(webhook=quiet.id))
    # The busy ones fill the log of the gateway within seconds, so records live for a day.
    world.accept(10)
    world.now += 1000
    world.offer(world.candidate(webhook=quiet.id))
    assert len(listed(world, owner=quiet.id)) == 2
    world.now += 25 * HOUR_MS
    world.accept(10)
    world.now += 1000
    world.offer(world.candidate(webhook=quiet.id))
    assert len(listed(world, owner=quiet.id)) == 1
    assert world.command("PTTL", f"fleet:log:{quiet.id}") <= 24 * HOUR_MS


def test_nothing_of_another_gateway_is_answered(world: World) -> None:
    world.accept()
    assert world.run(look(world.gateway, "gw_2", "", 9, 9)).rows == ()
    assert world.run(look(world.webhook.id, "gw_2", "", 9, 9)).rows == ()
