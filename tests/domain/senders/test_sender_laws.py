"""Laws that hold for every sender and every request."""

import base64
import json
from pathlib import Path
from typing import Any

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from domain.event import Headers, Request
from domain.senders import SENDERS, Sender, describe, sign, verify
from tests.questions import answered

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "vectors.json").read_text("utf-8"))
FOUR = {"github": "github", "stripe": "stripe", "slack": "slack", "generic-x-signature": "custom"}
VALID = [
    v for v in VECTORS if v["expect"] == "valid" and v["provider"] in FOUR and v["scheme"] != "github-sha1"
]
SENDER_OF = FOUR
NOW = 1_800_000_000_000

law = settings(deadline=None)  # a busy machine breaks no law

senders = st.sampled_from([SENDERS[key] for key in FOUR.values()])
vectors = st.sampled_from(VALID)
flips = st.integers(1, 255)
positions = st.integers(0, 100_000)
secrets = st.binary(min_size=1, max_size=100)


def post(headers: Headers, body: bytes) -> Request:
    return Request("POST", b"", b"", headers, body)


def headers_of(vector: dict[str, Any]) -> Headers:
    return tuple((name.lower().encode(), value.encode()) for name, value in vector["headers"].items())


def accepted(vector: dict[str, Any], headers: Headers, body: bytes, secret: bytes) -> bool:
    sender = SENDERS[SENDER_OF[vector["provider"]]]
    return verify(sender, post(headers, body), [secret], (vector["now"] or 0) * 1000).ok


def flipped(value: bytes, position: int, flip: int) -> bytes:
    at = position % len(value)
    return value[:at] + bytes([value[at] ^ flip]) + value[at + 1 :]


def needed_entries(vector: dict[str, Any], headers: Headers, at: int) -> list[int]:
    """Which entries of a header the verdict rests on: without one of them the request is refused."""
    body, secret = base64.b64decode(vector["body_base64"]), vector["secret"].encode()
    name, value = headers[at]
    entries = value.split(b",")

    def stands_without(entry: int) -> bool:
        rest = b",".join(entries[:entry] + entries[entry + 1 :])
        return accepted(vector, (*headers[:at], (name, rest), *headers[at + 1 :]), body, secret)

    return [entry for entry in range(len(entries)) if not stands_without(entry)]


@law
@given(vectors, positions, flips)
def test_a_changed_byte_of_the_body_is_refused(vector: dict[str, Any], position: int, flip: int) -> None:
    body, secret = base64.b64decode(vector["body_base64"]), vector["secret"].encode()
    changed = flipped(body, position, flip) if body else bytes([flip])
    assert accepted(vector, headers_of(vector), body, secret)
    assert not accepted(vector, headers_of(vector), changed, secret)


@law
@given(vectors, positions, flips)
def test_a_changed_byte_of_the_secret_is_refused(vector: dict[str, Any], position: int, flip: int) -> None:
    body, secret = base64.b64decode(vector["body_base64"]), vector["secret"].encode()
    assert not accepted(vector, headers_of(vector), body, flipped(secret, position, flip))


@law
@given(vectors, st.data(), positions, flips)
def test_a_changed_byte_of_signature_or_timestamp_is_refused(
    vector: dict[str, Any], data: st.DataObject, position: int, flip: int
) -> None:
    body, secret = base64.b64decode(vector["body_base64"]), vector["secret"].encode()
    headers = headers_of(vector)
    signing = [at for at, (name, _) in enumerate(headers) if name != b"content-type"]
    at = data.draw(st.sampled_from(signing))
    name, value = headers[at]
    entries = value.split(b",")
    entry = data.draw(st.sampled_from(needed_entries(vector, headers, at)))
    changed = flipped(entries[entry], position, flip)
    assume(not same_hex(entries[entry], changed))
    header = (name, b",".join([*entries[:entry], changed, *entries[entry + 1 :]]))
    assert not accepted(vector, (*headers[:at], header, *headers[at + 1 :]), body, secret)


def same_hex(one: bytes, other: bytes) -> bool:
    """Whether only the case of hex digits differs, after the same prefix. That changes nothing."""
    front, _, digits = one.rpartition(b"=")  # base64 is padded here: it has no digits after its last "="
    other_front, _, other_digits = other.rpartition(b"=")
    return front == other_front and digits.lower() == other_digits.lower()


@law
@given(senders, st.binary(max_size=2000), secrets, st.integers(0, 10**14))
def test_what_is_signed_verifies(sender: Sender, body: bytes, secret: bytes, now: int) -> None:
    signature = sign(sender, post((), body), secret, now).headers
    verdict = verify(sender, post(signature, body), [secret], now)
    assert verdict.ok
    assert verdict.scheme == sender.schemes[0].id


@law
@given(senders, st.binary(max_size=200), secrets, secrets)
def test_what_another_secret_signed_does_not(
    sender: Sender, body: bytes, secret: bytes, other: bytes
) -> None:
    assume(secret.rstrip(b"\0") != other.rstrip(b"\0"))  # HMAC pads its key with zeros (RFC 2104)
    signature = sign(sender, post((), body), other, NOW).headers
    assert not verify(sender, post(signature, body), [secret], NOW).ok


@law
@given(senders, st.binary(max_size=200), st.lists(secrets, min_size=1, max_size=5, unique=True), st.data())
def test_any_of_several_secrets_may_match(
    sender: Sender, body: bytes, ring: list[bytes], data: st.DataObject
) -> None:
    assume(len({secret.rstrip(b"\0") for secret in ring}) == len(ring))
    index = data.draw(st.integers(0, len(ring) - 1))
    signature = sign(sender, post((), body), ring[index], NOW).headers
    assert verify(sender, post(signature, body), ring, NOW).secret_index == index


@law
@given(senders, st.binary(max_size=200), st.lists(st.just(b""), max_size=3))
def test_an_empty_secret_never_verifies(sender: Sender, body: bytes, ring: list[bytes]) -> None:
    signature = sign(sender, post((), body), b"\0", NOW).headers  # equal to an empty key, as far as HMAC goes
    assert not verify(sender, post(signature, body), ring, NOW).ok


names = st.sampled_from(
    [
        b"x-hub-signature-256",
        b"x-hub-signature",
        b"stripe-signature",
        b"x-slack-signature",
        b"x-slack-request-timestamp",
        b"x-signature",
        b"x-github-event",
        b"x-github-delivery",
        b"x-event-type",
        b"content-type",
    ]
)
hexes = st.binary(min_size=31, max_size=65).map(lambda plain: plain.hex().encode())
pieces = st.one_of(
    st.binary(max_size=20),
    hexes,
    st.sampled_from(
        [b"sha256=", b"sha512=", b"v0=", b"v1=", b"t=", b",", b"=", b" ", b"-", b"1", b"9" * 31, b"\xff"]
    ),
    st.just(b"application/x-www-form-urlencoded"),
)
values = st.lists(pieces, max_size=8).map(b"".join)
documents = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["type", "id", "event", "event_id", "challenge", "payload"]), inner, max_size=3
        ),
    ),
    max_leaves=10,
)
bodies = st.one_of(
    st.binary(max_size=300),
    documents.map(lambda document: json.dumps(document).encode()),
    documents.map(lambda document: b"payload=" + json.dumps(document).encode()),
    st.just(b'{"type": "url_verification", "challenge": "\\ud800"}'),
    st.lists(st.sampled_from([b"command", b"payload", b"=", b"&", b"%", b"%ff", b"%7B%7D", b"+"])).map(
        b"".join
    ),
)


@law
@given(senders, st.lists(st.tuples(names, values), max_size=6), bodies, st.integers(-(10**30), 10**30))
@example(SENDERS["stripe"], [], b"[" * 100_000, NOW)
@example(SENDERS["slack"], [], b'{"event":' * 100_000, NOW)
@example(SENDERS["slack"], [(b"content-type", b"application/x-www-form-urlencoded")], b"&" * 100_000, NOW)
@example(
    SENDERS["slack"],
    [(b"content-type", b"application/x-www-form-urlencoded")],
    b"payload=" + b"[" * 100_000,
    NOW,
)
def test_no_request_makes_the_engine_raise_or_accept(
    sender: Sender, headers: list[tuple[bytes, bytes]], body: bytes, received_at: int
) -> None:
    request = post(tuple(headers), body)
    verdict = verify(sender, request, [b"secret"], received_at)
    assert not verdict.ok
    assert verdict.rejection is not None
    description = describe(sender, request)
    assert len(description.event_type) <= 100
    assert description.event_type.isascii()
    assert description.event_id is None or 0 < len(description.event_id) <= 200
    answer = answered(sender.key, request, [b"secret"], now=received_at)
    assert answer is None or answer.status == 401
