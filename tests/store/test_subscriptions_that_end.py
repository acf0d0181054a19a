"""Subscriptions that end by themselves: only when no tunnel has served them for long enough, and wholly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.delivery import Step
from store import subscriptions, tunnels
from store.connect import SyncStore
from store.sweeping import Ended
from tests.world import World

LINGER_S = 600
LINGER_MS = LINGER_S * 1000


def stands(world: World, subscription: str) -> bool:
    return world.run(subscriptions.find(world.gateway, subscription)) is not None


def close(world: World, tunnel: str) -> None:
    assert world.run(tunnels.close_tunnel(world.gateway, tunnel, "s1", world.now))


def ended(world: World) -> list[Ended]:
    return [item for item in world.sweep().items if isinstance(item, Ended) and item.kind == "subscription"]


def test_it_is_found_with_its_time(world: World) -> None:
    found = world.run(subscriptions.find(world.gateway, world.subscribe(linger_s=LINGER_S)))
    assert found is not None
    assert found.linger_s == LINGER_S


def test_one_that_nobody_ever_served_ends_and_no_route_leads_to_it(world: World) -> None:
    subscription = world.subscribe(linger_s=LINGER_S)
    world.now += LINGER_MS - 1
    assert ended(world) == []
    assert stands(world, subscription)
    world.now += 1
    assert ended(world) == [Ended("subscription", world.gateway, subscription)]
    assert not stands(world, subscription)
    assert world.run(subscriptions.routes([world.webhook.id])) == [()]
    assert world.subscribe() != subscription  # its name is free


def test_one_without_a_time_stays(world: World) -> None:
    subscription = world.subscribe()
    world.open_tunnel(subscription)
    close(world, "tun_1")
    world.now += 365 * 24 * 3_600_000
    assert ended(world) == []
    assert stands(world, subscription)


def test_while_a_tunnel_serves_it_the_time_does_not_run(world: World) -> None:
    subscription = world.subscribe(linger_s=LINGER_S)
    world.open_tunnel(subscription)
    assert world.due() == []
    world.now += 10 * LINGER_MS
    world.run(tunnels.renew(world.gateway, "tun_1", "s1", world.now, 15_000))
    assert ended(world) == []
    close(world, "tun_1")
    world.now += LINGER_MS - 1
    assert ended(world) == []
    assert stands(world, subscription)
    world.now += 1
    assert len(ended(world)) == 1
    assert not stands(world, subscription)


def test_the_second_tunnel_keeps_what_the_first_one_leaves(world: World) -> None:
    subscription = world.subscribe(linger_s=LINGER_S)
    world.open_tunnel(subscription)
    world.open_tunnel(subscription, tunnel="tun_2")
    close(world, "tun_1")
    world.now += LINGER_MS
    world.run(tunnels.renew(world.gateway, "tun_2", "s1", world.now, 15_000))
    assert ended(world) == []
    assert stands(world, subscription)
    close(world, "tun_2")
    world.now += LINGER_MS
    assert len(ended(world)) == 1


def test_a_tunnel_that_comes_back_without_it_lets_it_end(world: World) -> None:
    left, kept = world.subscribe("left", linger_s=LINGER_S), world.subscribe("kept", linger_s=LINGER_S)
    world.open_tunnel(left, kept)
    world.open_tunnel(kept, session="s2")
    world.now += LINGER_MS
    world.run(tunnels.renew(world.gateway, "tun_1", "s2", world.now, 15_000))
    assert [item.name for item in ended(world)] == [left]
    assert stands(world, kept)


def test_a_tunnel_does_not_save_what_was_removed_from_being_cancelled(world: World) -> None:
    subscription = world.subscribe(linger_s=LINGER_S)
    [event] = world.accept()
    world.fan_out(event, subscription)
    assert world.run(subscriptions.remove(world.gateway, subscription, world.now))
    assert world.open_tunnel(subscription) is None
    assert ended(world) == [Ended("subscription", world.gateway, subscription)]


def test_a_tunnel_is_not_opened_for_one_that_ended_since_it_was_looked_for(world: World) -> None:
    left, kept = world.subscribe("left", linger_s=LINGER_S), world.subscribe("kept", linger_s=LINGER_S)
    world.open_tunnel(kept, tunnel="tun_1")
    world.now += LINGER_MS
    world.run(tunnels.renew(world.gateway, "tun_1", "s1", world.now, 15_000))
    assert [item.name for item in ended(world)] == [left]
    before = world.dump()
    for tunnel in ("tun_1", "tun_2"):
        assert world.open_tunnel(left, kept, tunnel=tunnel, session="s2") is None
    assert world.dump() == before


def test_a_claim_that_is_sent_again_holds_although_its_subscription_ended_between(world: World) -> None:
    """Whoever repeats it has not heard that it was granted, and would leave a lease behind."""
    subscription = world.subscribe()
    assert world.open_tunnel(subscription) == 0
    assert world.run(subscriptions.remove(world.gateway, subscription, world.now))
    before = world.dump()
    assert world.open_tunnel(subscription) == 0
    assert world.dump() == before


def test_a_lease_that_lapses_begins_the_time(world: World) -> None:
    subscription = world.subscribe(linger_s=LINGER_S)
    world.open_tunnel(subscription)
    world.now += 15_000
    [lapsed] = world.sweep().items
    assert isinstance(lapsed, Ended)
    assert world.run(tunnels.close_tunnel(world.gateway, lapsed.name, "", world.now))
    assert world.due() == [f"s:{world.gateway}:{subscription}"]
    world.now += LINGER_MS
    assert len(ended(world)) == 1


def test_what_was_delivered_before_it_ended_stays_delivered(world: World) -> None:
    subscription = world.subscribe(linger_s=LINGER_S)
    taken = world.delivered(subscription)
    assert world.settle(taken, Step.DELIVER)
    close(world, "tun_1")
    world.now += LINGER_MS
    assert len(ended(world)) == 1
    assert world.field(f"fleet:delivery:{taken.delivery.id}", "state") == "delivered"


@pytest.fixture(scope="module")
def server(redis_server: str):
    store = SyncStore(redis_server)
    yield store
    store.close()


@given(st.lists(st.sampled_from(["open 1", "open 2", "close 1", "close 2", "wait"]), max_size=12))
def test_it_stands_exactly_as_long_as_a_model_says(server: SyncStore, steps: list[str]) -> None:
    server.client.execute_command("FLUSHDB")
    world = World(server)
    subscription = world.subscribe(linger_s=LINGER_S)
    held: set[str] = set()
    alone_since: int | None = world.now
    for step in steps:
        what, _, number = step.partition(" ")
        tunnel = f"tun_{number}"
        if what == "open":
            world.open_tunnel(subscription, tunnel=tunnel)
            held.add(tunnel)
            alone_since = None
        elif what == "close" and tunnel in held:
            close(world, tunnel)
            held.remove(tunnel)
            alone_since = None if held else world.now
        else:
            world.now += LINGER_MS // 2
        for each in held:
            world.run(tunnels.renew(world.gateway, each, "s1", world.now, 15_000))
        world.sweep()
        has_ended = alone_since is not None and world.now >= alone_since + LINGER_MS
        assert stands(world, subscription) is not has_ended
        if has_ended:
            return
