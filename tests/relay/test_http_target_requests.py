"""What the HTTP target sends, byte for byte, over a real socket."""

import hashlib
import os

import aiohttp
import pytest

from domain.delivery import Outcome
from domain.errors import InvalidInputError
from domain.event import Headers
from domain.webhook import MAX_BODY_BYTES
from relay.connector.target import Answer
from relay.connector.targets.http import HttpTarget
from tests.http_arrival import NOW_MS, Deliver, arrival
from tests.local_server import LocalServer


async def test_headers_keep_order_repetition_and_bytes(deliver: Deliver, local: LocalServer) -> None:
    sent = (
        (b"x-first", b"1"),
        (b"host", b"hooks.example.org"),
        (b"user-agent", b"GitHub-Hookshot/abc"),
        (b"x-twice", b"b"),
        (b"content-length", b"2"),
        (b"x-hub-signature-256", b"sha256=00"),
        (b"x-twice", b"a"),
        (b"cookie", b"a=1; b=2; a=3"),
        (b"authorization", b"Basic eA=="),
        (b"x-utf8", "h\u00fc\u6f22".encode()),
        (b"x-latin1", b"caf\xe9 \xff\x80"),
        (b"x-empty", b""),
        (b"content-encoding", b"gzip"),
        (b"accept-encoding", b"br"),
    )
    assert (await deliver(arrival(headers=sent))).outcome is Outcome.DELIVERED
    (seen,) = local.seen
    host = local.url.removeprefix("http://").encode()
    assert seen.headers == [
        (b"Host", host),
        *(header for header in sent if header[0] != b"host"),
        (b"fleet-event", b"evt_1"),
        (b"fleet-delivery", b"dlv_1"),
        (b"fleet-attempt", b"3"),
        (b"fleet-webhook", b"my-hook"),
        (b"fleet-verified", b"github"),
        (b"fleet-original-host", b"hooks.example.org"),
    ]


async def test_nothing_is_added_to_a_request_without_headers(deliver: Deliver, local: LocalServer) -> None:
    await deliver(arrival(body=b"abc", headers=(), scheme=""))
    assert [name for name, _ in local.seen[0].headers] == [
        b"Host",
        b"content-length",
        b"fleet-event",
        b"fleet-delivery",
        b"fleet-attempt",
        b"fleet-webhook",
        b"fleet-verified",
    ]
    assert local.seen[0].header(b"content-length") == b"3"
    assert local.seen[0].header(b"fleet-verified") == b"no"


@pytest.mark.parametrize(
    "name", [b"fleet-verified", b"fleet_verified", b"fleet-original-host", b"fleet_event"]
)
async def test_a_sender_cannot_forge_what_we_say(deliver: Deliver, local: LocalServer, name: bytes) -> None:
    headers = ((name, b"forged"), (b"fleet-other", b"kept"))
    await deliver(arrival(headers=headers, scheme=""))
    assert b"forged" not in local.seen[0].head
    assert local.seen[0].header(b"fleet-verified") == b"no"
    assert local.seen[0].header(b"fleet-other") == b"kept"


@pytest.mark.parametrize(
    "body",
    [b"", b"\x00\xff\r\n\r\n", b"a=1&b=%20", os.urandom(MAX_BODY_BYTES)],
    ids=["empty", "binary", "form", "1 MiB"],
)
async def test_bodies_arrive_byte_for_byte(deliver: Deliver, local: LocalServer, body: bytes) -> None:
    assert (await deliver(arrival(body=body))).outcome is Outcome.DELIVERED
    assert hashlib.sha256(local.seen[0].body).digest() == hashlib.sha256(body).digest()


async def test_a_compressed_body_and_its_encoding_stay_as_they_are(
    deliver: Deliver, local: LocalServer
) -> None:
    headers = ((b"content-encoding", b"gzip"), (b"content-type", b"application/json"))
    await deliver(arrival(body=b"\x1f\x8b\x08\x00not really", headers=headers))
    assert local.seen[0].body == b"\x1f\x8b\x08\x00not really"
    assert local.seen[0].header(b"content-encoding") == b"gzip"


async def test_an_awkward_header_value_passes_with_an_empty_body(
    deliver: Deliver, local: LocalServer
) -> None:
    await deliver(arrival(body=b"", headers=((b"x-latin1", b"\xe9"),)))
    assert local.seen[0].header(b"x-latin1") == b"\xe9"


async def test_nobody_waits_for_100_continue(deliver: Deliver, local: LocalServer) -> None:
    await deliver(arrival(headers=((b"expect", b"100-continue"),)))
    assert local.seen[0].header(b"expect") is None


@pytest.mark.parametrize(
    ("below", "path", "query", "target"),
    [
        ("", b"", b"", b"/"),
        ("/hooks", b"", b"", b"/hooks"),
        ("/hooks/", b"", b"", b"/hooks/"),
        ("/hooks", b"/a/b", b"x=1", b"/hooks/a/b?x=1"),
        ("/hooks/", b"/", b"", b"/hooks/"),
        ("/hooks?key=%2F", b"", b"x=%20+&x", b"/hooks?key=%2F&x=%20+&x"),
        ("", b"/%7Euser/%2f//a;b=c", b"q=%E4&&=", b"/%7Euser/%2f//a;b=c?q=%E4&&="),
        ("", b"/caf\xe9 #?", b"a#b c", b"/caf%E9%20%23%3F?a%23b%20c"),
        ("", b"/.../.hidden", b"", b"/.../.hidden"),
    ],
)
async def test_path_and_query_are_appended_as_they_were_encoded(
    deliver: Deliver, local: LocalServer, below: str, path: bytes, query: bytes, target: bytes
) -> None:
    await deliver(arrival(path=path, query=query), below=below)
    assert local.seen[0].start_line == b"POST " + target + b" HTTP/1.1"


@pytest.mark.parametrize(
    "path",
    [
        b"/../admin",
        b"/a/..",
        b"/%2e%2E/x",
        b"/..%2Fx",
        b"/a\\..\\b",
        b"/%5c..%5cb",
        b"/..;/admin",
        b"@elsewhere.example/",
        b"1/on-another-port",
    ],
)
async def test_a_path_that_climbs_out_of_the_target_is_refused(
    deliver: Deliver, local: LocalServer, path: bytes
) -> None:
    assert await deliver(arrival(path=path)) == Answer(Outcome.REFUSED, "path leaves the target")
    assert local.seen == []


@pytest.mark.parametrize(
    "headers",
    [
        ((b"content-length", b"1"),),
        ((b"content-length", b"2"), (b"content-length", b"2")),
        ((b"content-length", b"x"),),
    ],
)
async def test_a_request_that_contradicts_its_length_is_not_sent(
    deliver: Deliver, local: LocalServer, headers: Headers
) -> None:
    answer = await deliver(arrival(headers=headers, body=b"{}"))
    assert answer == Answer(Outcome.RETRY, "envelope unreadable")
    assert local.seen == []


async def test_what_frames_a_request_is_never_the_gateways(deliver: Deliver, local: LocalServer) -> None:
    body = b"0\r\n\r\nPOST /admin HTTP/1.1\r\nhost: x\r\n\r\n"
    await deliver(arrival(headers=((b"transfer-encoding", b"chunked"),), body=body))
    assert local.seen[0].header(b"transfer-encoding") is None
    assert local.seen[0].body == body


async def test_the_method_is_the_senders(deliver: Deliver, local: LocalServer) -> None:
    await deliver(arrival(method="PUT"))
    assert local.seen[0].start_line == b"PUT / HTTP/1.1"


@pytest.mark.parametrize(
    "url",
    ["", "localhost:3000", "ftp://localhost/", "http://", "http://a:b@localhost/", "http://localhost/#x"],
)
async def test_a_target_that_is_no_usable_url_is_refused(session: aiohttp.ClientSession, url: str) -> None:
    with pytest.raises(InvalidInputError):
        HttpTarget(session, url, lambda: NOW_MS)
