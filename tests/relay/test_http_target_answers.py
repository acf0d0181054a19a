"""What the answers of a local server mean to the HTTP target, over a real socket."""

import asyncio
import socket
from email.utils import formatdate

import aiohttp
import pytest

from domain.delivery import Outcome
from relay.connector.target import Answer
from relay.connector.targets.http import HttpTarget
from tests.http_arrival import NOW_MS, Deliver, arrival
from tests.local_server import LocalServer, answer


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (answer(200), Answer(Outcome.DELIVERED, "200")),
        (answer(299), Answer(Outcome.DELIVERED, "299")),
        (b"HTTP/1.1 204 X\r\n\r\n", Answer(Outcome.DELIVERED, "204")),
        (answer(410), Answer(Outcome.REFUSED, "410")),
        (answer(302, "location: /elsewhere"), Answer(Outcome.RETRY, "302")),
        (answer(404), Answer(Outcome.RETRY, "404")),
        (answer(500), Answer(Outcome.RETRY, "500")),
        (answer(503, "retry-after: 120"), Answer(Outcome.RETRY, "503", 120.0)),
        (answer(429, f"retry-after: {formatdate(NOW_MS / 1000 + 90)}"), Answer(Outcome.RETRY, "429", 90.0)),
        (answer(503, "retry-after: soon"), Answer(Outcome.RETRY, "503")),
        (answer(200, "retry-after: 5"), Answer(Outcome.DELIVERED, "200")),
        (answer(200, "content-encoding: gzip"), Answer(Outcome.DELIVERED, "200")),
        (answer(200, "set-cookie: a=1"), Answer(Outcome.DELIVERED, "200")),
        (b"HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\ncut", Answer(Outcome.DELIVERED, "200")),
        (b"SSH-2.0-OpenSSH\r\n\r\n", Answer(Outcome.RETRY, "no valid HTTP answer")),
    ],
)
async def test_the_status_is_the_answer(
    deliver: Deliver, local: LocalServer, response: bytes, expected: Answer
) -> None:
    # What is cut off ends only by the timeout; everything else is read to its end.
    assert await deliver(arrival(timeout_s=1), lambda _: response) == expected
    assert len(local.seen) == 1


async def test_cookies_are_not_kept(deliver: Deliver, local: LocalServer) -> None:
    for _ in range(2):
        await deliver(arrival(), lambda _: answer(200, "set-cookie: a=1; path=/"))
    assert local.seen[1].header(b"Cookie") is None
    assert local.seen[1].header(b"cookie") is None


async def test_a_connection_is_used_again(deliver: Deliver, local: LocalServer) -> None:
    for _ in range(3):
        await deliver(arrival())
    assert local.connections == 1


async def test_a_long_answer_is_not_read_to_its_end(deliver: Deliver, local: LocalServer) -> None:
    long = answer(200, body=bytes(8 * 1024 * 1024))
    assert (await deliver(arrival(), lambda _: long)).outcome is Outcome.DELIVERED
    assert (await deliver(arrival())).outcome is Outcome.DELIVERED
    assert local.connections == 2


async def test_a_server_that_never_answers_is_a_timeout(deliver: Deliver) -> None:
    assert await deliver(arrival(timeout_s=1), lambda _: None) == Answer(Outcome.RETRY, "timeout")


async def test_a_server_that_hangs_up_is_tried_again(session: aiohttp.ClientSession) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        target = HttpTarget(session, f"http://127.0.0.1:{port}/", lambda: NOW_MS)
        assert await target.deliver(arrival(), lambda: None) == Answer(Outcome.RETRY, "connection lost")


async def test_a_refused_connection_is_tried_again(session: aiohttp.ClientSession) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    target = HttpTarget(session, f"http://127.0.0.1:{port}/", lambda: NOW_MS)
    assert await target.deliver(arrival(), lambda: None) == Answer(Outcome.RETRY, "connection refused")
