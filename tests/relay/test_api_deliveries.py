"""Deliveries in the control API: who is dead or waits for a retry, one by one."""

import pytest

from domain.delivery import Step
from relay.server.api import looking
from tests.owner_door import Owner, pages, token_of
from tests.the_dead import die
from tests.world import World


@pytest.fixture
def owner(address: str, world: World) -> Owner:
    return Owner(address, token_of(world))


def ids(owner: Owner, query: str = "") -> set[str]:
    return {each["id"] for each in owner.ask("GET", f"/deliveries?{query}").json["deliveries"]}


def test_the_dead_are_told_with_all_that_helps(owner: Owner, world: World) -> None:
    subscription = world.subscribe("app")
    [dead] = die(world, subscription)
    answer = owner.ask("GET", "/deliveries").json
    [told] = answer["deliveries"]
    assert answer["next"] is None
    assert answer["looked_back_to"] == told["failed_at"]
    assert (told["id"], told["state"], told["note"], told["attempts"]) == (dead, "dead", "500", 1)
    assert (told["type"], told["webhook_name"], told["subscription_name"]) == ("push", "hook", "app")
    assert (told["received_at"], told["body_until"]) == (
        "2027-01-15T08:00:00.000Z",
        "2027-01-18T08:00:00.000Z",
    )
    assert [each["outcome"] for each in told["history"]] == ["exhausted"]
    assert owner.ask("GET", f"/deliveries/{dead}").json == told
    assert owner.ask("GET", f"/events/{told['event']}").json["outcome"] == "failed"


def test_who_waits_for_a_retry_is_listed_with_when_it_is_tried(owner: Owner, world: World) -> None:
    subscription = world.subscribe()
    die(world, subscription)
    taken = world.delivered(subscription)
    world.settle(taken, Step.RETRY, world.now + 30_000)
    [told] = owner.ask("GET", "/deliveries?state=retrying").json["deliveries"]
    assert (told["id"], told["state"]) == (taken.delivery.id, "retrying")
    assert told["next_attempt_at"] == "2027-01-15T08:00:30.000Z"
    assert owner.ask("GET", f"/deliveries/{told['id']}").json == told


def test_a_delivery_that_has_not_failed_is_told_in_the_same_form(owner: Owner, world: World) -> None:
    taken = world.delivered(world.subscribe())
    world.settle(taken, Step.DELIVER)
    told = owner.ask("GET", f"/deliveries/{taken.delivery.id}").json
    assert (told["state"], told["failed_at"], told["body_until"]) == ("delivered", None, None)


def test_failures_are_found_by_what_they_are_of(owner: Owner, world: World) -> None:
    app, other = world.subscribe("app"), world.subscribe("other")
    [one], [two] = die(world, app, kind="push"), die(world, other, kind="release.published")
    world.add_webhook("quiet")
    assert ids(owner) == {one, two}
    assert ids(owner, "subscription=app") == ids(owner, f"subscription={app}") == ids(owner, "type=push")
    assert ids(owner, "type=release*") == ids(owner, "subscription=other&webhook=hook") == {two}
    assert ids(owner, "webhook=quiet") == ids(owner, "subscription=other&type=push") == set()
    failed_at = owner.ask("GET", f"/deliveries/{one}").json["failed_at"]
    assert one in ids(owner, f"since={failed_at}")
    assert one in ids(owner, f"until={failed_at}")
    assert ids(owner, "until=2001-01-01T00:00:00Z") == ids(owner, "since=2999-01-01T00:00:00Z") == set()


def test_pages_lead_through_all_that_died(owner: Owner, world: World) -> None:
    dead = die(world, world.subscribe(), 7)
    found = list(pages(owner, "/deliveries?limit=3", "deliveries"))
    assert sorted(each["id"] for page in found for each in page) == sorted(dead)
    assert max(map(len, found)) == 3


def test_failures_are_counted_by_their_last_answers(owner: Owner, world: World) -> None:
    subscription = world.subscribe()
    die(world, subscription, 3)
    die(world, subscription, 2, note="timeout", kind="ping")
    counted = {"count": 5, "is_complete": True, "by_note": {"500": 3, "timeout": 2}}
    assert owner.ask("GET", "/deliveries/count").json == counted
    some = {"count": 2, "is_complete": True, "by_note": {"timeout": 2}}
    assert owner.ask("GET", "/deliveries/count?type=ping").json == some
    assert owner.ask("GET", "/deliveries/count?subscription=ci").json == counted
    none = {"count": 0, "is_complete": True, "by_note": {}}
    assert owner.ask("GET", "/deliveries/count?state=retrying").json == none
    assert owner.ask("GET", "/deliveries/count?since=2999-01-01T00:00:00Z").json == none


def test_a_count_says_when_there_is_more_than_it_looked_at(
    owner: Owner, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "PART", 2)
    monkeypatch.setattr(looking, "LOOKS", 4)
    die(world, world.subscribe(), 7)
    some = owner.ask("GET", "/deliveries/count?type=push").json
    assert some == {"count": 4, "is_complete": False, "by_note": {"500": 4}}
    # Whoever asks for all is told how many these are.
    assert owner.ask("GET", "/deliveries/count").json == {**some, "count": 7, "is_complete": True}


def test_the_notes_of_a_count_are_the_most_frequent(owner: Owner, world: World) -> None:
    subscription = world.subscribe()
    for number in range(22):
        die(world, subscription, note=f"note {number}")
    die(world, subscription, 2, note="often")
    counted = owner.ask("GET", "/deliveries/count").json
    assert (counted["count"], len(counted["by_note"]), counted["by_note"]["often"]) == (24, 20, 2)


def test_a_dead_delivery_is_retried_and_comes_again(owner: Owner, world: World) -> None:
    subscription = world.subscribe()
    [dead] = die(world, subscription)
    answer = owner.ask("POST", f"/deliveries/{dead}/retry")
    assert (answer.status, answer.json["state"], answer.json["generation"]) == (200, "queued", 2)
    [taken] = world.take(subscription)
    assert taken.delivery.id == dead
    assert ids(owner) == set()
    assert world.differences() == []


def test_a_dead_delivery_is_given_up(owner: Owner, world: World) -> None:
    subscription = world.subscribe()
    [dead] = die(world, subscription)
    answer = owner.ask("POST", f"/deliveries/{dead}/discard")
    assert (answer.status, answer.json["state"], answer.json["body_until"]) == (200, "discarded", None)
    assert world.take(subscription) == []
    assert world.stored() == (0, 0)
    assert world.differences() == []


def test_only_the_dead_are_retried_or_discarded(owner: Owner, world: World) -> None:
    [dead] = die(world, world.subscribe())
    owner.ask("POST", f"/deliveries/{dead}/retry")
    for step in ("retry", "discard"):
        refused = owner.ask("POST", f"/deliveries/{dead}/{step}")
        assert (refused.status, refused.json["code"]) == (409, "not_dead")
        assert "is queued, not dead" in refused.json["detail"]


def test_without_its_body_nothing_can_be_sent_again(owner: Owner, world: World) -> None:
    [dead] = die(world, world.subscribe())
    world.command("DEL", f"fleet:body:evt_{dead.split('_')[1]}")
    refused = owner.ask("POST", f"/deliveries/{dead}/retry")
    assert (refused.status, refused.json["code"]) == (409, "body_gone")
    assert owner.ask("POST", f"/deliveries/{dead}/discard").status == 200


@pytest.mark.parametrize("wanted", ["dlv_1", "nothing", "dlv_" + "0" * 23 + "_" + "0" * 23])
@pytest.mark.parametrize(("method", "step"), [("GET", ""), ("POST", "/retry"), ("POST", "/discard")])
def test_an_unknown_delivery_is_not_found(owner: Owner, method: str, step: str, wanted: str) -> None:
    refused = owner.ask(method, f"/deliveries/{wanted}{step}")
    assert (refused.status, refused.json["code"]) == (404, "not_found")


def test_a_subscription_that_the_event_did_not_reach_has_no_delivery(owner: Owner, world: World) -> None:
    [dead] = die(world, world.subscribe())
    other = world.subscribe("other").removeprefix("sub_")
    wanted = f"dlv_{dead.split('_')[1]}_{other}"
    assert owner.ask("GET", f"/deliveries/{wanted}").status == 404
    assert owner.ask("POST", f"/deliveries/{wanted}/retry").status == 404


@pytest.mark.parametrize(
    "query",
    [
        *("state=delivered", "outcome=failed", "subscription=nothing", "webhook=nothing", "since=now"),
        *("cursor=1", "cursor=x.dlv_1", "cursor=-1.dlv_1", "limit=x", "type=*x"),
    ],
)
@pytest.mark.parametrize("path", ["/deliveries", "/deliveries/count"])
def test_a_filter_that_makes_no_sense_is_refused(owner: Owner, path: str, query: str) -> None:
    refused = owner.ask("GET", f"{path}?{query}")
    assert (refused.status, refused.json["code"]) == (422, "invalid_input")
