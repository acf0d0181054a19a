"""What a gateway that was broken into could send: heads that no ingress takes in reach nothing here."""

from dataclasses import replace

import pytest

from domain.event import Request
from relay.connector.target import arrival_of
from tests.tunnel_messages import parcel


def with_head(method: bytes, *header: bytes) -> bytes:
    """An envelope as it can be written, whatever `domain.envelope.pack` would say."""
    head = b"\n".join((method, b"", b"", b"content-length", b"2", *header))
    return len(head).to_bytes(4) + head + b"{}"


def arrived(method: bytes, *header: bytes) -> Request:
    return arrival_of(replace(parcel(1), envelope=with_head(method, *header)), "ci").request


@pytest.mark.parametrize("name", [b"transfer-encoding", b"x_under.score~", b"x-1"])
def test_a_token_in_lower_case_is_the_name_of_a_header(name: bytes) -> None:
    assert arrived(b"POST", name, b"v \xff").header_values(name) == [b"v \xff"]


@pytest.mark.parametrize(
    "name",
    [
        b"Transfer-Encoding",
        b"transfer-encoding ",
        b"transfer-encoding: chunked\t",
        b" folded",
        b"x-a\rfoo",
        b"Content-Length",
        b"Host",
        b"Fleet-Verified",
        b"caf\xc3\xa9",
        b"\xe2\x84\xaaey",
        b"",
    ],
)
def test_other_names_could_hide_a_second_request_and_are_refused(name: bytes) -> None:
    with pytest.raises(ValueError, match="No ingress"):
        arrived(b"POST", name, b"chunked")


@pytest.mark.parametrize("value", [b"a\rtransfer-encoding: chunked", b"a\0b"])
def test_a_value_cannot_begin_another_header(value: bytes) -> None:
    with pytest.raises(ValueError, match="No ingress"):
        arrived(b"POST", b"x-a", value)


@pytest.mark.parametrize("method", [b"", b"post", b"GET /x HTTP/1.1\rfoo:"])
def test_a_method_is_one_word_in_capitals(method: bytes) -> None:
    with pytest.raises(ValueError, match="No ingress"):
        arrived(method)
