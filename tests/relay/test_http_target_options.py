"""What the owner of a URL adds to requests: headers, the host, whom to trust, and how long to wait."""

import asyncio
from dataclasses import replace

import aiohttp
import pytest

from domain.delivery import Outcome
from domain.errors import InvalidInputError
from relay.connector.outgoing import ORIGINAL, added_headers, checked_host
from relay.connector.target import Answer
from relay.connector.targets.http import HttpOptions, HttpTarget
from tests.http_arrival import NOW_MS, arrival
from tests.local_server import LocalServer
from tests.run_programs import Alive


async def deliver(session: aiohttp.ClientSession, url: str, options: HttpOptions, **sent: object) -> Answer:
    target = HttpTarget(session, url, lambda: NOW_MS, options)
    return await target.deliver(replace(arrival(), **sent), Alive())


async def test_added_headers_stand_last_and_for_those_of_the_sender(
    session: aiohttp.ClientSession, local: LocalServer
) -> None:
    options = HttpOptions(headers=added_headers({"X-Env": "d\u00e9v", "authorization": "Bearer x"}))
    request = arrival(
        headers=((b"x_env", b"forged"), (b"authorization", b"forged"), (b"x-kept", b"\xe9"))
    ).request
    assert (await deliver(session, local.url, options, request=request)).note == "200"
    headers = local.seen[0].headers
    assert headers[-2:] == [(b"X-Env", "d\u00e9v".encode()), (b"authorization", b"Bearer x")]
    assert b"forged" not in local.seen[0].head
    assert (b"x-kept", b"\xe9") in headers


@pytest.mark.parametrize(
    ("host", "seen"),
    [("app.example.test:8080", b"app.example.test:8080"), (ORIGINAL, b"hooks.example.org")],
)
async def test_the_host_can_be_another(
    session: aiohttp.ClientSession, local: LocalServer, host: str, seen: bytes
) -> None:
    assert (await deliver(session, local.url, HttpOptions(host=host))).note == "200"
    hosts = [value for name, value in local.seen[0].headers if name.lower() == b"host"]
    assert hosts == [seen]
    assert local.seen[0].header(b"fleet-original-host") == b"hooks.example.org"


async def test_a_sender_without_a_host_leaves_the_targets_own(
    session: aiohttp.ClientSession, local: LocalServer
) -> None:
    await deliver(session, local.url, HttpOptions(host=ORIGINAL), request=arrival(headers=()).request)
    assert local.seen[0].header(b"Host") == local.url.removeprefix("http://").encode()


async def test_a_longer_time_of_its_own_is_kept_alive(
    session: aiohttp.ClientSession, local: LocalServer
) -> None:
    local.respond = lambda _: None
    alive = Alive()
    target = HttpTarget(session, local.url, lambda: NOW_MS, HttpOptions(timeout_s=0.4))
    sent = replace(arrival(), timeout_s=0.2)  # pyright: ignore[reportArgumentType]
    began = asyncio.get_running_loop().time()
    assert await target.deliver(sent, alive) == Answer(Outcome.RETRY, "timeout")
    assert asyncio.get_running_loop().time() - began >= 0.4
    assert alive.signs >= 3


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"fleet-verified": "x"}, "set by the connector"),
        ({"Fleet_Event": "x"}, "set by the connector"),
        ({"Transfer-Encoding": "chunked"}, "set by the connector"),
        ({"content-length": "0"}, "set by the connector"),
        ({"Host": "x"}, "host = "),
        ({"x y": "x"}, "name of a header"),
        ({"x": "a\r\nevil: b"}, "printable"),
        ({"x": "y" * 5000}, "printable"),
        ({f"x-{number}": "y" for number in range(51)}, "At most 50"),
    ],
)
def test_what_cannot_be_added_is_refused(headers: dict[str, str], reason: str) -> None:
    with pytest.raises(InvalidInputError, match=reason):
        added_headers(headers)


@pytest.mark.parametrize("host", ["", "a b", "a/b", "a\r\nb", "user@host", "host:port", "x" * 300])
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(InvalidInputError):
        checked_host(host)
