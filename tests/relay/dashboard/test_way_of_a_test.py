"""The way of a test: each state of an event and of a delivery is a step in words, and ends or goes on."""

from typing import Any

import pytest

from domain.delivery import FINAL, IN_FLIGHT, DeliveryState
from relay.server.dashboard.way import OPEN, Way, way

SENT = {
    "event": "evt_1",
    "status": 202,
    "answer": {"id": "evt_1"},
    "type": "push",
    "signed_by": "github-sha256",
    "sent_at": "2026-01-31T12:00:00.000Z",
}


def delivery(state: str, **more: object) -> dict[str, Any]:
    return {
        "subscription": "sub_1",
        "subscription_name": "app",
        "state": state,
        "attempts": 2,
        "note": "500",
        "sent_at": "2026-01-31T12:00:01.000Z",
        "settled_at": "2026-01-31T12:00:02.000Z",
        **more,
    }


def story(state: str, *deliveries: dict[str, Any], **more: object) -> dict[str, Any]:
    return {
        "state": state,
        "type": "push",
        "webhook_name": "hook",
        "decided_at": "2026-01-31T12:00:00.500Z",
        "verified_by": "github-sha256",
        "left_home": False,
        "secret": "sec_1",
        "rejected_because": None,
        "finding": None,
        "note": None,
        "passed_over": [],
        "deliveries": list(deliveries),
        **more,
    }


def told(sent: dict[str, Any], found: dict[str, Any] | None, **state: object) -> Way:
    return way(sent, found, {"suspended": False, "server": None, **state})


def test_the_open_states_are_those_of_the_domain() -> None:
    assert {str(state) for state in IN_FLIGHT} == OPEN


@pytest.mark.parametrize("state", DeliveryState)
def test_every_state_of_a_delivery_is_told(state: DeliveryState) -> None:
    found = told(SENT, story("fanned_out", delivery(str(state))))
    assert found.is_over is (state not in IN_FLIGHT)
    last = found.steps[-1]
    assert "app" in last.title
    assert last.mark == ("under_way" if state in IN_FLIGHT else "done" if state == "delivered" else "failed")
    assert found.mark == last.mark
    assert FINAL | IN_FLIGHT | {DeliveryState.DEAD} == set(DeliveryState)


def test_what_waits_for_a_connector_says_how_to_start_one() -> None:
    *_, last = told(SENT, story("fanned_out", delivery("queued"))).steps
    assert last.command == "fleet connect app=http://127.0.0.1:3000/"


def test_one_that_failed_is_not_hidden_by_one_that_arrived() -> None:
    found = told(SENT, story("fanned_out", delivery("dead"), delivery("delivered", note="200")))
    assert (found.is_over, found.mark) == (True, "failed")


def test_what_was_not_kept_ends_at_the_door_with_its_answer() -> None:
    found = told({**SENT, "event": None, "status": 403, "answer": {"detail": "May not send here."}}, None)
    assert [(step.mark, step.title) for step in found.steps] == [
        ("done", "Sent push"),
        ("failed", "The door answered 403"),
    ]
    assert found.steps[-1].detail == "May not send here."
    assert (found.is_over, found.mark) == (True, "failed")


def test_what_waits_for_a_worker_goes_on() -> None:
    found = told(SENT, story("waiting", decided_at=None, verified_by=None))
    assert (found.is_over, found.mark) == (False, "under_way")


def test_who_waits_for_suspended_workers_is_told_who_resumes_them() -> None:
    waiting = story("waiting", decided_at=None, verified_by=None)
    *_, own = told(SENT, waiting, suspended=True, server={}).steps
    assert (own.title, own.path) == ("Workers are suspended", "/dashboard/queues")
    assert "'fleet queues resume'" in own.detail
    *_, other = told(SENT, waiting, suspended=True).steps
    assert "whoever runs the server" in other.detail
    assert other.path == ""


@pytest.mark.parametrize("state", ["rejected", "expired", "set_aside"])
def test_an_event_that_goes_nowhere_says_why(state: str) -> None:
    found = told(
        SENT, story(state, rejected_because="wrong_signature", finding={"sentence": "The clock is wrong."})
    )
    assert (found.is_over, found.mark) == (True, "failed")
    assert "wrong_signature. The clock is wrong." in found.steps[-1].detail


def test_a_duplicate_is_no_failure() -> None:
    assert told(SENT, story("duplicate")).mark == "done"


def test_who_did_not_want_it_is_named_with_what_he_wants() -> None:
    other = {
        "subscription": "sub_2",
        "name": "ci",
        "because": "event_type",
        "events": ["issues", "release*"],
    }
    found = told(SENT, story("unmatched", passed_over=[other]))
    assert [step.detail for step in found.steps if "ci" in step.title] == [
        "which takes issues, release* only"
    ]
    assert found.mark == "failed"
    assert found.steps[-1].command == "fleet subscriptions add NAME --webhook hook --events push"


def test_an_expression_that_failed_stands_out() -> None:
    passed = {"subscription": "sub_2", "events": [], "senders": [], "expression": "body.a == 1", "detail": ""}
    false = {**passed, "name": "ci", "because": "expression"}
    failed = {**passed, "name": "mail", "because": "expression_failed", "detail": "it takes too long"}
    found = told(SENT, story("fanned_out", delivery("delivered"), passed_over=[false, failed]))
    steps = {step.title: step for step in found.steps}
    assert steps["Not wanted by ci"].mark == "done"
    assert steps["Not wanted by ci"].detail == (
        "because this event does not fulfil its expression, body.a == 1"
    )
    assert steps["Not wanted by mail"].mark == "failed"
    assert "its expression failed: it takes too long" in steps["Not wanted by mail"].detail


def test_an_unsigned_test_says_so() -> None:
    found = told({**SENT, "signed_by": None}, story("fanned_out", delivery("delivered"), verified_by=None))
    assert "unsigned" in found.steps[0].detail
    assert [step.title for step in found.steps][2] == "Taken without a check"
