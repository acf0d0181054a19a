"""Tunnels: what a connector has taken stays with it while its lease lasts, and moves on afterwards."""

from domain.delivery import Step
from store import subscriptions, tunnels
from store.tunnels import LastTunnel, TunnelFacts
from tests.world import World


def close(world: World, session: str) -> bool:
    return world.run(tunnels.close_tunnel(world.gateway, "tun_1", session, world.now))


def test_a_closed_tunnel_gives_everything_back(world: World) -> None:
    subscription = world.subscribe()
    world.open_tunnel(subscription)
    taken = world.delivered(subscription)
    assert [each.id for each in world.run(tunnels.about(world.gateway))] == ["tun_1"]
    assert close(world, "s1")
    assert world.run(tunnels.about(world.gateway)) == []
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


def about(world: World) -> list[TunnelFacts]:
    return world.run(tunnels.about(world.gateway))


def last(world: World) -> LastTunnel | None:
    return world.run(tunnels.last(world.gateway))


def test_tunnels_are_told_oldest_connection_first_with_all_that_is_known(world: World) -> None:
    ci, audit = world.subscribe("ci"), world.subscribe("audit")
    world.open_tunnel(ci, audit, tunnel="tun_b")
    world.now += 1000
    world.open_tunnel(audit, tunnel="tun_a")
    world.run(tunnels.renew(world.gateway, "tun_b", "s1", world.now, 15_000, 12.5))
    start, now = world.now - 1000, world.now
    who = ("laptop", "192.0.2.7", "1.2.3")
    assert about(world) == [
        TunnelFacts("tun_b", *who, start, now, 12.5, ("ci", "audit")),
        TunnelFacts("tun_a", *who, now, now, None, ("audit",)),
    ]
    assert world.run(tunnels.about("gw_2")) == []
    world.run(subscriptions.remove(world.gateway, ci, world.now))
    assert about(world)[0].subscriptions == ("audit",)


def test_a_reconnected_tunnel_is_measured_anew(world: World) -> None:
    world.open_tunnel()
    world.run(tunnels.renew(world.gateway, "tun_1", "s1", world.now, 15_000, 12.5))
    world.open_tunnel(session="s2")
    assert [facts.round_trip_ms for facts in about(world)] == [None]


def test_a_tunnel_that_said_goodbye_left_then(world: World) -> None:
    world.open_tunnel()
    opened = world.now
    world.now += 3000
    close(world, "s1")
    assert last(world) == LastTunnel("tun_1", "laptop", "192.0.2.7", "1.2.3", opened, world.now)
    assert world.run(tunnels.last("gw_2")) is None


def test_a_tunnel_that_lapsed_left_when_it_was_last_seen(world: World) -> None:
    world.open_tunnel()
    world.now += 5000
    world.run(tunnels.renew(world.gateway, "tun_1", "s1", world.now, 15_000))
    seen = world.now
    world.now += 16_000
    assert close(world, "")
    left = last(world)
    assert left is not None
    assert left.left_at == seen


def test_a_lost_connection_keeps_its_deliveries_and_left_when_it_was_lost(world: World) -> None:
    subscription = world.subscribe()
    world.open_tunnel(subscription)
    taken = world.delivered(subscription)
    world.now += 2000
    assert world.run(tunnels.lose(world.gateway, "tun_1", "s1", world.now))
    lost = world.now
    assert about(world) == []
    assert world.take(subscription) == []
    world.now += 16_000
    assert close(world, "")
    left = last(world)
    assert left is not None
    assert (left.id, left.left_at) == ("tun_1", lost)
    [again] = world.take(subscription, tunnel="tun_2")
    assert again.delivery.id == taken.delivery.id


def test_only_who_holds_the_lease_can_lose_it(world: World) -> None:
    world.open_tunnel(session="s2")
    assert not world.run(tunnels.lose(world.gateway, "tun_1", "s1", world.now))
    assert len(about(world)) == 1
    assert last(world) is None


def test_the_one_that_left_last_is_remembered_until_it_is_back(world: World) -> None:
    world.open_tunnel(tunnel="tun_1")
    world.open_tunnel(tunnel="tun_2")
    world.now += 1000
    world.run(tunnels.close_tunnel(world.gateway, "tun_2", "s1", world.now))
    world.now += 15_000
    close(world, "")  # this one was seen for the last time before the other one said goodbye
    assert [last(world).id] == ["tun_2"]
    world.open_tunnel(tunnel="tun_1")
    assert [last(world).id] == ["tun_2"]
    world.open_tunnel(tunnel="tun_2")
    assert last(world) is None
