"""The head of a request is bounded in size and time before anything of ours runs."""

import socket

import pytest

from domain.webhook import MAX_BODY_BYTES
from ingress.lingering import MOST_BYTES
from tests.public_door import HEAD_LIMIT_BYTES, PublicDoor, public_door


def talk(door: PublicDoor, *parts: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", door.port), 20) as connection:
        for part in parts:
            try:
                connection.sendall(part)
            except OSError:
                break
        try:
            return connection.recv(65536)
        except ConnectionResetError:
            return b"reset"


def test_a_head_within_the_limit_passes(door: PublicDoor) -> None:
    filler = b"X-Filler: " + b"a" * (HEAD_LIMIT_BYTES - 200) + b"\r\n"
    assert talk(door, b"GET /healthz HTTP/1.1\r\nHost: h\r\n" + filler + b"\r\n").startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "filler",
    [
        b"X-Filler: " + b"a" * (HEAD_LIMIT_BYTES + 1),
        b"\r\n".join(b"X-%d: %s" % (i, b"a" * 100) for i in range(400)),
    ],
)
def test_a_head_above_it_is_refused_whole_or_in_pieces(door: PublicDoor, filler: bytes) -> None:
    start = b"GET /healthz HTTP/1.1\r\nHost: h\r\n"
    assert talk(door, start + filler + b"\r\n\r\n").startswith(b"HTTP/1.1 431 ")
    half = len(filler) // 2
    assert talk(door, start, filler[:half], filler[half:]).startswith(b"HTTP/1.1 431 ")


def test_an_endless_header_never_fills_the_memory(door: PublicDoor) -> None:
    parts = [b"GET /healthz HTTP/1.1\r\nX-Filler: ", *[b"a" * 65536] * 200]
    assert talk(door, *parts)[:13] in {b"HTTP/1.1 431 ", b"reset"}


def test_an_endless_address_is_refused(door: PublicDoor) -> None:
    answer = talk(door, b"GET /" + b"a" * (HEAD_LIMIT_BYTES * 2) + b" HTTP/1.1\r\nHost: h\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 431 ")


def test_nonsense_is_a_bad_request(door: PublicDoor) -> None:
    assert talk(door, b"\x16\x03\x01 what\r\n\r\n").startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("start", [b"", b"GET /healthz HTTP/1.1\r\nHost: h\r\nX-"])
def test_a_slow_head_times_out(redis_url: str, start: bytes) -> None:
    with public_door(redis_url, header_timeout_s=0.2) as door:
        assert talk(door, start).startswith(b"HTTP/1.1 408 ")


def test_a_connection_serves_one_request_after_the_other(door: PublicDoor) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"
    with socket.create_connection(("127.0.0.1", door.port), 20) as connection:
        connection.sendall(request * 3)
        received = b""
        while received.count(b"healthy") < 3:
            received += connection.recv(65536)
        filler = b"X-Filler: " + b"a" * (HEAD_LIMIT_BYTES // 2) + b"\r\n"
        for _ in range(4):
            connection.sendall(b"GET /healthz HTTP/1.1\r\n" + filler + b"\r\n")
            assert b"healthy" in connection.recv(65536)


def test_a_body_behind_an_upgrade_is_never_lost_silently(door: PublicDoor) -> None:
    head = f"POST /t/{door.webhook()} HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\n"
    upgrade = b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nContent-Length: 4\r\n\r\nbody"
    assert talk(door, head.encode() + upgrade).startswith(b"HTTP/1.1 501 ")


@pytest.mark.parametrize("trailer", [b"x-y: z\r\n" * 8192, b"a" * 65536])
def test_endless_trailers_never_fill_the_memory(door: PublicDoor, trailer: bytes) -> None:
    # The address need not exist: the answer comes, and the trailers go on.
    head = b"POST /t/nobody HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nx: "
    with socket.create_connection(("127.0.0.1", door.port), 20) as connection:
        connection.sendall(head)
        with pytest.raises(OSError, match=r"(?i)broken pipe|reset"):
            connection.sendall(trailer * 1000)


def test_a_long_body_earns_its_trailers_no_room(door: PublicDoor) -> None:
    head = b"POST /t/nobody HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = (b"10000\r\n" + bytes(65536) + b"\r\n") * 64 + b"0\r\n"
    with socket.create_connection(("127.0.0.1", door.port), 20) as connection:
        connection.sendall(head + body)
        with pytest.raises(OSError, match=r"(?i)broken pipe|reset"):
            connection.sendall(b"x-y: z\r\n" * 8_000_000)


def test_small_chunks_are_no_trailers(door: PublicDoor) -> None:
    head = f"POST /t/{door.webhook()} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert talk(door, head.encode(), b"1\r\nx\r\n" * 20_000 + b"0\r\n\r\n").startswith(b"HTTP/1.1 202 ")


@pytest.mark.parametrize("size", [MAX_BODY_BYTES + 1, 20 * MAX_BODY_BYTES])
@pytest.mark.parametrize("declared", [True, False])
def test_who_sends_too_much_hears_why_after_having_sent_it_all(
    door: PublicDoor, size: int, *, declared: bool
) -> None:
    head = f"POST /t/{door.webhook()} HTTP/1.1\r\nHost: h\r\n".encode()
    if declared:
        framed = b"Content-Length: %d\r\n\r\n" % size + bytes(size)
    else:
        framed = b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % size + bytes(size) + b"\r\n0\r\n\r\n"
    with socket.create_connection(("127.0.0.1", door.port), 20) as connection:
        connection.sendall(head + framed)
        received = b""
        while part := connection.recv(65536):
            received += part
    assert received.startswith(b"HTTP/1.1 413 ")
    assert received.endswith(b'1 MiB."}')


def test_who_goes_on_for_ever_is_hung_up_on(door: PublicDoor) -> None:
    head = f"POST /t/{door.webhook()} HTTP/1.1\r\nHost: h\r\nContent-Length: 999999999\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", door.port), 20) as connection:
        connection.sendall(head)
        with pytest.raises(OSError, match=r"(?i)broken pipe|reset"):
            connection.sendall(bytes(2 * MOST_BYTES))


def test_who_came_when_it_was_crowded_is_served_when_it_is_not(redis_url: str) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"
    with (
        public_door(redis_url, connection_limit=1) as door,
        socket.create_connection(("127.0.0.1", door.port), 20) as patient,
    ):
        with socket.create_connection(("127.0.0.1", door.port), 20) as other:
            other.sendall(request)
            assert b" 503 " in other.recv(65536)
            patient.sendall(request)
            assert b" 503 " in patient.recv(65536)
        for _ in range(100):
            patient.sendall(request)
            if b" 200 " in patient.recv(65536):
                break
        else:
            pytest.fail("it is refused for ever")


def everything(door: PublicDoor, sent: bytes) -> bytes:
    """What is answered until the door hangs up."""
    with socket.create_connection(("127.0.0.1", door.port), 20) as connection:
        received = b""
        try:
            connection.sendall(sent)
            while part := connection.recv(65536):
                received += part
        except OSError:
            pass
    return received


SMALL = b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"


def test_who_sends_request_upon_request_is_hung_up_on(door: PublicDoor) -> None:
    with socket.create_connection(("127.0.0.1", door.port), 20) as connection:
        connection.sendall(SMALL * 17)
        received = b""
        while received.count(b"healthy") < 17:
            received += connection.recv(65536)
    assert everything(door, SMALL * 1000).count(b"HTTP/1.1 ") < 17


@pytest.mark.parametrize(
    "second",
    [
        b"GET /healthz HTTP/1.1\r\n" + b"X-Filler: %s\r\n" % (b"a" * 1000) * 40 + b"\r\n",
        b"\x16\x03\x01 what\r\n\r\n",
        b"POST /t/nobody HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"x-y: z\r\n" * 8192,
    ],
)
def test_what_is_wrong_behind_a_request_is_never_taken_for_its_answer(
    door: PublicDoor, second: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    received = everything(door, SMALL + second)
    # It may be answered before the rest is looked at. A second answer is that to the second request.
    statuses = [line[9:12] for line in received.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
    assert statuses[:1] in ([], [b"200"])
    assert statuses[1:] in ([], [b"404"])
    assert "Traceback" not in capfd.readouterr().err


def test_only_the_literal_address_of_a_webhook_is_known(door: PublicDoor) -> None:
    token = door.webhook()
    encoded = f"%{ord(token[0]):x}{token[1:]}"
    for path in (f"/%74/{token}", f"/t/{encoded}", f"/t/{token}%2fx", f"/t%2f{token}"):
        assert door.request("POST", path, b"{}").status == 404
    for path in (f"/t/{token}", f"/t/{token}/a%2fb", f"/t/{token}?x=%74"):
        assert door.request("POST", path, b"{}").status == 202
