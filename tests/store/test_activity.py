"""Activity: minutes are counted as things happen, and read for a chart."""

from domain.delivery import Step
from store.activity import MINUTE_MS, Minute, minutes
from tests.world import World


def test_what_happens_is_in_its_minute(world: World) -> None:
    subscription = world.subscribe()
    before = world.redis_ms()
    world.settle(world.delivered(subscription), Step.DELIVER)
    world.accept(2)
    found = world.run(minutes(world.gateway, 1440, world.redis_ms()))
    assert len(found) == 1440
    assert [each.at for each in found] == list(range(found[0].at, found[0].at + 1440 * MINUTE_MS, MINUTE_MS))
    happened = [each for each in found if each.accepted]
    assert sum(happened[1:], start=happened[0]) == Minute(happened[0].at, accepted=3, delivered=1)
    assert happened[0].at >= before - MINUTE_MS
    assert world.run(minutes("gw_2", 60, world.redis_ms())) == [Minute(each.at) for each in found[-60:]]


def test_it_is_forgotten_after_a_day(world: World) -> None:
    world.accept()
    [key] = world.command("KEYS", "fleet:minutes:*")
    assert 24 * 3600 < world.command("TTL", key) <= 26 * 3600
