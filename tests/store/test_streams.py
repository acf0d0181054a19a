"""What waits for each subscription, and what tunnels hold of it."""

from domain.delivery import Step
from store.streams import Backlog, backlogs
from tests.world import World


def owed(world: World, to: str, count: int = 1) -> None:
    for event in world.accept(count):
        world.fan_out(event, to)


def of(world: World, subscription: str) -> Backlog:
    return next(each for each in world.run(backlogs(world.gateway)) if each.subscription == subscription)


def test_a_gateway_without_subscriptions_has_none(world: World) -> None:
    assert world.run(backlogs(world.gateway)) == []


def test_what_nobody_has_taken_waits_since_it_came(world: World) -> None:
    subscription = world.subscribe("app")
    world.subscribe("idle")
    owed(world, subscription, 3)
    first = world.command("XRANGE", f"fleet:stream:{subscription}", "-", "+", "COUNT", 1)[0][0].decode()
    one, two = world.run(backlogs(world.gateway))
    assert one == Backlog(subscription, "app", 3, 0, int(first.partition("-")[0]))
    assert (two.name, two.waiting, two.in_tunnel, two.oldest_at) == ("idle", 0, 0, None)


def test_what_a_tunnel_holds_does_not_wait(world: World) -> None:
    subscription = world.subscribe()
    owed(world, subscription, 3)
    entries = world.command("XRANGE", f"fleet:stream:{subscription}", "-", "+")
    world.take(subscription, count=2)
    found = of(world, subscription)
    assert (found.waiting, found.in_tunnel) == (1, 2)
    assert found.oldest_at == int(entries[2][0].decode().partition("-")[0])


def test_what_is_settled_is_gone(world: World) -> None:
    subscription = world.subscribe()
    world.settle(world.delivered(subscription), Step.DELIVER)
    assert of(world, subscription) == Backlog(subscription, "ci", 0, 0, None)


def test_the_backlog_of_another_gateway_is_not_told(world: World) -> None:
    other = World(world.store, "gw_2", made=1000)
    owed(other, other.subscribe())
    assert world.run(backlogs(world.gateway)) == []
