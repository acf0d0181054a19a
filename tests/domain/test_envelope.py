"""What is packed comes out as it was."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.envelope import pack, unpack
from domain.event import Request, end_to_end

lines = st.binary(max_size=40).map(lambda raw: raw.replace(b"\n", b"."))
requests = st.builds(
    Request,
    st.just("POST"),
    lines,
    lines,
    st.lists(st.tuples(lines, lines), max_size=8).map(tuple),
    st.binary(max_size=200),
)


@given(requests)
def test_every_request_survives(request: Request) -> None:
    assert unpack(pack(request)) == request


@given(st.binary(max_size=60))
def test_rubbish_is_refused_and_nothing_else_happens(raw: bytes) -> None:
    with suppress(ValueError):
        assert isinstance(unpack(raw), Request)


@pytest.mark.parametrize("part", ["path", "query", "header"])
def test_a_newline_cannot_smuggle_a_header_in(part: str) -> None:
    parts = {"path": b"", "query": b"", "header": b"v", part: b"a\nfleet-verified"}
    with pytest.raises(ValueError, match="newline"):
        pack(Request("POST", parts["path"], parts["query"], ((b"n", parts["header"]),), b""))


def test_headers_of_one_connection_stay_behind() -> None:
    sent = [
        (b"host", b"h"),
        (b"connection", b"close, X-Secret-Hop"),
        (b"x-secret-hop", b"1"),
        (b"transfer-encoding", b"chunked"),
        (b"te", b"trailers"),
        (b"x-kept", b"1"),
        (b"x-kept", b"2"),
    ]
    assert end_to_end(sent) == ((b"host", b"h"), (b"x-kept", b"1"), (b"x-kept", b"2"))
