"""Requests made to break the engine: each is refused with a reason, in bounded time, by every sender."""

import json
import time
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.event import Request
from domain.senders import SENDERS, Sender, Site, describe, looks_like, verify
from domain.senders.source import Header, HeaderFamily, ParameterHeader
from domain.senders.timestamp import SignatureEntry

NOW = 1_800_000_000_000
SITE = Site("https://hooks.example.com/t/token")
law = settings(deadline=None)
every_sender = pytest.mark.parametrize("sender", SENDERS.values(), ids=SENDERS.keys())
senders = st.sampled_from(list(SENDERS.values()))

SECRETS = [
    b"secret",
    b"whsec_c2VjcmV0c2VjcmV0c2VjcmV0",
    b"whpk_" + b"A" * 43 + b"=",
    b"00" * 32,
    b"user:password",
]
DEEP = [b"[" * 100_000, b'{"a":' * 100_000, b'{"signature":' * 100_000, b'{"value":[' * 50_000]
STAMPS = [
    b"1" + b"0" * 30,
    b"-1",
    b"NaN",
    b"",
    b"1e9",
    b"\xff",
    b"9999-99-99T99:99:99Z",
    b"0" * 10_000,
    b"\xb2",
]
VALUES = [
    b"",
    b" ",
    b"\xff\xfe",
    "⚠️".encode(),
    b"v1=" * 10_000,
    b",".join([b"v1=" + b"00" * 32] * 10_000),
    b" ".join([b"v1," + b"A" * 43 + b"="] * 10_000),
    b";".join([b"h1=" + b"00" * 32] * 10_000),
    b"t=1,v1=" + b"00" * 32,
    b"sha256=" + b"00" * 32,
    b"sha1=" + b"00" * 20,
    b"v0=" + b"00" * 32,
    b"Basic " + b"A" * 4000,
    b"JWT a.b.c",
    b"A" * 86 + b"==",
    b"MEUCIQ" + b"A" * 90,
]
BODIES = [
    b"",
    b"\xff\xfe\x00",
    b"null",
    b"[]",
    b"{}",
    b'{"signature": {"signature": "00", "timestamp": 1e400, "token": null}}',
    b'{"webhookTimestamp": ' + b"9" * 5000 + b"}",
    b'{"value": [' + b",".join([b'{"clientState": "x"}'] * 20_000) + b"]}",
    b'{"value": [{"clientState": "secret"}, {"clientState": 5}]}',
    b"a=%FF&b=%00&" * 5000,
    b"signature=00&timestamp=1&token=x&token=y",
    *DEEP,
]


def names_of(sender: Sender) -> list[bytes]:
    """The headers that a sender's description reads."""
    names: list[bytes] = [b"content-type"]
    for scheme in sender.schemes:
        conditions: list[object] = [condition.source for condition in scheme.conditions]
        stamp = scheme.timestamp.source if scheme.timestamp else None
        for source in (
            scheme.signature.source,
            stamp,
            *conditions,
            *(found for _, found in scheme.variables),
        ):
            if isinstance(source, Header):
                names.append(source.key)
            elif isinstance(source, HeaderFamily):
                names.append(source.stem.lower().encode() + b"primary")
            elif isinstance(source, ParameterHeader):
                names.append(source.default.lower().encode())
            else:
                assert not isinstance(source, SignatureEntry) or source.prefix
    return names


def refused(sender: Sender, request: Request, received_at: int = NOW) -> None:
    began = time.process_time()
    verdict = verify(sender, request, SECRETS, received_at, SITE)
    description = describe(sender, request)
    looks_like(request)
    spent = time.process_time() - began
    assert not verdict.ok
    assert verdict.rejection is not None
    assert len(description.event_type) <= 100
    assert description.event_id is None or 0 < len(description.event_id) <= 200
    assert spent < 2, f"{spent:.2f} s of processor time"


@every_sender
@pytest.mark.parametrize("content_type", [b"application/json", b"application/x-www-form-urlencoded"])
def test_no_hostile_header_or_body_passes_or_breaks_it(sender: Sender, content_type: bytes) -> None:
    names = [name for name in dict.fromkeys(names_of(sender)) if name != b"content-type"]
    for value, body in chain(((value, b"{}") for value in VALUES), ((VALUES[8], body) for body in BODIES)):
        headers = tuple((name, value) for name in names)
        refused(sender, Request("POST", b"", b"a=%ff", ((b"content-type", content_type), *headers), body))


@every_sender
def test_no_hostile_timestamp_passes_or_breaks_it(sender: Sender) -> None:
    names = names_of(sender)
    for stamp in STAMPS:
        document = {"webhookTimestamp": stamp.decode("latin-1"), "Timestamp": stamp.decode("latin-1")}
        headers = tuple((name, b"t=%b,ts=%b,v1=%b" % (stamp, stamp, b"00" * 32)) for name in names[:2])
        headers += tuple((name, stamp) for name in names[2:])
        refused(sender, Request("POST", b"", b"", headers, json.dumps(document).encode()))


@law
@given(
    senders,
    st.data(),
    st.one_of(st.binary(max_size=200), st.sampled_from(BODIES)),
    st.integers(-(10**30), 10**30),
)
def test_no_request_at_all_does(sender: Sender, data: st.DataObject, body: bytes, received_at: int) -> None:
    names = st.sampled_from(names_of(sender))
    values = st.one_of(st.binary(max_size=80), st.sampled_from([*VALUES, *STAMPS]))
    headers = data.draw(st.lists(st.tuples(names, values), max_size=6))
    refused(
        sender, Request("POST", b"", data.draw(st.binary(max_size=20)), tuple(headers), body), received_at
    )
