"""Tests of owners at the real door: a pass lets them in where strangers may not send, and nobody else."""

import http.client

import pytest

from domain.envelope import unpack
from store import passes
from store.sealing import event_place
from tests.public_door import Answer, PublicDoor, now_ms

BODY = b'{"a":1}'


def written(door: PublicDoor, body: bytes = BODY, webhook: str = "whk_hook", at_ms: int | None = None) -> str:
    return passes.new_pass(door.sealer, webhook, body, now_ms() if at_ms is None else at_ms)


def post(door: PublicDoor, token: str, value: str, body: bytes = BODY) -> Answer:
    return door.post(token, body, {"Fleet-Test": value})


@pytest.mark.parametrize("rule", [{"https_only": True}, {"allow_ips": ["192.0.2.7"]}])
def test_a_pass_lets_a_test_in(door: PublicDoor, rule: dict[str, object]) -> None:
    token = door.webhook(**rule)  # pyright: ignore[reportArgumentType] - one rule or the other
    assert post(door, token, "nonsense").status == 403
    assert post(door, token, written(door)).status == 202


def test_a_pass_for_something_else_lets_nothing_in(door: PublicDoor) -> None:
    token = door.webhook(https_only=True)
    wrong = [
        written(door, b"another body"),
        written(door, webhook="whk_other"),
        written(door, at_ms=now_ms() - 61_000),
        written(door)[:-1] + "x",
        "",
    ]
    assert [post(door, token, value).status for value in wrong] == [403] * len(wrong)
    assert door.store.client.keys("fleet:event:*") == []


def test_without_a_good_pass_nothing_of_a_body_is_read(door: PublicDoor) -> None:
    token = door.webhook(https_only=True)
    connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=20)
    connection.putrequest("POST", f"/t/{token}")
    connection.putheader("Content-Length", "1000000")
    connection.putheader("Fleet-Test", written(door)[:-1] + "x")
    connection.endheaders()
    # The answer comes although the body never does.
    assert connection.getresponse().status == 403
    connection.close()


def test_two_passes_are_none_and_a_handshake_has_none(door: PublicDoor) -> None:
    token = door.webhook("files", "dropbox", https_only=True)
    value = written(door, b"", "whk_files")
    assert door.request("GET", f"/t/{token}?challenge=abc", None, {"Fleet-Test": value}).status == 403
    connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=20)
    connection.putrequest("POST", f"/t/{token}")
    for _ in range(2):
        connection.putheader("Fleet-Test", value)
    connection.putheader("Content-Length", "0")
    connection.endheaders()
    assert connection.getresponse().status == 403
    connection.close()


def test_a_pass_opens_nothing_but_the_scheme_and_the_address(door: PublicDoor) -> None:
    token = door.webhook("a", "github", [b"hush"], required=True, https_only=True, verify_at="ingress")
    assert post(door, token, written(door, webhook="whk_a")).status == 401
    token = door.webhook("b", https_only=True, hourly_limit=1)
    assert [post(door, token, written(door, webhook="whk_b")).status for _ in range(2)] == [202, 429]
    token = door.webhook("c", https_only=True)
    door.change("c", paused=True)
    assert post(door, token, written(door, webhook="whk_c")).status == 503


def test_a_test_is_let_in_by_the_webhook_as_it_has_become(door: PublicDoor) -> None:
    token = door.webhook()
    assert door.post(token).status == 202
    door.change(https_only=True)
    # Remembered without the rule: the accept script says that it has changed, and it is read again.
    assert post(door, token, written(door)).status == 202
    door.change(allow_ips=["192.0.2.7"])
    assert post(door, token, "nonsense").status == 403


@pytest.mark.parametrize("rule", [{"https_only": True}, {}])
def test_a_pass_is_never_kept(door: PublicDoor, rule: dict[str, bool]) -> None:
    token = door.webhook(https_only=rule.get("https_only", False))
    answer = door.post(token, BODY, {"Fleet-Test": written(door), "X-Mine": "1"})
    event = answer.json["id"]
    sealed = door.store.client.get(f"fleet:body:{event}")
    assert isinstance(sealed, bytes)
    kept = unpack(door.sealer.open(sealed, event_place("gw_1", "whk_hook", event)))
    assert kept.header(b"x-mine") == b"1"
    assert kept.header(b"fleet-test") is None
    assert kept.body == BODY
