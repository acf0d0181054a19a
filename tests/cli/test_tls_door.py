"""The public door over TLS on a real socket: its answers, its bounds, and renewals under live connections."""

import http.client
import logging
import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from cli.certificate import Pair
from domain.webhook import MAX_BODY_BYTES
from relay.connector.trust import trusting
from tests.certificates import Authority, files
from tests.public_door import HEAD_LIMIT_BYTES, PublicDoor, public_door

AUTHORITY = Authority()
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pair:
    monkeypatch.setattr("cli.renewal.LOOK_S", 0.02)
    made = files(tmp_path)
    AUTHORITY.issue().write(made)
    return made


@pytest.fixture
def trust(tmp_path: Path) -> ssl.SSLContext:
    return trusting(AUTHORITY.write(tmp_path / "ca.pem"))


@pytest.fixture
def tls_door(redis_url: str, pair: Pair, trust: ssl.SSLContext) -> Iterator[PublicDoor]:
    with public_door(redis_url, pair=pair, trust=trust) as door:
        yield door


@contextmanager
def connected(door: PublicDoor) -> Iterator[ssl.SSLSocket]:
    assert door.tls is not None
    with (
        socket.create_connection(("127.0.0.1", door.port), 20) as plain,
        door.tls.wrap_socket(plain, server_hostname="localhost") as secured,
    ):
        yield secured


def talk(door: PublicDoor, *parts: bytes) -> bytes:
    with connected(door) as connection:
        try:
            for part in parts:
                connection.sendall(part)
        except OSError:
            pass  # it hangs up when it has heard enough; its answer is there
        return connection.recv(65536)


def serial(door: PublicDoor) -> int:
    """Of the certificate that a new connection is shown."""
    with connected(door) as connection:
        return shown(connection)


def shown(connection: ssl.SSLSocket) -> int:
    certificate = connection.getpeercert()
    assert certificate is not None
    return int(str(certificate["serialNumber"]), 16)


def wait_until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < ends, "it never happens"
        time.sleep(0.005)


def test_an_event_is_accepted(tls_door: PublicDoor) -> None:
    answer = tls_door.post(tls_door.webhook(), os.urandom(300_000))
    assert answer.status == 202
    assert answer.json["id"].startswith("evt_")


def test_without_tls_nothing_is_answered_and_nothing_is_logged(
    tls_door: PublicDoor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for start in (HEALTH, b"\x16\x03\x01\x00\x05nope!", b"\x00" * 1000):
        with socket.create_connection(("127.0.0.1", tls_door.port), 20) as connection:
            connection.sendall(start)
            try:
                assert b"HTTP" not in connection.recv(4096)
            except ConnectionResetError:
                continue
    assert tls_door.request("GET", "/healthz").status == 200
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("start", [b"", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc"], ids=["silent", "half"])
def test_a_handshake_that_takes_too_long_is_hung_up_on(redis_url: str, pair: Pair, start: bytes) -> None:
    with (
        public_door(redis_url, header_timeout_s=0.2, pair=pair) as door,
        socket.create_connection(("127.0.0.1", door.port), 10) as connection,
    ):
        connection.sendall(start)
        began = time.monotonic()
        with suppress(ConnectionResetError):
            assert connection.recv(4096) == b""
        assert time.monotonic() - began < 5


@pytest.mark.parametrize("start", [b"", HEALTH[:20]])
def test_a_slow_head_is_told_so(redis_url: str, pair: Pair, trust: ssl.SSLContext, start: bytes) -> None:
    with public_door(redis_url, header_timeout_s=0.5, pair=pair, trust=trust) as door:
        assert talk(door, start).startswith(b"HTTP/1.1 408 ")


def test_a_slow_body_is_told_so(redis_url: str, pair: Pair, trust: ssl.SSLContext) -> None:
    with public_door(redis_url, body_timeout_s=0.2, pair=pair, trust=trust) as door:
        head = f"POST /t/{door.webhook()} HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n".encode()
        assert talk(door, head, b"{").startswith(b"HTTP/1.1 408 ")


def test_what_is_too_large_is_told_so(tls_door: PublicDoor) -> None:
    filler = b"X-Filler: " + b"a" * HEAD_LIMIT_BYTES + b"\r\n\r\n"
    assert talk(tls_door, HEALTH[:-2], filler).startswith(b"HTTP/1.1 431 ")
    assert tls_door.post(tls_door.webhook(), bytes(MAX_BODY_BYTES + 1)).status == 413


def test_one_connection_too_many_is_told_so(redis_url: str, pair: Pair, trust: ssl.SSLContext) -> None:
    with public_door(redis_url, connection_limit=1, pair=pair, trust=trust) as door, connected(door) as first:
        first.sendall(HEALTH)
        assert first.recv(4096).startswith(b"HTTP/1.1 200 ")
        assert talk(door, HEALTH).startswith(b"HTTP/1.1 503 ")


def test_a_renewal_reaches_new_connections_and_leaves_the_old_alone(tls_door: PublicDoor, pair: Pair) -> None:
    with connected(tls_door) as old:
        before = shown(old)
        new = AUTHORITY.issue().write(pair)
        wait_until(lambda: serial(tls_door) == new.serial)
        assert before != new.serial
        for _ in range(3):
            old.sendall(HEALTH)
            answer = b""
            while not answer.endswith(b"}"):
                answer += old.recv(4096)
            assert answer.startswith(b"HTTP/1.1 200 ")


def test_a_half_written_renewal_is_survived(tls_door: PublicDoor, pair: Pair) -> None:
    before = serial(tls_door)
    new = AUTHORITY.issue()
    with capture_logs() as logs:
        new.write_cert(pair)
        wait_until(lambda: [each["event"] for each in logs] == ["certificate_kept"])
    assert serial(tls_door) == before
    new.write_key(pair)
    wait_until(lambda: serial(tls_door) == new.serial)


def test_a_client_that_knows_no_modern_suite_is_refused(tls_door: PublicDoor) -> None:
    assert tls_door.tls is not None
    tls_door.tls.maximum_version = ssl.TLSVersion.TLSv1_2
    assert tls_door.request("GET", "/healthz").status == 200
    tls_door.tls.set_ciphers("ECDHE-ECDSA-AES128-SHA256")
    with pytest.raises(ssl.SSLError):
        tls_door.request("GET", "/healthz")


def test_a_stranger_does_not_trust_it(tls_door: PublicDoor) -> None:
    connection = http.client.HTTPSConnection("127.0.0.1", tls_door.port, timeout=20, context=trusting(None))
    with pytest.raises(ssl.SSLCertVerificationError):
        connection.request("GET", "/healthz")
    connection.close()
