"""Events that were set aside come back when somebody asks for it."""

import pytest

from store.decisions import waiting
from store.events import NotSetAsideError, close_batch, retry
from store.sweeping import MAX_CRASHES
from tests.world import HOUR_MS, World


def test_a_retried_event_is_worked_on(world: World) -> None:
    event = world.set_aside()
    before = world.stored()
    assert world.retry(event)
    assert world.stored() == before == (1, 11)
    assert world.counts() == {"event:accepted": 1, "event:waiting": 1}
    assert world.command("GET", "fleet:waiting") == b"1"
    world.sweep()
    [job] = world.queue("events")
    assert world.run(close_batch(job, world.limits, world.id("job"), world.now))[1] == [event]
    [found] = world.run(waiting([event]))
    assert found.sealed == b"sealed body"
    world.fan_out(event)
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
