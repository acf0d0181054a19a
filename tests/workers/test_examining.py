"""Examinations by a real RQ worker: what a real ingress accepted and a worker rejects bears a finding."""

import pytest
from rq.timeouts import JobTimeoutException
from structlog.testing import capture_logs

from domain.senders.diagnosis import Cause, Finding
from store import examining as neighbourhood
from store import stories
from store.sealing import KeyRing, Sealer
from store.stories import Story
from tests.public_door import PublicDoor, now_ms
from tests.workers.test_jobs import BODY, SECRET, run, signed
from workers import examining
from workers.context import WorkerContext

FAR_MS = 60_000


def story(door: PublicDoor, event: str) -> Story:
    found = door.store.run(stories.story("gw_1", event))
    assert found is not None
    return found


def finding(door: PublicDoor, event: str) -> Finding | None:
    return story(door, event).finding


def send(door: PublicDoor, token: str, secret: bytes = SECRET, body: bytes = BODY) -> str:
    answer = door.post(token, BODY, signed("github", body, secret))
    assert answer.status == 202
    return answer.json["id"]


def examine(door: PublicDoor, name: str = "hook") -> None:
    door.change(name, examine_until=now_ms() + FAR_MS)


def test_what_is_rejected_while_its_owner_wishes_it_bears_a_finding(
    door: PublicDoor, context: WorkerContext, redis_url: str
) -> None:
    token = door.webhook(sender="github", secrets=[SECRET], required=True)
    examine(door)
    event, fine = send(door, token, SECRET + b"\n"), send(door, token)
    run(context, redis_url)
    found = finding(door, event)
    assert found is not None
    assert found.cause is Cause.SECRET_SPELLING
    assert story(door, event).reason == "wrong_signature"
    assert (story(door, fine).state, finding(door, fine)) == ("unmatched", None)
    # It is metadata: the body is gone as ever.
    assert door.store.run(stories.sealed_request(event)) is None


@pytest.mark.parametrize("until_ms", [None, -1])
def test_without_a_wish_nothing_is_examined(
    door: PublicDoor, context: WorkerContext, redis_url: str, until_ms: int | None
) -> None:
    token = door.webhook(sender="github", secrets=[SECRET], required=True)
    if until_ms is not None:
        door.change(examine_until=now_ms() + until_ms)
    event = send(door, token, b"another")
    run(context, redis_url)
    assert (story(door, event).state, finding(door, event)) == ("rejected", None)


def test_the_secret_of_another_webhook_of_the_gateway_is_found_and_none_of_a_foreign_one(
    door: PublicDoor, context: WorkerContext, redis_url: str
) -> None:
    token = door.webhook(sender="github", secrets=[b"right"], required=True)
    door.webhook("ci", sender="stripe", secrets=[b"of the ci"])
    door.webhook("foreign", sender="github", secrets=[b"foreign"], gateway="gw_2")
    # One that nobody can open any more is no reason not to look at the rest.
    door.webhook("broken", sender="github", secrets=[b"x"])
    stranger = Sealer(KeyRing({b"0001": bytes(32)}, b"0001"), bytes)
    door.set_secrets([b"broken"], "broken", stranger)
    examine(door)
    event, other = send(door, token, b"of the ci"), send(door, token, b"foreign")
    run(context, redis_url)
    found, unknown = finding(door, event), finding(door, other)
    assert found is not None
    assert (found.cause, found.facts) == (Cause.SECRET_ELSEWHERE, {"webhook": "ci"})
    assert unknown is not None
    assert unknown.cause is Cause.UNKNOWN


def test_only_the_newest_hundred_neighbours_are_looked_at(door: PublicDoor) -> None:
    ids = [f"whk_{at:03}" for at in range(150)]
    for webhook in ids:
        door.store.client.execute_command("HSET", "fleet:webhooks:gw_1", f"name of {webhook}", webhook)
    found = door.store.run(neighbourhood.neighbours("gw_1", "whk_149"))
    assert found == ids[-2:-102:-1]


def test_a_job_examines_a_few_and_leaves_the_others_as_they_are(
    door: PublicDoor, context: WorkerContext, redis_url: str
) -> None:
    token = door.webhook(sender="github", secrets=[SECRET], required=True)
    examine(door)
    events = [send(door, token, b"another") for _ in range(examining.MOST + 3)]
    run(context, redis_url)
    assert {story(door, event).state for event in events} == {"rejected"}
    assert len([event for event in events if finding(door, event)]) == examining.MOST


def test_a_gateway_is_examined_a_few_times_a_minute_and_no_other_one_pays_for_it(
    door: PublicDoor, context: WorkerContext, redis_url: str
) -> None:
    tokens = {
        gateway: door.webhook(gateway, sender="github", secrets=[SECRET], required=True, gateway=gateway)
        for gateway in ("gw_1", "gw_2")
    }
    examine(door, "gw_1")
    events = []
    for _ in range(examining.A_MINUTE):
        events.append(send(door, tokens["gw_1"], b"another"))
        run(context, redis_url)
    late = send(door, tokens["gw_1"], b"another")
    run(context, redis_url)
    assert all(finding(door, event) for event in events)
    assert (story(door, late).state, finding(door, late)) == ("rejected", None)
    assert context.examinations.spend("gw_2", now_ms())


def test_who_is_examined_holds_up_nobody_else(
    door: PublicDoor, context: WorkerContext, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = door.webhook(sender="github", secrets=[SECRET], required=True)
    examine(door)
    events = [send(door, token, b"another"), send(door, token)]

    def seen(_: object) -> Finding:
        assert story(door, events[1]).state == "unmatched"
        raise JobTimeoutException

    monkeypatch.setattr(examining, "diagnose", seen)
    with capture_logs() as logs:
        run(context, redis_url)
    assert (story(door, events[0]).reason, finding(door, events[0])) == ("wrong_signature", None)
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["examination_too_long"]


def test_an_examination_that_fails_changes_nothing_about_the_event(
    door: PublicDoor, context: WorkerContext, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> Finding:
        raise RuntimeError("kanarienvogel")

    token = door.webhook(sender="github", secrets=[SECRET], required=True)
    examine(door)
    event = send(door, token, b"another")
    monkeypatch.setattr(examining, "diagnose", fail)
    with capture_logs() as logs:
        run(context, redis_url)
    assert (story(door, event).reason, finding(door, event)) == ("wrong_signature", None)
    [line] = [line for line in logs if line["event"] == "examination_failed"]
    assert line == {
        "event": "examination_failed",
        "log_level": "error",
        "event_id": event,
        "error": "RuntimeError",
    }


def test_what_is_rejected_for_another_reason_is_not_examined(
    door: PublicDoor, context: WorkerContext, redis_url: str
) -> None:
    token = door.webhook(sender="github", secrets=[SECRET], required=True)
    examine(door)
    event = send(door, token)
    door.store.client.execute_command("SET", f"fleet:body:{event}", b"nonsense")
    run(context, redis_url)
    assert (story(door, event).reason, finding(door, event)) == ("unreadable", None)
