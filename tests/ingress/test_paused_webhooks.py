"""A paused webhook at the real door: nothing is kept, and senders are told to come again."""

import pytest

from ingress.directory import Directory
from store import webhooks
from store.webhook_change import Change
from tests.public_door import PublicDoor, now_ms, public_door
from tests.redis_contents import contents


def everything(door: PublicDoor) -> dict[bytes, object]:
    return dict(contents(door.store.client.execute_command))


def test_a_paused_webhook_keeps_nothing_and_says_when_to_come_again(door: PublicDoor) -> None:
    token = door.webhook()
    door.change(paused=True)
    before = everything(door)
    answer = door.post(token)
    assert answer.status == 503
    assert answer.headers["retry-after"] == "300"
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json["error"], answer.json["status"]) == ("paused", 503)
    assert everything(door) == before


def test_a_pause_holds_at_once_where_the_webhook_is_remembered(door: PublicDoor) -> None:
    token = door.webhook()
    assert door.post(token).status == 202
    door.change(paused=True)
    # This door still remembers the webhook as it was a moment ago.
    assert door.post(token).json["error"] == "paused"
    door.change(paused=False)
    assert door.store.client.hget("fleet:webhook:whk_hook", "events") == b"1"


def test_after_a_resume_events_are_accepted_within_two_seconds(redis_url: str) -> None:
    later = 0
    with public_door(redis_url, clock_ms=lambda: now_ms() + later) as door:
        token = door.webhook()
        door.change(paused=True)
        assert door.post(token).status == 503
        door.change(paused=False)
        later = 2001
        assert door.post(token).status == 202


def test_only_who_may_send_learns_of_a_pause(door: PublicDoor) -> None:
    token = door.webhook(allow_ips=["192.0.2.7"])
    door.change(paused=True)
    assert door.post(token).status == 403


def test_a_handshake_is_answered_during_a_pause(door: PublicDoor) -> None:
    token = door.webhook("files", "dropbox")
    door.change("files", paused=True)
    answer = door.request("GET", f"/t/{token}?challenge=abc")
    assert (answer.status, answer.body) == (200, b"abc")
    assert door.post(token).status == 503


def test_a_pause_that_comes_while_a_request_is_read_refuses_it(
    door: PublicDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = door.webhook()
    original = Directory.find

    async def found_then_paused(self: Directory, wanted: str):
        entry = await original(self, wanted)
        stored = door.store.run(webhooks.find("gw_1", "hook"))
        assert stored is not None
        door.store.run(webhooks.change(stored.webhook, Change(paused=True)))
        return entry

    monkeypatch.setattr(Directory, "find", found_then_paused)
    assert door.post(token).json["error"] == "paused"
    assert door.store.client.keys("fleet:event:*") == []
