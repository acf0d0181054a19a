"""Https only and allowed addresses at the real door, with and without proxies that are trusted."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from structlog.testing import capture_logs

from domain.named import SHIPPED, NamedList
from store import named_lists, webhooks
from tests.public_door import PublicDoor, now_ms, public_door
from tests.redis_contents import contents

LOCAL = "127.0.0.1/32"
FORGED = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https"}


@dataclass
class Clock:
    """The present, moved on by hand."""

    later_ms: int = 0

    def __call__(self) -> int:
        return now_ms() + self.later_ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def behind_proxy(redis_url: str, clock: Clock) -> Iterator[PublicDoor]:
    """A door that believes this machine, as if a proxy ran here."""
    with public_door(redis_url, trusted=[LOCAL], clock_ms=clock) as door:
        yield door


def own_list(*networks: str, name: str = "own") -> NamedList:
    return NamedList(name, name, "", "", "2026-01-31", networks)


def test_plain_http_is_refused_where_https_is_demanded(door: PublicDoor) -> None:
    answer = door.post(door.webhook(https_only=True))
    assert answer.status == 403
    assert answer.headers["connection"] == "close"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["detail"] == "Send to the https address of this webhook."


def test_a_stranger_is_told_that_it_may_not_send_and_nothing_else(door: PublicDoor) -> None:
    answer = door.post(door.webhook(allow_ips=["192.0.2.0/24", "@github"]))
    assert answer.status == 403
    assert answer.headers["connection"] == "close"
    assert answer.json == {
        "type": "about:blank",
        "title": "Forbidden",
        "status": 403,
        "detail": "This address may not send here.",
    }


@pytest.mark.parametrize("entry", ["127.0.0.1", "127.0.0.0/8", "0.0.0.0/0"])
def test_an_allowed_sender_is_accepted(door: PublicDoor, entry: str) -> None:
    assert door.post(door.webhook(allow_ips=["@stripe", entry])).status == 202


def test_forged_headers_change_nothing_without_a_trusted_proxy(door: PublicDoor) -> None:
    assert door.post(door.webhook("a", https_only=True), headers=FORGED).status == 403
    assert door.post(door.webhook("b", allow_ips=["192.0.2.7"]), headers=FORGED).status == 403
    elsewhere = {"X-Forwarded-For": "198.51.100.1"}
    assert door.post(door.webhook("c", allow_ips=["127.0.0.1"]), headers=elsewhere).status == 202


def test_a_proxy_that_is_not_the_one_that_is_trusted_is_a_stranger(redis_url: str) -> None:
    with public_door(redis_url, trusted=["192.0.2.0/24"]) as door:
        assert door.post(door.webhook("a", https_only=True), headers=FORGED).status == 403
        assert door.post(door.webhook("b", allow_ips=["192.0.2.7"]), headers=FORGED).status == 403


def test_a_trusted_proxy_says_who_the_sender_is_and_how_it_came(behind_proxy: PublicDoor) -> None:
    token = behind_proxy.webhook(https_only=True, allow_ips=["192.0.2.0/24"])
    assert behind_proxy.post(token, headers=FORGED).status == 202
    assert behind_proxy.post(token, headers={**FORGED, "X-Forwarded-Proto": "http"}).status == 403
    assert behind_proxy.post(token, headers={**FORGED, "X-Forwarded-For": "198.51.100.1"}).status == 403
    assert behind_proxy.post(token).status == 403


@pytest.mark.parametrize(
    "forwarded",
    ["192.0.2.7, 198.51.100.1", "192.0.2.7, nonsense", "192.0.2.7,", "192.0.2.7, 198.51.100.1, 127.0.0.1"],
)
def test_what_a_sender_writes_into_the_header_does_not_let_it_in(
    behind_proxy: PublicDoor, forwarded: str
) -> None:
    token = behind_proxy.webhook(allow_ips=["192.0.2.0/24"])
    assert behind_proxy.post(token, headers={"X-Forwarded-For": forwarded}).status == 403


def test_the_header_may_come_in_several_lines(behind_proxy: PublicDoor) -> None:
    token = behind_proxy.webhook(allow_ips=["192.0.2.0/24"])
    lines = "X-Forwarded-For: 192.0.2.7\r\nx-forwarded-for: {}\r\n"
    for last, status in (("198.51.100.1", b"403"), ("127.0.0.1", b"202")):
        head = f"POST /t/{token} HTTP/1.1\r\nHost: h\r\n{lines.format(last)}Content-Length: 0\r\n\r\n"
        with socket.create_connection(("127.0.0.1", behind_proxy.port), 20) as connection:
            connection.sendall(head.encode())
            assert connection.recv(65536).split()[1] == status


def test_forwarded_of_rfc_7239_is_not_read(behind_proxy: PublicDoor) -> None:
    token = behind_proxy.webhook(https_only=True, allow_ips=["192.0.2.7"])
    assert behind_proxy.post(token, headers={"Forwarded": "for=192.0.2.7;proto=https"}).status == 403


def test_the_order_is_method_scheme_address_size(door: PublicDoor) -> None:
    token = door.webhook(https_only=True, allow_ips=["192.0.2.7"])
    large = {"Content-Length": "99999999"}
    assert door.request("GET", f"/t/{token}").status == 405
    assert "https" in door.request("POST", f"/t/{token}", headers=large).json["detail"]
    listed = door.webhook("listed", allow_ips=["192.0.2.7"])
    assert "address" in door.request("POST", f"/t/{listed}", headers=large).json["detail"]


def test_a_refusal_reads_no_body_and_changes_nothing_in_redis(door: PublicDoor) -> None:
    token = door.webhook(hourly_limit=1, allow_ips=["192.0.2.7"])
    assert door.post(token).status == 403
    before = contents(door.store.client.execute_command)
    head = f"POST /t/{token} HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", door.port), 20) as connection:
        connection.sendall(head.encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 403 ")
        assert connection.recv(65536) == b""
    assert contents(door.store.client.execute_command) == before


def test_a_known_stranger_costs_no_round_trip(door: PublicDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    token = door.webhook(allow_ips=["192.0.2.7", "@github"])
    assert door.post(token).status == 403
    monkeypatch.setattr("store.connect.AsyncStore.run", None)
    assert door.post(token).status == 403


def test_a_change_holds_at_once_for_what_would_be_accepted(behind_proxy: PublicDoor) -> None:
    token = behind_proxy.webhook()
    assert behind_proxy.post(token).status == 202
    behind_proxy.change(allow_ips=["192.0.2.7"])
    assert behind_proxy.post(token).status == 403
    assert behind_proxy.post(token, headers=FORGED).status == 202


def test_a_sender_that_is_newly_allowed_is_let_in_after_a_moment(
    behind_proxy: PublicDoor, clock: Clock
) -> None:
    token = behind_proxy.webhook(https_only=True, allow_ips=["192.0.2.7"])
    assert behind_proxy.post(token).status == 403
    behind_proxy.change(https_only=False, allow_ips=[])
    clock.later_ms = 2000
    assert behind_proxy.post(token).status == 202


def test_a_list_that_came_with_the_program_holds(behind_proxy: PublicDoor) -> None:
    token = behind_proxy.webhook(allow_ips=["@github"])
    assert behind_proxy.post(token, headers={"X-Forwarded-For": "140.82.115.1"}).status == 202
    assert behind_proxy.post(token, headers={"X-Forwarded-For": "2606:50c0::1"}).status == 202
    assert behind_proxy.post(token, headers={"X-Forwarded-For": "192.0.2.7"}).status == 403


def test_a_refreshed_list_is_used_within_a_minute(behind_proxy: PublicDoor, clock: Clock) -> None:
    token = behind_proxy.webhook(allow_ips=["@github"])
    assert behind_proxy.post(token, headers=FORGED).status == 403
    behind_proxy.store.run(named_lists.keep(own_list("192.0.2.0/24", name="github")))
    clock.later_ms = 59_000
    assert behind_proxy.post(token, headers=FORGED).status == 202
    assert behind_proxy.post(token, headers={"X-Forwarded-For": "140.82.115.1"}).status == 403


def test_a_list_that_is_gone_lets_nobody_in(behind_proxy: PublicDoor, clock: Clock) -> None:
    behind_proxy.store.run(named_lists.keep(own_list("192.0.2.0/24")))
    token = behind_proxy.webhook(allow_ips=["@own"])
    assert behind_proxy.post(token, headers=FORGED).status == 202
    behind_proxy.store.run(named_lists.forget("own"))
    clock.later_ms = 59_000
    assert behind_proxy.post(token, headers=FORGED).status == 403


def test_many_lists_are_remembered_within_bounds(
    behind_proxy: PublicDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingress.named_networks._REMEMBERED", 1)
    for name in SHIPPED:
        token = behind_proxy.webhook(name, allow_ips=[f"@{name}"])
        sender = SHIPPED[name].networks[0].partition("/")[0]
        assert behind_proxy.post(token, headers={"X-Forwarded-For": sender}).status == 202


def test_a_redis_that_is_away_is_no_refusal(door: PublicDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    token = door.webhook(allow_ips=["@own"])
    monkeypatch.setattr("store.named_lists.fetch", lambda _: webhooks.by_token("x").then(_away))
    assert door.post(token).status == 503


def _away(_: object) -> dict[str, NamedList | None]:
    raise RedisConnectionError


def test_a_flood_of_refusals_is_a_line_for_the_first(door: PublicDoor) -> None:
    token = door.webhook(allow_ips=["192.0.2.7"])
    with capture_logs() as logs:
        for _ in range(5):
            assert door.post(token).status == 403
    refused = [line for line in logs if line["event"] == "sender_refused"]
    assert refused == [
        {
            "event": "sender_refused",
            "log_level": "warning",
            "webhook": "whk_hook",
            "reason": "not_allowed",
            "address": "127.0.0.1",
            "count": 1,
        }
    ]


def test_the_others_are_told_at_the_latest_when_the_door_closes(redis_url: str) -> None:
    with capture_logs() as logs, public_door(redis_url) as door:
        token = door.webhook(https_only=True)
        for _ in range(5):
            assert door.post(token).status == 403
    told = [(line["reason"], line["count"]) for line in logs if line["event"] == "sender_refused"]
    assert told == [("plain_http", 1), ("plain_http", 4)]
