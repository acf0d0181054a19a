"""Many dead deliveries at once: by id, or by a filter, a part at a time, whatever happens in between."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.ids import delivery_id
from relay.server.api import looking
from tests.owner_door import Owner, token_of
from tests.the_dead import die
from tests.world import World


@pytest.fixture
def owner(address: str, world: World) -> Owner:
    return Owner(address, token_of(world))


def change(owner: Owner, step: str, **wish: object) -> Any:
    answer = owner.ask("POST", f"/deliveries/{step}", wish)
    assert answer.status == 200, answer.raw
    return answer.json


def rounds(owner: Owner, step: str, **wish: object) -> Iterator[Any]:
    """As a command or a page does it: on with the cursor and the time of the first answer."""
    answer = change(owner, step, **wish)
    yield answer
    while answer["next"] is not None:
        answer = change(owner, step, **{**wish, "cursor": answer["next"], "until": answer["until"]})
        yield answer


def counts(world: World) -> tuple[int, int, int]:
    found = world.counts()
    return tuple(found.get(f"delivery:{name}", 0) for name in ("dead", "in_flight", "discarded"))


def test_named_deliveries_are_retried_and_the_others_told(owner: Owner, world: World) -> None:
    one, two, three = die(world, world.subscribe(), 3)
    unknown = delivery_id(world.id("evt"), world.id("sub"))
    owner.ask("POST", f"/deliveries/{two}/retry")
    world.command("DEL", f"fleet:body:evt_{three.split('_')[1]}")
    answer = change(owner, "retry", deliveries=[one, one, two, three, unknown])
    assert (answer["done"], answer["next"]) == (1, None)
    assert answer["skipped"] == [
        {"id": two, "because": "not_dead"},
        {"id": three, "because": "body_gone"},
        {"id": unknown, "because": "unknown"},
    ]


def test_all_that_died_come_again_in_parts(owner: Owner, world: World) -> None:
    subscription = world.subscribe()
    dead = die(world, subscription, 25)
    done = [each["done"] for each in rounds(owner, "retry", filter={}, limit=10)]
    assert sum(done) == 25
    assert max(done) == 10
    assert counts(world) == (0, 25, 0)
    assert sorted(each.delivery.id for each in world.take(subscription, count=30)) == sorted(dead)
    assert world.differences() == []


def test_what_a_filter_leaves_out_stays_dead(owner: Owner, world: World) -> None:
    app, other = world.subscribe("app"), world.subscribe("other")
    die(world, app, 4, kind="push")
    die(world, app, 3, kind="ping")
    die(world, other, 2, kind="push")
    wish = {"subscription": "app", "type": "pu*"}
    assert sum(each["done"] for each in rounds(owner, "discard", filter=wish, limit=3)) == 4
    assert counts(world) == (5, 0, 4)
    assert change(owner, "discard", filter={"until": "2001-01-01T00:00:00Z"})["done"] == 0


def test_what_dies_again_meanwhile_is_left_alone(owner: Owner, world: World) -> None:
    subscription = world.subscribe()
    die(world, subscription, 6)
    until = change(owner, "retry", filter={"type": "none"})["until"]
    later = int(world.command("TIME")[0]) * 1000 + 3_600_000
    for delivery in world.command("ZRANGE", f"fleet:dead:{world.gateway}", 0, 1):
        world.command("ZADD", f"fleet:dead:{world.gateway}", later, delivery)
    answers = list(rounds(owner, "retry", filter={}, limit=3, until=until))
    assert sum(each["done"] for each in answers) == 4
    assert {each["until"] for each in answers} == {until}
    assert counts(world) == (2, 4, 0)


def test_who_cannot_be_retried_does_not_hold_up_the_others(owner: Owner, world: World) -> None:
    dead = die(world, world.subscribe(), 9)
    for delivery in dead[::2]:
        world.command("DEL", f"fleet:body:evt_{delivery.split('_')[1]}")
    answers = list(rounds(owner, "retry", filter={}, limit=2))
    assert sum(each["done"] for each in answers) == 4
    skipped = [each for answer in answers for each in answer["skipped"]]
    assert sorted(each["id"] for each in skipped) == sorted(dead[::2])
    assert {each["because"] for each in skipped} == {"body_gone"}


def test_a_request_that_is_sent_twice_does_nothing_twice(owner: Owner, world: World) -> None:
    subscription = world.subscribe()
    die(world, subscription, 4)
    first = change(owner, "retry", filter={}, limit=2)
    again = change(owner, "retry", filter={}, limit=2, until=first["until"])
    assert (first["done"], again["done"]) == (2, 2)
    assert len(world.take(subscription, count=10)) == 4
    assert world.differences() == []


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["push", "ping"]), max_size=12), st.integers(1, 5), st.integers(1, 4))
def test_whatever_the_parts_are_each_is_retried_once(
    address: str, world: World, kinds: list[str], limit: int, part: int
) -> None:
    world.command("FLUSHALL")
    fresh = World(world.store)
    owner = Owner(address, token_of(fresh))
    subscription = fresh.subscribe()
    dead = {delivery: kind for kind in kinds for delivery in die(fresh, subscription, kind=kind)}
    before, looking.PART = looking.PART, part
    try:
        done = sum(each["done"] for each in rounds(owner, "retry", filter={"type": "push"}, limit=limit))
    finally:
        looking.PART = before
    wanted = sorted(delivery for delivery, kind in dead.items() if kind == "push")
    assert done == len(wanted)
    assert sorted(each.delivery.id for each in fresh.take(subscription, count=20)) == wanted


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"deliveries": []},
        {"deliveries": ["dlv_1"] * 201},
        {"deliveries": ["dlv_1"], "filter": {}},
        {"filter": {"tipe": "push"}},
        {"filter": {"state": "retrying"}},
        {"filter": {"webhook": "nothing"}},
        {"filter": {}, "limit": 201},
        {"filter": {}, "cursor": "nonsense"},
        {"filter": {}, "until": "soon"},
        {"filter": "all"},
    ],
)
@pytest.mark.parametrize("step", ["retry", "discard"])
def test_a_wish_that_makes_no_sense_changes_nothing(
    owner: Owner, world: World, step: str, wish: dict[str, Any]
) -> None:
    die(world, world.subscribe(), 2)
    refused = owner.ask("POST", f"/deliveries/{step}", wish)
    assert (refused.status, refused.json["code"]) == (422, "invalid_input")
    assert counts(world) == (2, 0, 0)


def test_the_dead_of_another_gateway_are_unknown(owner: Owner, world: World) -> None:
    other = World(world.store, "gw_2", made=1000)
    [foreign] = die(other, other.subscribe())
    for step in ("retry", "discard"):
        answer = change(owner, step, deliveries=[foreign])
        assert answer["skipped"] == [{"id": foreign, "because": "unknown"}]
        assert change(owner, step, filter={})["done"] == 0
    assert counts(other) == (1, 0, 0)
