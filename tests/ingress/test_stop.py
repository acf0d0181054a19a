"""An ingress that is asked to stop: load balancers are told first, and whoever came in is answered."""

import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator

import pytest

from store.stopping import Patience
from tests.public_door import PublicDoor, public_door

WAIT_S = 10


@pytest.fixture
def noticed(redis_url: str) -> Iterator[PublicDoor]:
    """A door that goes on for a while after it said that it stops."""
    with public_door(redis_url, patience=Patience(notice_s=1.5, drain_s=5)) as open_door:
        yield open_door


@pytest.fixture
def swift(redis_url: str) -> Iterator[PublicDoor]:
    """A door that closes at once."""
    with public_door(redis_url, patience=Patience(notice_s=0, drain_s=5)) as open_door:
        yield open_door


def until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.005)


def is_refused(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), WAIT_S).close()
    except ConnectionError:
        return True
    return False


def test_a_stopping_ingress_is_not_ready_but_accepts(noticed: PublicDoor) -> None:
    token = noticed.webhook()
    assert noticed.request("GET", "/readyz").status == 200
    noticed.stop()
    ready = noticed.request("GET", "/readyz")
    assert (ready.status, ready.json) == (503, {"ready": False, "reason": "This ingress is stopping."})
    assert noticed.post(token).status == 202
    assert noticed.request("GET", "/healthz").status == 200


def test_connections_that_are_kept_alive_end_with_an_answer(noticed: PublicDoor) -> None:
    token = noticed.webhook()
    connection = http.client.HTTPConnection("127.0.0.1", noticed.port, timeout=WAIT_S)
    statuses, last = [], ""
    noticed.stop()
    while last != "close":
        # The door does not close before this sender has heard of it.
        connection.request("POST", f"/t/{token}", b"{}")
        response = connection.getresponse()
        statuses.append(response.status)
        response.read()
        last = response.getheader("connection") or ""
    assert set(statuses) == {202}
    connection.close()


def test_a_request_under_way_is_finished_and_kept(swift: PublicDoor) -> None:
    token = swift.webhook()
    with socket.create_connection(("127.0.0.1", swift.port), WAIT_S) as sender:
        sender.sendall(f"POST /t/{token} HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\n{{".encode())
        # The server has the head when it has answered another one.
        assert swift.request("GET", "/healthz").status == 200
        swift.stop()
        until(lambda: is_refused(swift.port))
        assert swift.thread.is_alive()
        sender.sendall(b'"":')
        head, _, body = sender.makefile("rb").read().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 202 ")
    assert b"connection: close" in head.lower()
    swift.thread.join(WAIT_S)
    assert not swift.thread.is_alive()
    event = json.loads(body)["id"]
    assert swift.store.client.execute_command("EXISTS", f"fleet:event:{event}") == 1


def test_a_sender_that_never_finishes_does_not_hold_the_stop(redis_url: str) -> None:
    with public_door(redis_url, patience=Patience(notice_s=0, drain_s=1)) as door:
        token = door.webhook()
        with socket.create_connection(("127.0.0.1", door.port), WAIT_S) as sender:
            sender.sendall(f"POST /t/{token} HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\n{{".encode())
            assert door.request("GET", "/healthz").status == 200
            door.stop()
            door.thread.join(WAIT_S)
            assert not door.thread.is_alive()
