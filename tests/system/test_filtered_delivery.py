"""Filters through real processes: a signed event goes where its body says, and a bomb holds nobody up."""

import asyncio
import json
from pathlib import Path

import pytest

from domain.event import Request
from domain.senders import SENDERS, sign
from tests.command_line import fleet_command
from tests.public_door import now_ms
from tests.system.stack import Stack, Subscriber, gateway, post

OPENED = 'event.verified && body.action == "opened" && !body.pull_request.draft'
BOMB = "body.l.all(x, !body.s.contains('ab'))"
EXPLOSIVE = json.dumps({"l": list(range(3000)), "s": "canary-77c0" + "a" * 900_000}).encode()
SECRET = "a secret that nobody guesses"


def send(url: str, body: bytes) -> str:
    """A signed event of GitHub. Returns its id."""
    signed = sign(SENDERS["github"], Request("POST", b"", b"", (), body), SECRET.encode(), now_ms()).headers
    headers = {name.decode(): value.decode() for name, value in signed}
    status, answer = post(url, body, {"X-GitHub-Event": "pull_request", **headers})
    assert status == 202
    return answer["id"]


def pull(action: str, *, draft: bool = False) -> bytes:
    return json.dumps({"action": action, "pull_request": {"draft": draft}}).encode()


async def test_events_go_where_their_bodies_say(
    tmp_path: Path,
    local: Subscriber,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with gateway(tmp_path) as stack:
        url = stack.webhook("github", require_signature=True)["url"]
        stack.api.ask("PUT", "webhooks", "github", "secret", body={"secret": SECRET})
        fleet = fleet_command(monkeypatch, capsys, stack.of_owner)
        added = await asyncio.to_thread(
            fleet,
            *("subscriptions", "add", "review", "--webhook", "github"),
            *("--events", "pull_request", "--sender", "github", "--where", OPENED),
        )
        assert (added.code, added.err) == (0, "")
        stack.subscribe("bomb", webhooks=("github",), expression=BOMB)
        await stack.connect(review=f"{local.url}review", bomb=f"{local.url}bomb")
        exploded = send(url, EXPLOSIVE)
        opened, draft, closed = (
            send(url, body) for body in (pull("opened"), pull("opened", draft=True), pull("closed"))
        )
        await stack.settled(1)
        [arrival] = local.arrivals
        assert (arrival.path, arrival.header("fleet-event")) == ("/review", opened)
        assert arrival.body == pull("opened")
        told = {event: _passed(stack, event) for event in (exploded, opened, draft, closed)}
        assert told[exploded]["bomb"] == ("expression_failed", "it takes too long")
        assert told[exploded]["review"][0] == "expression_failed"
        # The bomb rests, whatever the body: that is said, too.
        assert told[opened] == {"bomb": ("expression_failed", _RESTS)}
        for event in (draft, closed):
            assert told[event] == {"bomb": ("expression_failed", _RESTS), "review": ("expression", "")}
        why = await asyncio.to_thread(fleet, "why", draft)
        assert f"It passed over review: this event does not fulfil its expression, {OPENED}." in why.out
        logs = stack.logs()
        assert b"expression_rests" in logs
        assert b"canary-77c0" not in logs
        assert stack.differences() == []


_RESTS = "it took too long before, and so it is not tried for a minute"


def _passed(stack: Stack, event: str) -> dict[str, tuple[str, str]]:
    """Who did not get an event: why, and in what words."""
    told = stack.api.ask("GET", "events", event)["passed_over"]
    return {each["name"]: (each["because"], each["detail"]) for each in told}
