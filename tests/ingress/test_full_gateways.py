"""A gateway at one of its limits costs little: for a second nobody's body is read just to be refused."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from domain.limits import Limits
from store.events import BatchLimits
from tests.public_door import PublicDoor, now_ms, public_door
from tests.world import LIMITS

SECOND_MS = 1000


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: int

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock(now_ms())


@pytest.fixture(
    params=[
        replace(LIMITS, gateway=Limits(stored_events=1)),
        replace(LIMITS, gateway=Limits(deliveries=1)),
        replace(LIMITS, queue=2, gateway=Limits(queue_share=0.5)),
        replace(LIMITS, queue=1, gateway=Limits(queue_share=1)),
    ],
    ids=["stored_events", "deliveries", "queue_share", "full"],
)
def full_door(redis_url: str, request: pytest.FixtureRequest, clock: Clock) -> Iterator[PublicDoor]:
    limits: BatchLimits = request.param
    with public_door(redis_url, limits, clock_ms=clock) as door:
        yield door


def answer_to_head(door: PublicDoor, token: str, size: int) -> bytes:
    """What a sender hears that declares a body and waits for an answer before it sends it."""
    with socket.create_connection(("127.0.0.1", door.port), 20) as connection:
        connection.sendall(f"POST /t/{token} HTTP/1.1\r\nHost: h\r\nContent-Length: {size}\r\n\r\n".encode())
        return connection.recv(65536)


def make_room(door: PublicDoor) -> None:
    for key in ("fleet:counts:gw_1", "fleet:waiting"):
        door.store.client.execute_command("DEL", key)


def test_for_a_second_no_body_is_read(full_door: PublicDoor, clock: Clock) -> None:
    token = full_door.webhook()
    assert [full_door.post(token).status for _ in range(2)] == [202, 503]
    make_room(full_door)
    answer = answer_to_head(full_door, token, 100)
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 30\r\n" in answer
    clock.now += SECOND_MS
    assert full_door.post(token).status == 202


def test_other_webhooks_ask_for_themselves(full_door: PublicDoor) -> None:
    token, other = full_door.webhook(), full_door.webhook("other")
    assert [full_door.post(token).status for _ in range(2)] == [202, 503]
    make_room(full_door)
    assert full_door.post(other).status == 202


def test_what_is_smaller_than_what_was_refused_may_find_a_place(redis_url: str, clock: Clock) -> None:
    limits = replace(LIMITS, gateway=Limits(stored_mib=1))
    with public_door(redis_url, limits, clock_ms=clock) as door:
        token = door.webhook()
        statuses = [door.post(token, bytes(size)).status for size in (600_000, 500_000, 400_000)]
        assert statuses == [202, 503, 202]
        assert answer_to_head(door, token, 500_000).startswith(b"HTTP/1.1 503 ")
