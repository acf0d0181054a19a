"""However many senders come with large bodies while Redis stalls, the ingress holds a bounded amount."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager

import pytest
import redis

from domain.webhook import MAX_BODY_BYTES
from ingress.room import Room, Share
from tests.public_door import PublicDoor, now_ms, public_door
from tests.waiting import until

ROOM = 8 * MAX_BODY_BYTES
LARGE = bytes(MAX_BODY_BYTES)


@contextmanager
def stalled(redis_url: str) -> Iterator[None]:
    """The Redis of this test run, not answering for the length of the block."""
    with redis.Redis.from_url(redis_url) as client:
        server = client.info("server")["process_id"]
    os.kill(server, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server, signal.SIGCONT)


@pytest.fixture
def small_door(redis_url: str) -> Iterator[PublicDoor]:
    # Its clock stands, so it remembers webhooks.
    now = now_ms()
    with public_door(redis_url, body_room=ROOM, body_timeout_s=1, clock_ms=lambda: now) as door:
        yield door


def is_empty(door: PublicDoor) -> Callable[[], bool]:
    return lambda: door.held == 0


async def test_many_large_bodies_during_a_stall_are_told_to_come_again(
    redis_url: str, small_door: PublicDoor
) -> None:
    token = small_door.webhook()
    assert small_door.post(token).status == 202
    with ThreadPoolExecutor(24) as senders:
        with stalled(redis_url):
            kept = [senders.submit(small_door.post, token, LARGE) for _ in range(4)]
            await until(lambda: small_door.held == ROOM)
            refused = [senders.submit(small_door.post, token, LARGE) for _ in range(20)]
            for post in as_completed(refused, 20):
                assert small_door.held <= ROOM
                assert (post.result().status, post.result().headers["retry-after"]) == (503, "1")
            # There is no room even for what is small.
            assert small_door.post(token).json["status"] == 503
        assert [post.result(20).status for post in kept] == [202] * 4
    await until(is_empty(small_door))
    assert small_door.post(token, LARGE).status == 202


async def test_bodies_that_come_in_pieces_share_the_room(redis_url: str) -> None:
    with public_door(redis_url, body_room=ROOM) as door, ExitStack() as senders:
        token = door.webhook()
        others = [senders.enter_context(speaking(door, head(token), LARGE[:500_000])) for _ in range(8)]
        await until(lambda: door.held == 8_000_000)
        for number, sender in enumerate(others):
            sender.sendall(LARGE[500_000:])
            assert sender.recv(100).startswith(b"HTTP/1.1 503 " if number == 0 else b"HTTP/1.1 202 ")
        await until(is_empty(door))


def head(token: str, size: int = MAX_BODY_BYTES, method: str = "POST") -> bytes:
    return f"{method} /t/{token} HTTP/1.1\r\nHost: h\r\nContent-Length: {size}\r\n\r\n".encode()


def chunked(token: str, size: int) -> bytes:
    start = f"POST /t/{token} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n{size:x}\r\n"
    return start.encode() + bytes(size)


@contextmanager
def speaking(door: PublicDoor, *parts: bytes) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", door.port), 20) as connection:
        connection.sendall(b"".join(parts))
        yield connection


async def test_who_leaves_in_the_middle_leaves_nothing_behind(small_door: PublicDoor) -> None:
    token = small_door.webhook()
    with speaking(small_door, head(token), LARGE[:500_000]):
        await until(lambda: small_door.held == 1_000_000)
    await until(is_empty(small_door))


async def test_who_is_too_slow_leaves_nothing_behind(small_door: PublicDoor) -> None:
    with speaking(small_door, head(small_door.webhook()), LARGE[:500_000]) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 408 ")
        await until(is_empty(small_door))


async def test_who_sends_too_much_leaves_nothing_behind(small_door: PublicDoor) -> None:
    with speaking(small_door, chunked(small_door.webhook(), MAX_BODY_BYTES + 1)) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")
        await until(is_empty(small_door))


@pytest.mark.parametrize(
    "start", [head("nobody", 9), head("t" * 32, 9, "GET"), b"POST /healthz" + head("", 9)[8:]]
)
async def test_who_asks_for_something_else_leaves_nothing_behind(
    small_door: PublicDoor, start: bytes
) -> None:
    with speaking(small_door, start, b"a body...") as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 40")
        await until(is_empty(small_door))


async def test_requests_behind_one_another_leave_nothing_behind(
    redis_url: str, small_door: PublicDoor
) -> None:
    token = small_door.webhook()
    assert small_door.post(token).status == 202
    with stalled(redis_url), speaking(small_door, *[head(token, 1000) + bytes(1000)] * 3):
        await until(lambda: small_door.held == 6000)
    # The first was on its way to Redis.
    await until(is_empty(small_door))


async def test_what_breaks_leaves_nothing_behind() -> None:
    room = Room(100)
    share = Share(room)

    async def broken(*_) -> None:
        assert share.take(40)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await share.serve(broken, {}, asyncio.sleep, asyncio.sleep)
    assert room.held == 0
    # What arrives afterwards is nobody's.
    assert share.take(40)
    assert room.held == 0


def test_who_was_refused_once_is_refused_however_small_the_rest_is() -> None:
    room = Room(100)
    first, second = Share(room), Share(room)
    assert first.take(50)
    assert not second.take(1)
    first.leave()
    assert not second.take(1)
    assert room.held == 0


def test_counting_costs_next_to_nothing() -> None:
    room = Room(1 << 20)

    def count() -> float:
        began = time.perf_counter()
        for _ in range(1000):
            share = Share(room)
            share.take(100)
            share.leave()
        return time.perf_counter() - began

    assert min(count() for _ in range(20)) < 2e-3
