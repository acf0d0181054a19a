"""The event log in the control API: filters, pages that look only so far, and whole stories."""

import pytest

from domain.delivery import Step
from domain.passed_over import Because, PassedOver
from relay.server.api import events, looking
from store import subscriptions
from store.decisions import Decision
from tests.owner_door import Owner, pages, token_of
from tests.the_dead import die
from tests.world import HOUR_MS, START_MS, World


@pytest.fixture
def owner(address: str, world: World) -> Owner:
    return Owner(address, token_of(world))


def ids(owner: Owner, query: str = "") -> list[str]:
    return [each["id"] for each in owner.ask("GET", f"/events?{query}").json["events"]]


def test_events_are_told_from_the_moment_they_are_accepted(owner: Owner, world: World) -> None:
    first, second = world.accept(2)
    world.fan_out(first)
    assert ids(owner) == [second, first]
    told = owner.ask("GET", "/events").json["events"]
    assert [each["outcome"] for each in told] == ["waiting", "unmatched"]


def test_the_story_of_an_event_is_whole(owner: Owner, world: World) -> None:
    wanted, other = world.subscribe("app"), world.subscribe("releases")
    [event] = world.accept()
    passed = (PassedOver(other, Because.EVENT_TYPE, ("release*",)),)
    world.decide(Decision(event, "push", "github-sha256", "", "", (wanted,), "sec_1", passed_over=passed))
    [taken] = world.take(wanted)
    world.settle(taken, Step.RETRY, world.now + 5000)
    told = owner.ask("GET", f"/events/{event}").json
    assert (told["webhook_name"], told["state"], told["outcome"]) == ("hook", "fanned_out", "under_way")
    assert (told["body"], told["body_until"]) == ("kept", "2027-01-18T08:00:00.000Z")
    why = {"because": "event_type", "events": ["release*"], "senders": [], "expression": "", "detail": ""}
    assert told["passed_over"] == [{"subscription": other, "name": "releases", **why}]
    [delivery] = told["deliveries"]
    assert (delivery["subscription_name"], delivery["state"]) == ("app", "retrying")
    assert (delivery["attempts"], delivery["generation"]) == (1, 1)
    assert delivery["next_attempt_at"] == "2027-01-15T08:00:05.000Z"
    now = "2027-01-15T08:00:00.000Z"
    assert delivery["history"] == [
        {"attempt": 1, "outcome": "retry", "note": "note", "sent_at": now, "at": now}
    ]
    assert owner.ask("GET", "/events").json["events"] == [told]


def test_what_is_done_has_no_body_and_what_is_deleted_no_name(owner: Owner, world: World) -> None:
    subscription = world.subscribe()
    taken = world.delivered(subscription)
    world.settle(taken, Step.DELIVER)
    world.run(subscriptions.remove(world.gateway, subscription, world.now))
    told = owner.ask("GET", f"/events/{taken.delivery.event}").json
    assert (told["outcome"], told["body"], told["body_until"]) == ("delivered", "deleted", None)
    assert told["deliveries"][0]["subscription_name"] is None
    assert told["deliveries"][0]["next_attempt_at"] is None


@pytest.fixture
def varied(world: World) -> dict[str, str]:
    """An event of each kind, one second apart; their ids by what became of them."""
    subscription = world.subscribe()
    found: dict[str, str] = {}
    for outcome, step in (("delivered", Step.DELIVER), ("refused", Step.REFUSE)):
        taken = world.delivered(subscription)
        world.settle(taken, step)
        found[outcome] = taken.delivery.event
        world.now += 1000
    [dead] = die(world, subscription, kind="release.published")
    found["failed"] = owner_event(dead)
    world.now += 1000
    [found["rejected"], found["unmatched"], found["under_way"], found["waiting"]] = world.accept(4)
    world.decide(Decision(found["rejected"], "ping", "", "wrong_signature", "", ()))
    world.decide(Decision(found["unmatched"], "ping", "", "", "", ()))
    world.fan_out(found["under_way"], subscription)
    return found


def owner_event(delivery: str) -> str:
    return f"evt_{delivery.split('_')[1]}"


def test_events_are_found_by_what_became_of_them(owner: Owner, varied: dict[str, str]) -> None:
    assert {outcome: ids(owner, f"outcome={outcome}") for outcome in varied} == {
        outcome: [event] for outcome, event in varied.items()
    }
    assert ids(owner, "outcome=expired") == []


def test_events_are_found_by_their_type(owner: Owner, varied: dict[str, str]) -> None:
    assert ids(owner, "type=release.published") == ids(owner, "type=release*") == [varied["failed"]]
    assert ids(owner, "type=release") == []
    assert len(ids(owner, "type=*")) == len(varied)


def test_events_are_found_by_when_they_came(owner: Owner, varied: dict[str, str]) -> None:
    second, third = "2027-01-15T08:00:01Z", "2027-01-15T08:00:02Z"
    assert ids(owner, f"since={second}&until={third}") == [varied["refused"]]
    assert ids(owner, f"until={second}") == [varied["delivered"]]
    assert ids(owner, "until=2027-01-15T09:00:01%2B01:00") == [varied["delivered"]]
    assert ids(owner, f"since={second}&outcome=delivered") == []


def test_events_are_found_by_their_webhook(owner: Owner, world: World) -> None:
    other = world.add_webhook("other")
    [event] = world.accept()
    second = world.candidate(webhook=other.id)
    world.offer(second)
    assert ids(owner, "webhook=hook") == ids(owner, f"webhook={world.webhook.id}") == [event]
    assert ids(owner, "webhook=other") == [second.event]


def test_the_log_of_a_foreign_webhook_is_unknown(owner: Owner, world: World) -> None:
    foreign = World(world.store, "gw_2", made=1000)
    foreign.accept(3)
    unknown = foreign.webhook.id[:-1] + "0"
    one, two = (owner.ask("GET", f"/events?webhook={each}") for each in (foreign.webhook.id, unknown))
    assert one.status == two.status == 422
    assert one.raw.replace(foreign.webhook.id.encode(), unknown.encode()) == two.raw


def test_pages_lead_through_the_whole_log(owner: Owner, world: World) -> None:
    accepted = world.accept(7)
    found = list(pages(owner, "/events?limit=3", "events"))
    assert [len(page) for page in found] == [3, 3, 1]
    assert [each["id"] for page in found for each in page] == accepted[::-1]


def test_a_page_that_finds_nothing_leads_on(
    owner: Owner, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "PART", 2)
    monkeypatch.setattr(looking, "LOOKS", 6)
    accepted = world.accept(15)
    world.decide(Decision(accepted[1], "rare", "", "", "", ()))
    first = owner.ask("GET", "/events?type=rare").json
    assert (first["events"], first["next"]) == ([], accepted[-6])
    assert first["looked_back_to"] == "2027-01-15T08:00:00.000Z"
    found = [each["id"] for page in pages(owner, "/events?type=rare", "events") for each in page]
    assert found == [accepted[1]]


def test_nobody_looks_for_longer_than_a_moment(
    owner: Owner, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "PART", 2)
    monkeypatch.setattr(looking, "_PATIENCE_S", -1)
    accepted = world.accept(5)
    assert owner.ask("GET", "/events?type=rare").json["next"] == accepted[-2]
    assert [page for page in pages(owner, "/events?type=rare", "events") if page] == []


def test_a_page_of_many_deliveries_is_short(
    owner: Owner, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_MOST_DELIVERIES", 3)
    both = world.subscribe("one"), world.subscribe("two")
    accepted = world.accept(4)
    for event in accepted:
        world.fan_out(event, *both)
    found = list(pages(owner, "/events?limit=10", "events"))
    assert [len(page) for page in found] == [1, 1, 1, 1]
    assert [each["id"] for page in found for each in page] == accepted[::-1]


def test_events_that_come_meanwhile_change_no_later_page(owner: Owner, world: World) -> None:
    accepted = world.accept(4)
    first = owner.ask("GET", "/events?limit=2").json
    world.now += HOUR_MS
    world.accept(2)
    assert ids(owner, f"limit=2&cursor={first['next']}") == accepted[1::-1]


def test_the_log_of_nobody_else_is_told(owner: Owner, world: World) -> None:
    World(world.store, "gw_2", made=1000).accept(3)
    assert owner.ask("GET", "/events").json == {"events": [], "next": None, "looked_back_to": None}


@pytest.mark.parametrize(
    "query",
    [
        "outcom=failed",
        "outcome=dead",
        "outcome=failed&outcome=delivered",
        "state=set_aside",
        "webhook=nothing",
        "since=yesterday",
        "since=2027-01-15",
        "since=2027-01-15T08:00:00",
        "until=2027-13-15T08:00:00Z",
        "until=1969-12-31T23:59:59Z",
        "cursor=evt_1",
        "cursor=fleet:log:gw_2",
        "limit=0",
        "limit=201",
        "type=a*b",
        "type=" + "x" * 201,
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(owner: Owner, query: str) -> None:
    refused = owner.ask("GET", f"/events?{query}")
    assert (refused.status, refused.json["code"]) == (422, "invalid_input")


def test_a_cursor_of_an_event_that_is_gone_goes_on_behind_it(owner: Owner, world: World) -> None:
    accepted = world.accept(3)
    world.command("LREM", f"fleet:log:{world.gateway}", 1, accepted[1])
    assert ids(owner, f"cursor={accepted[1]}") == [accepted[0]]
    assert world.now == START_MS


def test_who_was_passed_over_by_an_expression_says_why_without_payload(owner: Owner, world: World) -> None:
    sender, false, failed = (world.subscribe(name) for name in ("sender", "false", "failed"))
    [event] = world.accept()
    passed = (
        PassedOver(sender, Because.SENDER, ("gitlab",)),
        PassedOver(false, Because.EXPRESSION, ("body.a == 1",)),
        PassedOver(failed, Because.EXPRESSION_FAILED, ("body.b == 1",), "missing_key b"),
    )
    world.decide(Decision(event, "push", "", "", "", (), passed_over=passed))
    told = owner.ask("GET", f"/events/{event}").json["passed_over"]
    nothing = {"events": [], "senders": [], "expression": "", "detail": ""}
    why = "this event has no key 'b' where it asks for one; has() asks whether it is there"
    assert [{key: each[key] for key in ("because", *nothing)} for each in told] == [
        {**nothing, "because": "sender", "senders": ["gitlab"]},
        {**nothing, "because": "expression", "expression": "body.a == 1"},
        {**nothing, "because": "expression_failed", "expression": "body.b == 1", "detail": why},
    ]
