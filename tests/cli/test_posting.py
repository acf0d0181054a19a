"""Posting: the bytes that leave, and the sentences when nobody takes them."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from cli.posting import Posted, PostingError, post

ACCEPTED = b'HTTP/1.1 202 Accepted\r\nContent-Length: 14\r\n\r\n{"id":"evt_1"}'


@contextmanager
def door(answer: bytes) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """A server that takes one request and answers; gives its URL, and then what came."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                got = b""
                while not got.endswith(b"END"):
                    got += connection.recv(65536)
                connection.sendall(answer)
            received.append(got)

        thread = threading.Thread(target=serve)
        thread.start()

        def came() -> bytes:
            thread.join(10)
            return received[0]

        yield f"http://127.0.0.1:{listener.getsockname()[1]}", came
        thread.join(10)


def test_these_headers_in_this_order_and_no_others() -> None:
    headers = [("x-b", "1"), ("content-type", "text/plain"), ("x-a", "2"), ("user-agent", "Tester")]
    with door(ACCEPTED) as (url, came):
        posted = post(f"{url}/t/token?a=1&b=%20", headers, b"\x00\xff{} END", None)
        raw = came()
    assert posted == Posted(202, {"id": "evt_1"})
    assert posted.event == "evt_1"
    head, _, body = raw.partition(b"\r\n\r\n")
    assert body == b"\x00\xff{} END"
    host = url.removeprefix("http://").encode()
    assert head.split(b"\r\n") == [
        b"POST /t/token?a=1&b=%20 HTTP/1.1",
        b"Host: " + host,
        b"x-b: 1",
        b"content-type: text/plain",
        b"x-a: 2",
        b"user-agent: Tester",
        b"Content-Length: 8",
    ]


@pytest.mark.parametrize(
    ("raw", "document"),
    [
        (b'{"detail":"This address may not send here."}', {"detail": "This address may not send here."}),
        (b"", {}),
        (b"challenge-42", {}),
        (b"[1]", {}),
        (b'{"id": 7}', {"id": 7}),
    ],
)
def test_whatever_is_answered_is_told(raw: bytes, document: dict[str, object]) -> None:
    with door(b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\n\r\n%s" % (len(raw), raw)) as (url, _):
        posted = post(f"{url}/t/token", [], b"END", None)
    assert posted == Posted(403, document)
    assert posted.event is None


def test_a_redirect_is_not_followed() -> None:
    with door(b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n") as (url, _):
        assert post(f"{url}/t/token", [], b"END", None) == Posted(302, {})


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 nonsense\r\n\r\n", b"SSH-2.0-nonsense\r\n"])
def test_what_is_no_answer_is_a_sentence_without_the_token(answer: bytes) -> None:
    with door(answer) as (url, _), pytest.raises(PostingError) as refused:
        post(f"{url}/t/token", [], b"END", None)
    assert str(refused.value).startswith(f"Nothing answers at {url}, the public address")
    assert "token" not in str(refused.value)


def test_where_nobody_listens_the_setting_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(PostingError, match="FLEET_PUBLIC_URL"):
        post(f"http://127.0.0.1:{port}/t/token", [], b"", None)
