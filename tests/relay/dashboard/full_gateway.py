"""A gateway with events in every state, straight in the store, with words of a hostile sender among them."""

from dataclasses import dataclass

from domain.delivery import Step
from store import gateways, tokens
from store.connect import SyncStore
from store.decisions import Decision
from store.deliveries import Taken, attempt
from tests.owner_door import clock_ms
from tests.world import World

HOSTILE = "<script>alert('x')</script>\"'{{7*7}}"
TOKEN = "fleet_of-the-full-gateway"


@dataclass
class FullGateway:
    """What the pages show.

    Attributes:
        world: the gateway.
        events: ids of events by what became of them.
        dead: ids of the deliveries that died.
    """

    world: World
    events: dict[str, str]
    dead: list[str]


def full_gateway(store: SyncStore, name: str = "gw_full", token: str = TOKEN) -> FullGateway:
    world = World(store, name, clock_ms())
    world.run(gateways.renew(name, tokens.hashed(token)))
    ci, mail = world.subscribe("ci"), world.subscribe("mail")
    world.open_tunnel(ci, mail)
    names = ["delivered", "failed", "rejected", "unmatched", "under_way", "hostile", "waiting"]
    events = dict(zip(names, world.accept(len(names)), strict=True))
    decided = {
        "delivered": ("push", (ci,)),
        "failed": ("pull_request", (ci, mail)),
        "unmatched": ("ping", ()),
        "under_way": ("release", (mail,)),
        "hostile": (HOSTILE, (ci,)),
    }
    for key, (kind, to) in decided.items():
        world.decide(Decision(events[key], kind, "github-sha256", "", "", to, "sec_1"))
    world.decide(Decision(events["rejected"], "push", "", "wrong_signature", "", ()))
    taken = {(each.delivery.event, each.delivery.subscription): each for each in world.take(ci, mail)}
    world.settle(taken[events["delivered"], ci], Step.DELIVER)
    world.settle(taken[events["failed"], mail], Step.DELIVER)
    world.settle(taken[events["under_way"], mail], Step.RETRY, world.now + 60_000)
    dead = [kill(world, taken[events[key], ci]) for key in ("failed", "hostile")]
    return FullGateway(world, events, dead)


def kill(world: World, taken: Taken) -> str:
    """Let the last attempt of a delivery fail."""
    world.settle(taken, Step.EXHAUST)
    before = set(world.queue("deliveries"))
    world.sweep()
    for job in set(world.queue("deliveries")) - before:
        world.run(attempt(taken.delivery.id, job, f"run of {job}"))
    return taken.delivery.id


def many_dead(world: World, count: int) -> list[str]:
    """So many deliveries that died."""
    subscription = world.subscribe("crowd")
    for event in world.accept(count):
        world.fan_out(event, subscription)
    died: list[str] = []
    while taken := world.take(subscription, count=50):
        died += [kill(world, each) for each in taken]
    return died
