"""The public door over real HTTP: what is accepted, and what is refused how."""

import hashlib
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from domain.envelope import unpack
from domain.event import Request
from domain.limits import Limits
from domain.senders import SENDERS, sign
from domain.webhook import MAX_BODY_BYTES
from store import webhooks
from store.sealing import event_place
from tests.public_door import PublicDoor, public_door
from tests.world import LIMITS


def wait_until(ask: Callable[[], bool]) -> bool:
    """Whether it holds at last; each question is a request, so it does not spin."""
    return any(ask() for _ in range(1000))


def stored_request(door: PublicDoor, event: str, webhook: str = "whk_hook") -> Request:
    sealed = door.store.client.execute_command("GET", f"fleet:body:{event}")
    return unpack(door.sealer.open(sealed, event_place("gw_1", webhook, event)))


def test_an_accepted_event_has_an_id_and_says_what_is_left(door: PublicDoor) -> None:
    token = door.webhook(hourly_limit=10)
    answer = door.post(token)
    assert answer.status == 202
    assert answer.json["id"].startswith("evt_")
    assert answer.headers["ratelimit"].startswith('"hour";r=9;t=3')


@pytest.mark.parametrize("body", [b"", bytes(range(256)), b"a=1&b=%20", b"x" * MAX_BODY_BYTES])
def test_what_was_sent_is_kept_byte_for_byte(door: PublicDoor, body: bytes) -> None:
    token = door.webhook()
    answer = door.request(
        "POST", f"/t/{token}/deep%2Fer?a=1&a=%20", body, {"X-One": "1", "Connection": "x-gone"}
    )
    kept = stored_request(door, answer.json["id"])
    assert hashlib.sha256(kept.body).digest() == hashlib.sha256(body).digest()
    assert (kept.method, kept.path, kept.query) == ("POST", b"/deep%2Fer", b"a=1&a=%20")
    assert kept.header(b"x-one") == b"1"
    assert kept.header(b"connection") is None


def test_headers_keep_their_order_and_repetition(door: PublicDoor) -> None:
    token = door.webhook()
    head = (
        f"POST /t/{token} HTTP/1.1\r\nHost: h\r\nX-B: 1\r\nX-A: 2\r\nx-b: 3\r\nContent-Length: 2\r\n\r\n{{}}"
    )
    with socket.create_connection(("127.0.0.1", door.port), 20) as connection:
        connection.sendall(head.encode())
        event = connection.recv(65536).split(b'"id":"')[1].split(b'"')[0].decode()
    kept = stored_request(door, event)
    assert kept.headers == (
        (b"host", b"h"),
        (b"x-b", b"1"),
        (b"x-a", b"2"),
        (b"x-b", b"3"),
        (b"content-length", b"2"),
    )


@pytest.mark.parametrize("path", ["/t/", "/t/short", f"/t/{'A' * 32}", f"/t/{'%00' * 32}", "/", "/t", "/x"])
def test_an_unknown_address_is_not_found(door: PublicDoor, path: str) -> None:
    door.webhook()
    assert door.request("POST", path, b"{}").status == 404


def test_other_methods_are_told_what_is_allowed(door: PublicDoor) -> None:
    token = door.webhook()
    for method in ("GET", "PUT", "DELETE", "HEAD", "OPTIONS"):
        answer = door.request(method, f"/t/{token}")
        assert (answer.status, answer.headers["allow"]) == (405, "POST")
    assert door.request("GET", f"/t/{'A' * 32}").status == 404


def test_a_declared_body_above_the_limit_is_refused_before_it_is_sent(door: PublicDoor) -> None:
    token = door.webhook()
    head = f"POST /t/{token} HTTP/1.1\r\nHost: h\r\nContent-Length: {MAX_BODY_BYTES + 1}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", door.port), 20) as connection:
        connection.sendall(head.encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")
        assert connection.recv(65536) == b""


@pytest.mark.parametrize(("size", "status"), [(MAX_BODY_BYTES, 202), (MAX_BODY_BYTES + 1, 413)])
def test_a_chunked_body_is_bounded_while_it_arrives(door: PublicDoor, size: int, status: int) -> None:
    token = door.webhook()
    chunks = [b"x" * 65536] * (size // 65536) + [b"x" * (size % 65536)]
    answer = door.request(
        "POST",
        f"/t/{token}",
        iter(chunk for chunk in chunks if chunk),
        {"Transfer-Encoding": "chunked"},
        encode_chunked=True,
    )
    assert answer.status == status


def test_a_trailer_is_no_header(door: PublicDoor) -> None:
    token = door.webhook()
    head = f"POST /t/{token} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection(("127.0.0.1", door.port), 20) as connection:
        connection.sendall(f"{head}2\r\n{{}}\r\n0\r\nX-Signature: forged\r\n\r\n".encode())
        event = connection.recv(65536).split(b'"id":"')[1].split(b'"')[0].decode()
    assert stored_request(door, event).header(b"x-signature") is None


def test_a_percent_encoded_path_is_kept_as_it_was_sent(door: PublicDoor) -> None:
    token = door.webhook()
    answer = door.post(f"{token}/deep%2Fer")
    assert stored_request(door, answer.json["id"]).path == b"/deep%2Fer"


def test_too_many_connections_are_asked_to_come_again(redis_url: str) -> None:
    with public_door(redis_url, connection_limit=2) as door:
        token = door.webhook()
        held = [socket.create_connection(("127.0.0.1", door.port), 20) for _ in range(2)]
        answer = door.post(token)
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")
        for connection in held:
            connection.close()
        assert wait_until(lambda: door.post(token).status == 202)


def test_an_endless_body_is_cut_off(door: PublicDoor) -> None:
    token = door.webhook()
    head = f"POST /t/{token} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", door.port), 20) as connection:
        connection.sendall(head)
        with pytest.raises(OSError, match=r"(?i)broken pipe|reset"):
            connection.sendall((b"10000\r\n" + b"x" * 65536 + b"\r\n") * 1024)


def test_the_hourly_limit_answers_with_the_time_to_come_again(door: PublicDoor) -> None:
    token = door.webhook(hourly_limit=2)
    assert [door.post(token).status for _ in range(4)] == [202, 202, 429, 429]
    answer = door.post(token)
    assert answer.headers["ratelimit-policy"] == '"hour";q=2;w=3600'
    assert 3500 <= int(answer.headers["retry-after"]) <= 3600
    assert answer.headers["ratelimit"].startswith('"hour";r=0;t=35') or answer.headers["ratelimit"].endswith(
        "=3600"
    )


def test_two_doors_accept_exactly_the_limit_together(door: PublicDoor, redis_url: str) -> None:
    token = door.webhook(hourly_limit=100)
    with public_door(redis_url) as second, ThreadPoolExecutor(16) as pool:
        answers = pool.map(lambda each: each.post(token).status, [door, second] * 70)
        statuses = list(answers)
    assert (statuses.count(202), statuses.count(429)) == (100, 40)


def test_a_deleted_webhook_is_dead_at_once(door: PublicDoor) -> None:
    token = door.webhook()
    assert door.post(token).status == 202
    assert door.store.run(webhooks.delete("gw_1", "whk_hook", 1))
    assert door.post(token).status == 404


def test_a_changed_webhook_goes_on_without_a_refusal(door: PublicDoor) -> None:
    token = door.webhook()
    assert door.post(token).status == 202
    door.change(sealed_secrets=b"sealed")
    assert door.post(token).status == 202


def test_a_full_queue_asks_to_come_again(redis_url: str) -> None:
    with public_door(redis_url, replace(LIMITS, queue=1)) as door:
        token = door.webhook()
        assert door.post(token).status == 202
        answer = door.post(token)
        assert (answer.status, answer.headers["retry-after"]) == (503, "30")


def test_a_gateway_at_its_limit_is_asked_to_come_again_and_the_operator_learns_why(redis_url: str) -> None:
    limits = replace(LIMITS, gateway=Limits(stored_events=1))
    with capture_logs() as logs, public_door(redis_url, limits) as door:
        token = door.webhook()
        answers = [door.post(token) for _ in range(3)]
        assert door.post(door.webhook("theirs", gateway="gw_2")).status == 202
    assert [answer.status for answer in answers] == [202, 503, 503]
    assert answers[2].headers["retry-after"] == "30"
    assert answers[2].json["detail"] == "The event was not accepted; send it again."
    [told] = [log for log in logs if log["event"] == "not_accepted"]
    assert (told["gateway"], told["verdict"], told["times"]) == ("gw_1", "stored_events", 1)


def test_a_full_redis_asks_to_come_again(door: PublicDoor) -> None:
    token = door.webhook()
    assert door.post(token).status == 202
    door.store.client.execute_command("CONFIG", "SET", "maxmemory", 1)
    answer = door.post(token)
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0


def test_a_slow_body_times_out(redis_url: str) -> None:
    with public_door(redis_url, body_timeout_s=0.2) as door:
        token = door.webhook()
        head = f"POST /t/{token} HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab"
        with socket.create_connection(("127.0.0.1", door.port), 20) as connection:
            connection.sendall(head.encode())
            assert connection.recv(65536).startswith(b"HTTP/1.1 408 ")


def test_a_sender_that_leaves_is_no_error(door: PublicDoor) -> None:
    token = door.webhook()
    head = f"POST /t/{token} HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab"
    with socket.create_connection(("127.0.0.1", door.port), 20) as connection:
        connection.sendall(head.encode())
    assert door.post(token).status == 202


def test_slack_is_answered_its_challenge(door: PublicDoor) -> None:
    token = door.webhook(sender="slack", secrets=[b"slack-secret"], required=True)
    body = b'{"type": "url_verification", "challenge": "c-42", "token": "t"}'
    request = Request("POST", b"", b"", (), body)
    signed = {
        name.decode(): value.decode()
        for name, value in sign(SENDERS["slack"], request, b"slack-secret", time.time_ns() // 10**6).headers
    }
    answer = door.post(token, body, signed)
    assert (answer.status, answer.body) == (200, b"c-42")
    assert door.post(token, body, {"X-Slack-Signature": "v0=00"}).status == 401
    assert door.store.client.execute_command("KEYS", "fleet:event:*") == []


def test_health_and_readiness(door: PublicDoor) -> None:
    assert door.request("GET", "/healthz").status == 200
    assert door.request("GET", "/readyz").status == 200
    assert door.request("GET", "/api/v1/webhooks").status == 404
