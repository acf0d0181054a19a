"""The control API when something is wrong around it: slow callers, lost keys, Redis away."""

import socket
from dataclasses import replace

import pytest

from relay.server.api import body
from store.sealing import KeyRing, Sealer
from tests import owner_door as door
from tests.owner_door import Owner, new_gateway


@pytest.fixture
def owner(address: str, redis_url: str) -> Owner:
    return Owner(address, new_gateway(redis_url, "home")[1])


def head(owner: Owner) -> bytes:
    return (
        f"POST /api/v1/webhooks HTTP/1.1\r\nHost: relay\r\nAuthorization: Bearer {owner.token}\r\n"
        "Content-Length: 100\r\n\r\n{"
    ).encode()


def dial(address: str) -> socket.socket:
    host, port = address.split(":")
    return socket.create_connection((host, int(port)), timeout=10)


def test_a_body_that_does_not_come_is_not_waited_for(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "MAX_SECONDS", 0.05)
    with dial(owner.address) as connection:
        connection.sendall(head(owner))
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"code":"body_too_slow"' in answer


def test_a_caller_that_goes_away_changes_nothing(owner: Owner) -> None:
    with dial(owner.address) as connection:
        connection.sendall(head(owner))
    assert owner.ask("GET", "/webhooks").json == {"webhooks": [], "next": None}


def test_a_webhook_that_cannot_be_unsealed_is_listed_and_can_be_deleted(owner: Owner, redis_url: str) -> None:
    owner.webhook()
    context = replace(
        door.context_of(redis_url), sealer=Sealer(KeyRing({b"0002": bytes(32)}, b"0002"), bytes)
    )
    with door.serving(door.application(context)) as address:
        elsewhere = Owner(address, owner.token)
        answer = elsewhere.ask("GET", "/webhooks")
        [seen] = answer.json["webhooks"]
        assert (answer.status, seen["url"]) == (200, None)
        assert "30303031" not in answer.raw.decode()
        assert elsewhere.ask("DELETE", f"/webhooks/{seen['id']}").status == 204


def test_redis_away_is_an_answer(tmp_path: object) -> None:
    with door.owner_door(f"unix://{tmp_path}/nothing.sock") as address:
        answer = Owner(address, "fleet_" + "A" * 43).ask("GET", "/gateway")
    assert (answer.status, answer.json["code"]) == (503, "redis_unavailable")
    assert answer.headers["retry-after"] == "5"
