"""Certificates: for how long, for whom, and what to do when they are no good."""

import socket
import threading
from pathlib import Path

import pytest

from cli.checkup import tls
from cli.checkup.row import Row, State
from tests.https_server import https_server
from tests.public_door import now_ms
from tests.system.stack import free_port

DAY_MS = 86_400_000


def row(url: str, ca_file: Path | None = None, days_later: int = 0) -> Row:
    [found] = tls.rows("TLS", url, "FLEET_PUBLIC_URL", ca_file, lambda: now_ms() + days_later * DAY_MS)
    return found


def test_how_long_it_is_good_is_told(tmp_path: Path) -> None:
    # The server's certificate ends within a day; seen from a month before, all is well.
    with https_server(tmp_path) as server:
        before = row(server.url, server.certificate, days_later=-30)
        late = row(server.url, server.certificate, days_later=-6)
    assert before.state is State.OK
    assert before.finding == "valid for 127.0.0.1, 30 days left"
    assert (late.state, late.finding) == (State.FAILED, "ends in 6 days")
    assert "Renew" in late.advice


def test_one_of_an_unknown_authority_is_no_good(tmp_path: Path) -> None:
    with https_server(tmp_path) as server:
        found = row(server.url)
    assert (found.state, "FLEET_CA_FILE" in found.advice) == (State.FAILED, True)


def test_one_for_another_name_is_no_good(tmp_path: Path) -> None:
    with https_server(tmp_path) as server:
        found = row(f"https://localhost:{server.port}", server.certificate)
    assert (found.state, "must have a name" in found.advice) == (State.FAILED, True)


def test_who_speaks_no_tls_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:

        def answer() -> None:
            with plain.accept()[0] as connection:
                connection.recv(1024)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=answer).start()
        found = row(f"https://127.0.0.1:{plain.getsockname()[1]}")
    assert (found.state, "no TLS" in found.finding) == (State.FAILED, True)


@pytest.mark.parametrize(
    ("url", "is_advised"),
    [("http://127.0.0.1:1", False), ("http://hooks.example.org", True)],
)
def test_without_tls_nothing_is_checked(url: str, *, is_advised: bool) -> None:
    found = row(url)
    assert (found.state, bool(found.advice)) == (State.UNCHECKED, is_advised)


def test_nobody_there_is_the_business_of_another_row() -> None:
    assert row(f"https://127.0.0.1:{free_port()}").state is State.UNCHECKED
