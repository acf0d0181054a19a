"""The status of a gateway, and its audit: what an owner looks at first."""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

import pytest

from domain.delivery import Step
from domain.ids import new_id
from store.connect import SyncStore
from store.deliveries import Taken
from tests.owner_door import Owner, token_of
from tests.the_dead import die
from tests.world import START_MS, World

GATEWAY, TUNNEL = new_id("gw", START_MS, bytes(9)), new_id("tun", START_MS, bytes(9))


@pytest.fixture
def world(redis_url: str) -> Iterator[World]:
    store = SyncStore(redis_url)
    yield World(store, GATEWAY)
    store.close()


@pytest.fixture
def owner(address: str, world: World) -> Owner:
    return Owner(address, token_of(world))


def taken(world: World, subscription: str) -> Taken:
    """A delivery that the tunnel holds."""
    world.fan_out(*world.accept(), subscription)
    [taken] = world.take(subscription, tunnel=TUNNEL)
    return taken


def test_a_gateway_in_which_nothing_has_happened(owner: Owner) -> None:
    told = owner.ask("GET", "/status").json
    assert told["gateway"] == {"id": GATEWAY, "name": GATEWAY, "is_operator": False}
    assert told["tunnels"] == told["subscriptions"] == []
    assert told["last_tunnel"] is told["server"] is None
    assert set(told["events"].values()) == set(told["deliveries"].values()) == {0, None}
    assert (told["suspended"], told["balanced"]) == (False, True)


def test_counters_and_what_waits_are_told(owner: Owner, world: World) -> None:
    subscription = world.subscribe("app")
    die(world, subscription, tunnel=TUNNEL)
    world.settle(taken(world, subscription), Step.RETRY, world.now + 60_000)
    world.fan_out(*world.accept(), subscription)
    world.now += 5000
    world.accept(2)
    told = owner.ask("GET", "/status").json
    events, deliveries = told["events"], told["deliveries"]
    assert (events["accepted"], events["waiting"], events["fanned_out"]) == (5, 2, 3)
    assert events["oldest_waiting_at"] == "2027-01-15T08:00:05.000Z"
    assert (deliveries["created"], deliveries["dead"], deliveries["in_flight"]) == (3, 1, 2)
    assert deliveries["retrying"] == 1
    [failing] = owner.ask("GET", "/deliveries?state=retrying").json["deliveries"]
    assert deliveries["next_retry_at"] == failing["next_attempt_at"]
    [backlog] = told["subscriptions"]
    assert (backlog["name"], backlog["waiting"], backlog["in_tunnel"]) == ("app", 1, 0)
    assert told["balanced"]


def test_tunnels_are_told(owner: Owner, world: World) -> None:
    world.open_tunnel(world.subscribe("app"), tunnel=TUNNEL)
    [tunnel] = owner.ask("GET", "/status").json["tunnels"]
    assert (tunnel["id"], tunnel["name"], tunnel["address"]) == (TUNNEL, "laptop", "192.0.2.7")
    assert (tunnel["version"], tunnel["subscriptions"]) == ("1.2.3", ["app"])


def test_the_chart_has_the_last_hour_and_day(owner: Owner, world: World) -> None:
    subscription = world.subscribe()
    die(world, subscription, tunnel=TUNNEL)
    world.settle(taken(world, subscription), Step.DELIVER)
    chart = owner.ask("GET", "/status").json["chart"]
    for part, count, minutes in (("hour", 60, 1), ("day", 96, 15)):
        assert len(chart[part]) == count
        # Two at the end: another minute may have begun since.
        for what, number in (("accepted", 2), ("delivered", 1), ("failed", 1)):
            assert sum(each[what] for each in chart[part][-2:]) == number
        times = [datetime.fromisoformat(each["at"]) for each in chart[part]]
        assert {(two - one).total_seconds() for one, two in pairwise(times)} == {minutes * 60}
        assert all(each.minute % minutes == 0 for each in times)


def test_operators_see_the_server_too(address: str, world: World) -> None:
    operator = Owner(address, token_of(world, is_operator=True))
    told = operator.ask("GET", "/status").json
    assert told["gateway"]["is_operator"]
    # How much memory is used changes from one question to the next.
    assert {**operator.ask("GET", "/queues").json, "redis": 0} == {**told["server"], "redis": 0}
    operator.ask("POST", "/queues/suspend", {})
    assert operator.ask("GET", "/status").json["suspended"]


def test_the_webhooks_that_are_paused_are_named(owner: Owner) -> None:
    for name in ("shop", "github", "blog"):
        owner.webhook(name=name)
    for name in ("shop", "blog"):
        owner.ask("PATCH", f"/webhooks/{name}", {"paused": True})
    assert owner.ask("GET", "/status").json["paused_webhooks"] == ["blog", "shop"]
    owner.ask("PATCH", "/webhooks/blog", {"paused": False})
    assert owner.ask("GET", "/status").json["paused_webhooks"] == ["shop"]


def test_everybody_sees_that_workers_are_suspended(owner: Owner, world: World) -> None:
    world.command("SET", "rq:suspended", 1)
    assert owner.ask("GET", "/status").json["suspended"]


def test_a_ledger_that_adds_up_balances(owner: Owner, world: World) -> None:
    world.accept(2)
    told = owner.ask("GET", "/audit").json
    assert (told["balanced"], told["differences"]) == (True, [])
    assert told["counts"]["event:accepted"] == told["counts"]["event:waiting"] == 2


def test_a_ledger_that_does_not_says_where(owner: Owner, world: World) -> None:
    world.accept(2)
    world.command("HINCRBY", f"fleet:counts:{world.gateway}", "event:waiting", -1)
    told = owner.ask("GET", "/audit").json
    assert not told["balanced"]
    assert told["differences"] == ["events accepted: 2, but the sum of their states: 1."]
    assert not owner.ask("GET", "/status").json["balanced"]


def test_nothing_of_another_gateway_is_told(owner: Owner, world: World) -> None:
    before = owner.ask("GET", "/status").json
    other = World(world.store, "gw_2", made=1000)
    die(other, other.subscribe(), 2)
    other.accept(3)
    after = owner.ask("GET", "/status").json
    chart = after["chart"]
    assert {**before, "now": 0, "chart": 0} == {**after, "now": 0, "chart": 0}
    assert sum(each["accepted"] for each in chart["hour"] + chart["day"]) == 0
