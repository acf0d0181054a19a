"""Events that are put off: looked at later, and not for ever."""

from store.decisions import put_off
from store.events import close_batch
from store.sweeping import MAX_CRASHES
from tests.world import World

MINUTE_MS = 60_000


def due(world: World, event: str) -> int:
    return int(world.command("ZSCORE", "fleet:due", f"e:{event}"))


def test_an_event_outlasts_a_minute_as_often_as_it_is_tried_and_is_set_aside_at_last(world: World) -> None:
    [event] = world.accept()
    for crashes in range(MAX_CRASHES):
        [job] = world.queue("events")
        world.command("LPOP", "rq:queue:events")
        assert world.run(close_batch(job, world.limits, world.id("job"), world.now))[1] == [event]
        assert world.run(put_off([event], world.now + MINUTE_MS)) == 1
        world.now += MINUTE_MS - 1
        world.sweep()
        assert world.queue("events") == []
        assert world.field(f"fleet:event:{event}", "crashes") == str(crashes)
        world.now += 1
        world.sweep()
    assert world.field(f"fleet:event:{event}", "state") == "set_aside"
    assert world.command("EXISTS", f"fleet:body:{event}") == 1
    assert world.retry(event)
    assert world.differences() == []


def test_nothing_is_due_earlier_than_it_was_and_what_is_decided_stays_so(world: World) -> None:
    waits, wanted, gone = world.accept(3)
    world.fan_out(wanted, world.subscribe())
    world.fan_out(gone)
    before = [due(world, each) for each in (waits, wanted)]
    assert world.run(put_off([waits], world.now + 1)) == 1
    assert world.run(put_off([wanted, gone, "evt_unknown"], world.now + 365 * 24 * 60 * MINUTE_MS)) == 0
    assert [due(world, each) for each in (waits, wanted)] == before
    assert world.command("ZSCORE", "fleet:due", f"e:{gone}") is None
