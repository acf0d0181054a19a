"""Events that were set aside: they are found in the log, and come back when somebody asks for it."""

import pytest

from store.events import NotSetAsideError, close_batch, retry, waiting
from store.stories import latest, set_aside, story
from store.sweeping import MAX_CRASHES, cancel, live_events
from tests.world import HOUR_MS, World


def test_what_is_set_aside_stands_in_the_log(world: World) -> None:
    event = world.set_aside()
    [unmatched] = world.accept()
    world.fan_out(unmatched)
    assert world.run(latest(world.gateway, 10)) == [unmatched, event]
    assert world.run(set_aside(world.gateway, 10)) == [event]
    told = world.run(story(world.gateway, event))
    assert told is not None
    assert (told.state, told.decided_at) == ("set_aside", world.now)


def test_what_the_sweeper_decides_stands_in_the_log(world: World) -> None:
    [expired] = world.accept()
    world.now += 72 * HOUR_MS
    world.sweep()
    other = world.add_webhook("other")
    orphan = world.candidate(webhook=other.id)
    world.offer(orphan)
    world.run(cancel([other.id], world.run(live_events(0))[1], world.now, 1000))
    assert world.run(latest(world.gateway, 10)) == [orphan.event, expired]
    for event in (orphan.event, expired):
        told = world.run(story(world.gateway, event))
        assert told is not None
        assert told.decided_at == world.now


def test_the_log_stays_as_long_as_it_may_be(world: World) -> None:
    events = world.accept(3)
    world.run(cancel([world.webhook.id], events, world.now, 2))
    assert world.run(latest(world.gateway, 10)) == events[:0:-1]
    [event] = world.accept()
    world.run(cancel([world.webhook.id], [event], world.now, 0))
    assert event not in world.run(latest(world.gateway, 10))


def test_a_retried_event_is_worked_on_and_logged_once(world: World) -> None:
    event = world.set_aside()
    before = world.stored()
    assert world.retry(event)
    assert world.stored() == before == (1, 11)
    assert world.counts() == {"event:accepted": 1, "event:waiting": 1}
    assert world.command("GET", "fleet:waiting") == b"1"
    assert world.run(latest(world.gateway, 10)) == []
    world.sweep()
    [job] = world.queue("events")
    assert world.run(close_batch(job, world.limits, world.id("job"), world.now))[1] == [event]
    [found] = world.run(waiting([event]))
    assert found.sealed == b"sealed body"
    world.fan_out(event)
    assert world.run(latest(world.gateway, 10)) == [event]
    assert (world.stored(), world.differences()) == ((0, 0), [])
    assert world.command("GET", "fleet:waiting") == b"0"


def test_a_call_that_is_sent_again_retries_once(world: World) -> None:
    event = world.set_aside()
    again = retry(world.gateway, event, world.id("job"), world.now)
    assert world.run(again)
    world.sweep()
    before = world.dump()
    assert world.run(again)
    assert world.dump() == before
    with pytest.raises(NotSetAsideError):
        world.retry(event)


def test_a_retried_event_has_all_its_crashes_before_it_again(world: World) -> None:
    event = world.set_aside()
    world.retry(event)
    world.sweep()
    for crash in range(1, MAX_CRASHES + 1):
        [job] = world.queue("events")
        world.command("LPOP", "rq:queue:events")
        world.run(close_batch(job, world.limits, world.id("job"), world.now))
        world.now += 20_000
        world.sweep()
        assert world.field(f"fleet:event:{event}", "crashes") == str(crash)
    assert world.field(f"fleet:event:{event}", "state") == "set_aside"
    assert world.run(latest(world.gateway, 10)) == [event]


def test_only_its_owner_retries_an_event(world: World) -> None:
    event = world.set_aside()
    before = world.dump()
    assert not world.retry(event, gateway="gw_2")
    assert not world.retry("evt_unknown")
    assert world.dump() == before


def test_only_what_is_set_aside_is_retried(world: World) -> None:
    [event] = world.accept()
    with pytest.raises(NotSetAsideError, match="is waiting, not set_aside"):
        world.retry(event)
    gone = world.set_aside()
    world.command("DEL", f"fleet:body:{gone}")
    with pytest.raises(NotSetAsideError, match=r"body .* is gone"):
        world.retry(gone)


def test_a_retried_event_still_expires(world: World) -> None:
    event = world.set_aside()
    world.now += 71 * HOUR_MS
    world.retry(event)
    world.now += HOUR_MS
    world.sweep()
    assert world.field(f"fleet:event:{event}", "state") == "expired"
    assert (world.stored(), world.differences()) == ((0, 0), [])
