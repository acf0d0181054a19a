"""`fleet trigger`: what it lists, what it refuses, and how it judges what happened."""

from pathlib import Path
from typing import Any

import pytest

from cli.posting import Posted
from cli.shot import Shot
from domain.senders.samples import SAMPLES
from tests.command_line import Fleet, fleet_command
from tests.owner_door import Owner, new_gateway


@pytest.fixture
def token(redis_url: str) -> str:
    return new_gateway(redis_url, "home")[1]


@pytest.fixture
def fleet(
    address: str,
    token: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Fleet:
    environ = {
        "FLEET_API_URL": f"http://{address}",
        "FLEET_TOKEN": token,
        "FLEET_STATE_DIR": str(tmp_path),
    }
    return fleet_command(monkeypatch, capsys, environ)


def test_every_sender_is_listed_with_its_events(fleet: Fleet) -> None:
    done = fleet("trigger")
    assert done.code == 0
    lines = {line.split()[0]: line for line in done.out.splitlines()}
    assert lines.keys() - {"SENDER"} == SAMPLES.keys()
    assert "push, pull_request, issues" in lines["github"]
    assert fleet("trigger", "--json").json["senders"].keys() == SAMPLES.keys()


def test_the_events_of_one_sender_are_listed_without_a_relay(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FLEET_TOKEN")
    done = fleet("trigger", "github")
    assert (done.code, done.out.splitlines()[0]) == (0, "push")
    assert fleet("trigger", "github", "--json").json == {"senders": {"github": done.out.split("\n")[:-1]}}


def test_an_unknown_sender_is_said_to_be_none(fleet: Fleet) -> None:
    assert fleet("trigger", "gothub").code == 2
    done = fleet("trigger", "gothub", "push", "--webhook", "ci")
    assert done.code == 1
    assert "Did you mean" in done.err or "There is no webhook" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["github", "push"],
        ["github", "push", "--webhook", "ci", "--replay", "--duplicate"],
        ["github", "push", "--webhook", "ci", "--bad-signature", "--replay"],
    ],
)
def test_wrong_usage_exits_with_two(fleet: Fleet, arguments: list[str]) -> None:
    assert fleet("trigger", *arguments).code == 2


def test_a_webhook_of_another_sender_is_refused_with_the_way_to_change_it(
    fleet: Fleet, address: str, token: str
) -> None:
    Owner(address, token).webhook("pay", "stripe")
    done = fleet("trigger", "github", "push", "--webhook", "pay")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "Webhook pay is one of stripe, not of github: choose a webhook of github."
        " If GitHub calls this one: 'fleet webhooks update pay --sender github'.\n"
    )


def test_without_an_event_it_is_asked_for_with_those_there_are(fleet: Fleet) -> None:
    done = fleet("trigger", "stripe", "--webhook", "pay")
    assert (done.code, done.out) == (2, "")
    assert "Name the event:" in done.err
    assert all(sample.event in done.err for sample in SAMPLES["stripe"])
    assert fleet("trigger", "--webhook", "pay").code == 2


# --- judging


def shot(
    status: int, sample: dict[str, Any], story: dict[str, Any] | None = None, *, second: bool = False
) -> Shot:
    asked = {
        "event": "push",
        "event_id": "1",
        "signed_by": "github-sha256",
        "expect": "accepted",
        "decided_by": "workers",
        "because": None,
        "again": "accepted",
        **sample,
    }
    usual = {
        "verified_by": "github-sha256",
        "left_home": False,
        "rejected_because": None,
        "note": None,
        "deliveries": [],
    }
    told = {**usual, **(story or {})}
    posted = Posted(status, {"id": "evt_1"} if story else {})
    return Shot(asked, posted, second, told if story else {}, {"sub_1": "app", "sub_2": "log"})


SENT = {"state": "sent", "subscription": "sub_2"}
DELIVERED = {"state": "delivered", "subscription": "sub_2"}
QUEUED = {"state": "queued", "subscription": "sub_1"}

REJECTED = {"expect": "rejected", "because": "wrong_signature"}
KEYLESS = {"expect": "rejected", "because": "no_secret", "signed_by": None}
AT_THE_DOOR = {**REJECTED, "decided_by": "ingress"}
WRONG = {"state": "rejected", "rejected_because": "wrong_signature"}
REPEATED = {"again": "duplicate"}
OPEN = {"signed_by": None}


@pytest.mark.parametrize(
    ("story", "waits_for"),
    [
        ({"state": "waiting"}, "a worker"),
        ({"state": "rejected"}, ""),
        ({"state": "fanned_out", "deliveries": [SENT, QUEUED]}, "a connector that takes it for app"),
        ({"state": "fanned_out", "deliveries": [SENT]}, "the answer of log"),
    ],
)
def test_it_says_what_it_waits_for(story: dict[str, Any], waits_for: str) -> None:
    assert shot(202, {}, story).waits_for == waits_for


@pytest.mark.parametrize(
    "made",
    [
        shot(202, {}, {"state": "fanned_out"}),
        shot(202, {}, {"state": "unmatched"}),
        shot(202, OPEN, {"state": "unmatched", "verified_by": None, "left_home": False}),
        shot(202, REJECTED, WRONG),
        shot(401, AT_THE_DOOR),
        shot(202, REPEATED, {"state": "fanned_out"}),
        shot(202, REPEATED, {"state": "duplicate"}, second=True),
        shot(202, REPEATED, {"state": "unmatched"}, second=True),
        shot(202, {}, {"state": "fanned_out"}, second=True),
        shot(200, {}),
        shot(204, {}),
    ],
)
def test_what_was_to_be_expected_is_no_complaint(made: Shot) -> None:
    assert made.complaint is None


@pytest.mark.parametrize(
    ("made", "complaint"),
    [
        (
            shot(202, KEYLESS, {"state": "rejected", "rejected_because": "no_secret"}),
            "the webhook has no secret",
        ),
        (shot(401, {**KEYLESS, "decided_by": "ingress"}), "the webhook has no secret"),
        (shot(503, {}), "it should have passed"),
        (shot(202, {}, WRONG), "it should have passed"),
        (shot(202, {}, {"state": "waiting"}), "it should have passed"),
        (
            shot(202, {}, {"state": "fanned_out", "verified_by": None, "left_home": False}),
            "github-sha256 should have verified it",
        ),
        (shot(202, OPEN, {"state": "fanned_out"}), "nothing should have verified it"),
        (shot(202, REJECTED, {"state": "fanned_out"}), "a worker should have rejected it (wrong_signature)"),
        (shot(202, REJECTED, {**WRONG, "rejected_because": "too_old"}), "a worker should have rejected it"),
        (shot(403, REJECTED), "a worker should have rejected it"),
        (shot(403, AT_THE_DOOR), "the ingress should have refused it"),
        (shot(202, AT_THE_DOOR, WRONG), "the ingress should have refused it"),
        (shot(202, REPEATED, {"state": "duplicate"}), "it should not count as a duplicate"),
        (shot(202, REPEATED, {"state": "fanned_out"}, second=True), "it should count as a duplicate"),
        (shot(202, {}, {"state": "duplicate"}, second=True), "it should not count as a duplicate"),
    ],
)
def test_what_was_not_to_be_expected_is_said(made: Shot, complaint: str) -> None:
    assert made.complaint is not None
    assert made.complaint.startswith(complaint)


@pytest.mark.parametrize(
    ("made", "last"),
    [
        (shot(202, {}, {"state": "set_aside"}), "Verified by github-sha256; set_aside."),
        (shot(202, REJECTED, WRONG), "Rejected: wrong_signature."),
        (shot(202, REJECTED, {**WRONG, "note": "gone"}), "Rejected: wrong_signature (gone)."),
        (shot(200, {}), "The public door answered this by itself; there is nothing to keep."),
        (shot(502, {}), "Answered 502."),
        (
            shot(202, {}, {"state": "fanned_out", "deliveries": [SENT, DELIVERED]}),
            "Verified by github-sha256; 1 sent, 1 delivered.",
        ),
        (
            shot(202, {}, {"state": "fanned_out", "deliveries": [DELIVERED, QUEUED]}),
            (
                "Verified by github-sha256; 1 delivered, 1 queued: no connector took it for app;"
                " 'fleet connect app=http://127.0.0.1:3000/' brings it."
            ),
        ),
    ],
)
def test_what_became_of_it_is_the_last_line(made: Shot, last: str) -> None:
    *_, line = *made.sending("ci", "unsigned"), *made.ending()
    assert line == last
