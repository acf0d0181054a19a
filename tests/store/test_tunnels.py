"""Tunnels: what a connector has taken stays with it while its lease lasts, and moves on afterwards."""

from domain.delivery import Step
from store import tunnels
from tests.world import World


def close(world: World, session: str) -> bool:
    return world.run(tunnels.close_tunnel(world.gateway, "tun_1", session, world.now))


def test_a_closed_tunnel_gives_everything_back(world: World) -> None:
    subscription = world.subscribe()
    world.open_tunnel(subscription)
    taken = world.delivered(subscription)
    assert world.run(tunnels.live(world.gateway)) == ["tun_1"]
    assert close(world, "s1")
    assert world.run(tunnels.live(world.gateway)) == []
    [again] = world.take(subscription, tunnel="tun_2")
    assert (again.delivery.id, again.delivery.attempt) == (taken.delivery.id, 2)
    assert not close(world, "s1")


def test_a_reconnected_tunnel_keeps_what_it_holds_and_no_more(world: World) -> None:
    subscription = world.subscribe()
    world.open_tunnel(subscription)
    held, lost = world.delivered(subscription), world.delivered(subscription)
    assert world.open_tunnel(subscription, session="s2", holding=[(held.delivery.id, 1)]) == 1
    assert world.settle(held, Step.DELIVER)
    [again] = world.take(subscription)
    assert again.delivery.id == lost.delivery.id


def test_holding_an_older_attempt_is_not_holding_the_newest(world: World) -> None:
    subscription = world.subscribe()
    world.open_tunnel(subscription)
    taken = world.delivered(subscription)
    world.open_tunnel(subscription, session="s2")
    assert len(world.take(subscription)) == 1
    assert world.open_tunnel(subscription, session="s3", holding=[(taken.delivery.id, 1)]) == 1


def test_an_older_session_has_lost_its_lease(world: World) -> None:
    world.open_tunnel(session="s1")
    world.open_tunnel(session="s2")
    renew = tunnels.renew(world.gateway, "tun_1", "s1", world.now, 15_000)
    assert not world.run(renew)
    assert not close(world, "s1")
    assert close(world, "s2")


def test_a_late_answer_to_a_lapsed_attempt_still_counts(world: World) -> None:
    subscription = world.subscribe()
    world.open_tunnel(subscription)
    taken = world.delivered(subscription)
    close(world, "s1")
    assert world.settle(taken, Step.DELIVER)
    assert world.take(subscription) == []
    assert world.counts()["delivery:delivered"] == 1


def test_the_sweeper_ends_a_lease_that_was_not_renewed(world: World) -> None:
    subscription = world.subscribe()
    world.open_tunnel(subscription)
    world.delivered(subscription)
    world.now += 14_000
    world.run(tunnels.renew(world.gateway, "tun_1", "s1", world.now, 15_000))
    world.now += 14_000
    assert world.sweep().items == ()
    world.now += 1000
    [ended] = world.sweep().items
    assert (ended.kind, ended.gateway, ended.name) == ("tunnel", world.gateway, "tun_1")
    assert close(world, "")
    assert len(world.take(subscription, tunnel="tun_2")) == 1


def test_a_delivery_that_breaks_every_connector_is_exhausted_at_last(world: World) -> None:
    subscription = world.subscribe()
    world.fan_out(world.accept()[0], subscription)
    for number in range(10):
        world.open_tunnel(subscription, session=f"s{number}")
        [taken] = world.take(subscription)
        assert close(world, f"s{number}")
    assert world.field(f"fleet:delivery:{taken.delivery.id}", "state") == "exhausted"
    assert world.take(subscription) == []
    world.sweep()
    assert len(world.queue("deliveries")) == 1


def test_a_lease_renewed_meanwhile_is_not_ended(world: World) -> None:
    world.open_tunnel()
    assert not close(world, "")
