"""The decision trace: each decision is a sentence, and what to do fits what happened."""

from typing import Any

import pytest

from cli.durations import unix_ms
from cli.reasons import REJECTIONS, attempt_words
from cli.trace import Trace, trace
from domain.delivery import DeliveryState
from domain.event import Rejection
from domain.outcome import EventOutcome
from domain.reasons import advice_on
from tests.documents import first_codes, table

RECEIVED = "2026-01-31T12:00:00.000Z"
NOW_MS = unix_ms(RECEIVED) + 60_000
EVENT: dict[str, Any] = {
    "id": "evt_1",
    "webhook": "whk_1",
    "webhook_name": "github",
    "state": "fanned_out",
    "outcome": "delivered",
    "type": "push",
    "verified_by": "github-sha256",
    "left_home": False,
    "secret": "sec_1",
    "rejected_because": None,
    "seems_to_be": None,
    "note": None,
    "finding": None,
    "events_in_body": 1,
    "size_bytes": 7240,
    "received_at": RECEIVED,
    "decided_at": "2026-01-31T12:00:00.012Z",
    "is_test": False,
    "body": "deleted",
    "body_until": None,
    "passed_over": [],
    "deliveries": [],
}
UNTIL = "2026-02-03T12:00:00.000Z"


def attempt(number: int, outcome: str, note: str, at: str = "12:00:00.050") -> dict[str, Any]:
    day = "2026-01-31T"
    return {
        "attempt": number,
        "outcome": outcome,
        "note": note,
        "sent_at": f"{day}12:00:00.020Z",
        "at": f"{day}{at}Z",
    }


def delivery(state: str, *history: dict[str, Any], **more: object) -> dict[str, Any]:
    return {
        "id": "dlv_1",
        "subscription": "sub_1",
        "subscription_name": "app",
        "state": state,
        "attempts": len(history),
        "generation": 1,
        "note": history[-1]["note"] if history else None,
        "created_at": "2026-01-31T12:00:00.012Z",
        "sent_at": "2026-01-31T12:00:00.020Z" if history else None,
        "settled_at": history[-1]["at"] if history else None,
        "next_attempt_at": None,
        "history": list(history),
        **more,
    }


def told(served: tuple[str, ...] = (), **changes: object) -> Trace:
    return trace({**EVENT, **changes}, frozenset(served), NOW_MS)


def steps(found: Trace) -> str:
    return "\n".join(found.steps)


def test_what_arrived_is_told_step_by_step_and_asks_for_nothing() -> None:
    found = told(deliveries=[delivery("delivered", attempt(1, "delivered", "200"))])
    assert found.headline == "delivered"
    assert found.steps == [
        "12:00:00.000  An event of type push was accepted at github (7240 bytes).",
        "12:00:00.012  Verified by github-sha256 with the secret sec_1.",
        "              It matched the subscription app.",
        "",
        "To app: dlv_1",
        "12:00:00.050  Attempt 1: delivered, the program answered 200 (OK), after 30 ms.",
        "",
        "Its body was deleted when it was delivered.",
    ]
    assert found.advice == []


def test_a_dead_delivery_says_what_failed_and_how_to_retry() -> None:
    dead = delivery("dead", attempt(1, "retry", "500"), attempt(2, "exhausted", "timeout", "12:00:05.000"))
    found = told(outcome="failed", deliveries=[dead], body="kept", body_until=UNTIL)
    assert found.headline == "FAILED: out of attempts, the last one: timeout"
    assert "Attempt 1: failed, the program answered 500 (Internal Server Error), after 30 ms." in steps(found)
    assert "Attempt 2: failed, timeout, after 4980 ms." in steps(found)
    assert "kept, sealed and shown to nobody, until 2026-02-03 12:00:00 UTC" in steps(found)
    assert found.advice[-1] == "Then try again: 'fleet deliveries retry dlv_1'"


def test_what_is_dead_without_a_body_cannot_be_retried() -> None:
    found = told(outcome="failed", deliveries=[delivery("dead", attempt(1, "exhausted", "500"))])
    assert not any("fleet deliveries retry" in tip for tip in found.advice)
    assert "let the sender send the event again" in found.advice[-1]


def test_a_retry_says_when_it_follows() -> None:
    waiting = delivery("retrying", attempt(1, "retry", "503"), next_attempt_at="2026-01-31T12:03:00.000Z")
    assert "Attempt 2 follows in 2 m, at 2026-01-31 12:03:00 UTC." in steps(told(deliveries=[waiting]))


def test_a_queue_without_a_connector_is_told_with_what_to_do() -> None:
    queued = delivery("queued")
    found = told(outcome="under_way", deliveries=[queued])
    assert "It waits for a connector, for 60 s, and none that serves app is connected." in steps(found)
    assert found.advice == ["Start a connector for it: 'fleet connect app=URL'. Nothing is lost meanwhile."]
    assert told(("app",), outcome="under_way", deliveries=[queued]).advice == []


def test_earlier_attempts_that_are_not_kept_are_counted() -> None:
    known = [attempt(number, "retry", "500") for number in range(6, 26)]
    many = delivery("sent", *known, attempts=26)
    found = steps(told(outcome="under_way", deliveries=[many]))
    assert "5 earlier attempts are not kept in detail." in found
    assert "Attempt 26 is under way, for 60 s." in found


def test_an_unmatched_event_says_which_filters_passed_it_over() -> None:
    passed = [
        {"subscription": "sub_1", "name": "docs", "because": "event_type", "events": ["release", "Push"]},
        {"subscription": "sub_2", "name": "ci", "because": "event_type", "events": ["pull_request*"]},
    ]
    found = told(state="unmatched", outcome="unmatched", passed_over=passed)
    assert found.headline == "unmatched: no subscription wanted it, so nobody got it"
    assert (
        "It passed over docs: its filter is release, Push, and the type of this event is push; filters know"
        " upper and lower case."
    ) in steps(found)
    assert "It passed over ci: its filter is pull_request*, and the type of this event is push." in steps(
        found
    )
    nobody = told(state="unmatched", outcome="unmatched")
    assert "No subscription listened to this webhook." in steps(nobody)
    assert "'fleet subscriptions add NAME --webhook github --events push'" in nobody.advice[0]


def test_a_push_that_nobody_asked_for_is_no_mistake() -> None:
    passed = [{"subscription": "sub_1", "name": "app", "because": "event_type", "events": []}]
    found = told(
        type="git.push", verified_by=None, state="unmatched", outcome="unmatched", passed_over=passed
    )
    assert (
        "It passed over app: it gets commits, and pushes as they came only with --events git.push."
        in steps(found)
    )
    assert found.advice == []


@pytest.mark.parametrize("reason", Rejection)
def test_every_rejection_says_why_and_what_to_do(reason: Rejection) -> None:
    found = told(state="rejected", outcome="rejected", rejected_because=reason, verified_by=None, secret=None)
    assert f"Rejected ({reason}): {REJECTIONS[reason].meaning}." in steps(found)
    assert "{" not in "".join(found.advice)
    assert "Then let the sender send it again; a rejected event cannot be retried." in found.advice


def test_a_finding_is_better_than_general_advice() -> None:
    found = told(
        state="rejected",
        outcome="rejected",
        rejected_because="wrong_signature",
        finding={"sentence": "The secret ends with white space."},
    )
    assert "The secret ends with white space." in steps(found)
    assert not any("fleet doctor" in tip for tip in found.advice)


def test_who_waits_for_long_is_told_to_look_for_workers() -> None:
    found = told(state="waiting", outcome="waiting", decided_at=None, verified_by=None)
    assert "No worker has verified it yet, for 60 s." in steps(found)
    assert "'fleet status'" in found.advice[0]


def test_what_is_not_verified_is_said_loudly() -> None:
    assert "NOT VERIFIED" in steps(told(verified_by=None, secret=None))


def test_what_is_left_to_the_private_side_is_said() -> None:
    found = steps(told(verified_by=None, secret=None, left_home=True))
    assert "Left to the private side: the gateway has no secret for it, and checked no signature." in found
    assert "NOT VERIFIED" not in found


def test_what_was_refused_at_home_says_why_and_what_to_look_at() -> None:
    note = "signature invalid at home: wrong_signature"
    refused = delivery("refused", attempt(1, "refused", note), note=note)
    found = told(verified_by=None, secret=None, left_home=True, outcome="refused", deliveries=[refused])
    assert f"Attempt 1: refused, {note}, after 30 ms." in steps(found)
    assert any("Compare the secret in the vault" in line for line in found.advice)
    plain = delivery("refused", attempt(1, "refused", "410"), note="410")
    assert not any("vault" in line for line in told(outcome="refused", deliveries=[plain]).advice)


@pytest.mark.parametrize(
    ("note", "headline", "advice"),
    [
        (
            "signature invalid at home: wrong_signature",
            "the connector found its signature invalid at home",
            "Compare the secret",
        ),
        (
            "not verified",
            "the connector runs no program for what nobody has verified",
            "give the webhook a secret, verify at home, or allow it",
        ),
        ("path leaves the target", "its path would lead out of the target's URL", "has '..' in it"),
        ("410", "the program wants it never again", ""),
    ],
)
def test_a_refusal_says_who_refused_and_what_to_do(note: str, headline: str, advice: str) -> None:
    refused = delivery("refused", attempt(1, "refused", note), note=note)
    found = told(outcome="refused", deliveries=[refused])
    assert found.headline == f"refused: {headline}"
    assert advice in " ".join(found.advice)
    assert bool(advice) == bool(found.advice)


def test_what_was_set_aside_names_the_command_that_brings_it_back() -> None:
    found = told(state="set_aside", outcome="set_aside", verified_by=None)
    assert found.advice[-1] == "'fleet events retry evt_1'"


@pytest.mark.parametrize("outcome", EventOutcome)
def test_every_outcome_has_a_headline(outcome: EventOutcome) -> None:
    assert told(outcome=outcome, deliveries=[delivery("dead", attempt(1, "exhausted", "500"))]).headline


@pytest.mark.parametrize("state", DeliveryState)
def test_every_state_of_a_delivery_can_be_told(state: DeliveryState) -> None:
    found = told(outcome="under_way", deliveries=[delivery(state, attempt(1, "retry", "500"))])
    assert "To app: dlv_1" in found.steps


def test_several_deliveries_are_counted_in_the_headline() -> None:
    both = [delivery(state, attempt(1, state, "x")) for state in ("delivered", "dead")]
    assert told(outcome="failed", deliveries=both).headline == "FAILED (1 delivered, 1 dead)"


def test_every_reason_and_note_of_the_documents_is_known_in_words() -> None:
    assert list(REJECTIONS) == [*Rejection]
    notes = first_codes(table("docs/deliveries.md", "| note | meaning |"))
    ours = {"exit 0", "target failed", "envelope unreadable"}
    assert [note for note in notes if not advice_on(note)] == [note for note in notes if note in ours]
    assert (attempt_words("404"), attempt_words("599")) == (
        "the program answered 404 (Not Found)",
        "the program answered 599",
    )
