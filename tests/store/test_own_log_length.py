"""A gateway may have a shorter event log than others, and its records live no longer for it."""

from dataclasses import replace

from domain.gateway import Gateway
from store import gateways
from tests.world import World


def with_length(world: World, length: int | None) -> World:
    """Another gateway, made with a length of its own."""
    gateway = Gateway("gw_short", "short", world.now)
    world.run(gateways.create(gateway, "hash-short", length))
    other = World(world.store, "gw_short", now=world.now + 1)
    other.webhook = other.add_webhook("short")
    return other


def logged(world: World, owner: str) -> list[str]:
    return [event.decode() for event in world.command("LRANGE", f"fleet:log:{owner}", 0, -1)]


def test_it_keeps_its_own_number_and_others_keep_theirs(world: World) -> None:
    short = with_length(world, 3)
    events, others = short.accept(5), world.accept(5)
    newest = events[:1:-1]
    assert logged(short, short.gateway) == logged(short, short.webhook.id) == newest
    assert logged(world, world.gateway) == others[::-1]


def test_it_is_never_longer_than_the_servers(world: World) -> None:
    world.limits = replace(world.limits, log=replace(world.limits.log, length=2))
    short = with_length(world, 3)
    short.limits = world.limits
    short.accept(5)
    assert len(logged(short, short.gateway)) == 2


def test_once_it_is_full_records_are_kept_for_a_day(world: World) -> None:
    short = with_length(world, 3)
    first, *_ = short.accept(3)
    [late] = short.accept()
    assert int(short.field(f"fleet:event:{first}", "keep_s")) > 86_400
    assert short.field(f"fleet:event:{late}", "keep_s") == "86400"
