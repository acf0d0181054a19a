"""Deliveries that are out of attempts, for tests that list, retry or discard them."""

from domain.delivery import Step
from store import deliveries
from store.deliveries import Settlement
from store.events import Decision
from tests.world import World


def die(
    world: World,
    subscription: str,
    count: int = 1,
    kind: str = "push",
    note: str = "500",
    *,
    tunnel: str = "tun_1",
) -> list[str]:
    """So many new deliveries, all dead."""
    events = world.accept(count)
    world.decide(*(Decision(event, kind, "", "", "", (subscription,)) for event in events))
    taken = world.take(subscription, count=count, tunnel=tunnel)
    ends = [Settlement(each.delivery.id, each.delivery.attempt, Step.EXHAUST, 0, note) for each in taken]
    world.run(deliveries.settle(ends, world.now))
    bury(world)
    return [each.delivery.id for each in taken]


def bury(world: World) -> None:
    """RQ does what it does with the jobs of those that are out of attempts."""
    world.sweep()
    for job in world.queue("deliveries"):
        world.command("LPOP", "rq:queue:deliveries")
        delivery = world.field(f"rq:job:{job}", "description").removeprefix("declare dead ")
        world.run(deliveries.attempt(delivery, job, f"run-{job}"))
        world.command("ZADD", "rq:failed:deliveries", 1, job)
