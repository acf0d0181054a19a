"""Activity: minutes are counted as things happen, and read for a chart."""

from domain.delivery import Step
from store.activity import HOUR, MINUTE_MS, QUARTER, QUARTERS, chart
from tests.world import World

DAY_MS = QUARTERS * QUARTER * MINUTE_MS


def test_what_happens_is_in_its_minute_and_in_its_quarter(world: World) -> None:
    subscription = world.subscribe()
    before = world.redis_ms()
    world.settle(world.delivered(subscription), Step.DELIVER)
    world.accept(2)
    found = world.run(chart(world.gateway, world.redis_ms()))
    for parts, width_ms, count in ((found.hour, MINUTE_MS, HOUR), (found.day, QUARTER * MINUTE_MS, QUARTERS)):
        assert [each.at for each in parts] == [parts[0].at + width_ms * place for place in range(count)]
        assert parts[0].at % width_ms == 0
        # A minute may have ended meanwhile.
        happened = [each for each in parts if each.at > before - width_ms]
        sums = (sum(getattr(each, what) for each in happened) for what in ("accepted", "delivered", "failed"))
        assert tuple(sums) == (3, 1, 0)
        assert [each for each in parts if each.at <= before - width_ms and each.accepted] == []
    other = world.run(chart("gw_2", world.redis_ms()))
    assert {each.accepted for each in (*other.hour, *other.day)} == {0}


def test_what_is_older_than_the_chart_is_not_in_it(world: World) -> None:
    world.accept()
    later = world.run(chart(world.gateway, world.redis_ms() + HOUR * MINUTE_MS))
    assert sum(each.accepted for each in later.hour) == 0
    assert sum(each.accepted for each in later.day) == 1
    assert sum(each.accepted for each in world.run(chart(world.gateway, world.redis_ms() + DAY_MS)).day) == 0


def test_it_is_forgotten_after_a_day(world: World) -> None:
    world.accept()
    [key] = world.command("KEYS", "fleet:minutes:*")
    assert 24 * 3600 < world.command("TTL", key) <= 26 * 3600
