"""Examinations over the control API: a wish for the next requests, and a look at one that is still here."""

import os
from collections.abc import Iterator

import pytest

from domain.envelope import pack
from domain.event import Request
from domain.ids import new_id
from domain.senders.diagnosis import Cause, Finding
from store import decisions, events, webhooks
from store.connect import SyncStore
from store.decisions import Decision
from store.events import Candidate
from store.sealing import Sealer, event_place
from tests.cases import plain, signed
from tests.owner_door import RING, Answer, Owner, clock_ms, new_gateway
from tests.world import HOUR_MS, LIMITS

SECRET = "5c1e4b0f-a-secret-of-its-owner"
MINUTES_10 = 10 * 60 * 1000


@pytest.fixture
def owner(address: str, redis_url: str) -> Owner:
    made = Owner(address, new_gateway(redis_url, "home")[1])
    made.webhook("hook", "github", require_signature=True)
    assert made.ask("PUT", "/webhooks/hook/secret", {"secret": SECRET}).status == 200
    return made


@pytest.fixture
def store(redis_url: str) -> Iterator[SyncStore]:
    made = SyncStore(redis_url)
    yield made
    made.close()


def accepted(owner: Owner, store: SyncStore, request: Request) -> str:
    """The id of an event that waits for a worker."""
    gateway = owner.ask("GET", "/gateway").json["id"]
    webhook, now = owner.ask("GET", "/webhooks/hook").json["id"], clock_ms()
    [stored] = store.run(webhooks.fetch([webhook]))
    assert stored is not None
    event = new_id("evt", now, os.urandom(9))
    sealed = Sealer(RING, os.urandom).seal(pack(request), event_place(gateway, webhook, event), now)
    candidate = Candidate(event, gateway, webhook, stored.webhook.version, 1000, now, 5, sealed)
    [verdict] = store.run(events.accept([candidate], LIMITS, new_id("job", now, os.urandom(9)), now))
    assert verdict.verdict == "accepted"
    return event


def decide(store: SyncStore, event: str, reason: str, finding: str = "") -> None:
    decision = Decision(event, "push", "", reason, "", (), finding=finding)
    store.run(decisions.fan_out([decision], clock_ms(), HOUR_MS, 0))


def examine(owner: Owner, event: str) -> Answer:
    return owner.ask("POST", f"/events/{event}/examination")


def test_a_wish_holds_for_ten_minutes_and_is_renewed(owner: Owner, store: SyncStore) -> None:
    before = clock_ms()
    answer = owner.ask("POST", "/webhooks/hook/examination")
    assert answer.status == 200
    told = answer.json
    assert told.keys() == {"webhook", "name", "until", "now"}
    [stored] = store.run(webhooks.fetch([told["webhook"]]))
    assert stored is not None
    until = stored.webhook.examine_until
    assert before + MINUTES_10 <= until <= clock_ms() + MINUTES_10
    assert owner.ask("POST", f"/webhooks/{told['webhook']}/examination").json["until"] >= told["until"]


def test_an_event_whose_body_is_here_is_examined(owner: Owner, store: SyncStore) -> None:
    event = accepted(owner, store, signed("github", SECRET.encode() + b"\n"))
    answer = examine(owner, event)
    assert answer.status == 200
    assert (answer.json["event"], answer.json["finding"]["cause"]) == (event, Cause.SECRET_SPELLING)
    assert SECRET.encode() not in answer.raw
    assert b"rgen" not in answer.raw
    fine = accepted(owner, store, signed("github", SECRET.encode()))
    assert examine(owner, fine).json["finding"]["cause"] == Cause.FINE


def test_the_secret_of_another_webhook_is_found(owner: Owner, store: SyncStore) -> None:
    owner.webhook("ci", "custom")
    assert owner.ask("PUT", "/webhooks/ci/secret", {"secret": "the secret of the ci"}).status == 200
    event = accepted(owner, store, signed("github", b"the secret of the ci"))
    assert examine(owner, event).json["finding"]["facts"] == {"webhook": "ci"}


def test_nothing_of_the_event_changes(owner: Owner, store: SyncStore) -> None:
    event = accepted(owner, store, signed("github", b"another"))
    before = owner.ask("GET", f"/events/{event}").json
    assert examine(owner, event).status == 200
    assert owner.ask("GET", f"/events/{event}").json == before


def test_what_was_found_when_it_was_rejected_is_told_without_its_body(owner: Owner, store: SyncStore) -> None:
    event = accepted(owner, store, plain())
    found = Finding(Cause.CLOCK, "It is late.", {"seconds_off": 400})
    decide(store, event, "too_old", found.written())
    assert examine(owner, event).json["finding"] == found.content
    assert owner.ask("GET", f"/events/{event}").json["finding"] == found.content
    assert owner.ask("GET", "/events").json["events"][0]["finding"] == found.content


def test_without_a_body_there_is_nothing_to_examine(owner: Owner, store: SyncStore) -> None:
    event = accepted(owner, store, plain())
    decide(store, event, "missing_signature")
    answer = examine(owner, event)
    assert (answer.status, answer.json["code"]) == (409, "body_gone")
    assert "fleet doctor signature NAME" in answer.json["detail"]
    assert owner.ask("GET", f"/events/{event}").json["finding"] is None


def test_an_event_of_a_deleted_webhook_is_not_examined(owner: Owner, store: SyncStore) -> None:
    event = accepted(owner, store, plain())
    assert owner.ask("DELETE", "/webhooks/hook").status == 204
    assert (examine(owner, event).status, examine(owner, event).json["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["/webhooks/nothing/examination", "/events/evt_nothing/examination"])
def test_what_is_unknown_is_not_examined(owner: Owner, path: str) -> None:
    assert owner.ask("POST", path).status == 404
