"""Whoever changes a byte of what is signed, of signature or secret is refused, whoever the sender is."""

import json
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.event import Headers, Request
from domain.senders import Scheme, verify
from domain.senders.source import Header, HeaderFamily
from tests.published import VECTORS, Vector, received_at, request_of, sender_of, site_of

law = settings(deadline=None, max_examples=400)

VALID = [vector for vector in VECTORS if vector["expect"] == "valid"]
vectors = st.sampled_from(VALID)
flips = st.integers(1, 255)
positions = st.integers(0, 1_000_000)


def accepts(vector: Vector, request: Request, secret: bytes | None = None) -> bool:
    secrets = [vector["secret"].encode() if secret is None else secret]
    return verify(sender_of(vector), request, secrets, received_at(vector), site_of(vector)).ok


def scheme_of(vector: Vector) -> Scheme:
    secret = [vector["secret"].encode()]
    sender = sender_of(vector)
    verdict = verify(sender, request_of(vector), secret, received_at(vector), site_of(vector))
    return next(scheme for scheme in sender.schemes if scheme.id == verdict.scheme)


def flipped(value: bytes, position: int, flip: int) -> bytes:
    at = position % len(value)
    return value[:at] + bytes([value[at] ^ flip]) + value[at + 1 :]


def says_the_same(vector: Vector, scheme: Scheme, one: bytes, other: bytes) -> bool:
    """Whether two bodies differ only in what the scheme does not sign, each in its own way."""
    if vector["provider"] == "aws-sns":
        return signed_fields(one) == signed_fields(other)
    if scheme.id == "twilio-form":
        return set(fields(one)) == set(fields(other))
    if vector["provider"] == "mailgun":
        return triple(one) == triple(other)
    return not scheme.covers_body and not scheme.conditions and scheme.hook is None


def fields(body: bytes) -> list[tuple[str, str]]:
    return parse_qsl(str(body, "utf-8", "replace"), keep_blank_values=True)


def triple(body: bytes) -> object:
    try:
        return json.loads(body)["signature"]
    except (ValueError, KeyError, TypeError):
        found = dict(fields(body))
        return [found.get(name) for name in ("timestamp", "token", "signature")]


def signed_fields(body: bytes) -> object:
    # Where the certificate is says nothing when its owner has stored it, as here.
    names = "Message MessageId Subject Timestamp TopicArn Type Token SubscribeURL Signature SignatureVersion"
    try:
        document = json.loads(body)
        return [document.get(name) for name in names.split()]
    except (ValueError, AttributeError):
        return body


@law
@given(vectors, positions, flips)
def test_a_flipped_byte_of_the_body_is_refused(vector: Vector, position: int, flip: int) -> None:
    request = request_of(vector)
    changed = flipped(request.body, position, flip) if request.body else bytes([flip])
    scheme = scheme_of(vector)
    assume(not says_the_same(vector, scheme, request.body, changed))
    assert not accepts(vector, replace(request, body=changed))


def signing_headers(vector: Vector) -> list[int]:
    """Which headers bear the signature, the time, or what else is signed."""
    scheme = scheme_of(vector)
    sources = [scheme.signature.source, *(source for _, source in scheme.variables)]
    if scheme.timestamp is not None:
        sources.append(scheme.timestamp.source)  # pyright: ignore[reportArgumentType]
    headers = request_of(vector).headers
    return [at for at, (name, _) in enumerate(headers) if any(reads(source, name) for source in sources)]


def reads(source: object, name: bytes) -> bool:
    if isinstance(source, Header):
        return source.key == name
    return isinstance(source, HeaderFamily) and source.pattern.fullmatch(name) is not None


def without(headers: Headers, at: int, value: bytes) -> Headers:
    return (*headers[:at], (headers[at][0], value), *headers[at + 1 :])


@law
@given(vectors, st.data(), positions, flips)
def test_a_flipped_byte_of_signature_or_timestamp_is_refused(
    vector: Vector, data: st.DataObject, position: int, flip: int
) -> None:
    request, scheme = request_of(vector), scheme_of(vector)
    at = data.draw(st.sampled_from(signing_headers(vector) or [-1]))
    assume(at >= 0)
    value = request.headers[at][1]
    separator = scheme.signature.separator or b"\0"
    entries = value.split(separator)

    def stands(changed: list[bytes]) -> bool:
        headers = without(request.headers, at, separator.join(changed))
        return accepts(vector, replace(request, headers=headers))

    # Without these entries the request is refused; the others belong to other versions or secrets.
    needed = [one for one in range(len(entries)) if not stands(entries[:one] + entries[one + 1 :])]
    assume(needed)
    chosen = data.draw(st.sampled_from(needed))
    changed = flipped(entries[chosen], position, flip)
    assume(not is_same_hex(entries[chosen], changed))
    # White space around a value is no part of it.
    assume(changed.strip(b" \t") != entries[chosen].strip(b" \t"))
    assert not stands([*entries[:chosen], changed, *entries[chosen + 1 :]])


def is_same_hex(one: bytes, other: bytes) -> bool:
    """Whether only the case of hex digits differs, after the same prefix. That changes nothing."""
    front, _, digits = one.rpartition(b"=")  # base64 is padded here: it has no digits after its last "="
    other_front, _, other_digits = other.rpartition(b"=")
    is_hex = all(digit in b"0123456789abcdefABCDEF" for digit in digits)
    return is_hex and front == other_front and digits.lower() == other_digits.lower()


# A certificate with a flipped byte may be one that is read with a warning.
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@law
@given(vectors, positions, flips)
def test_a_flipped_byte_of_the_secret_is_refused(vector: Vector, position: int, flip: int) -> None:
    secret = vector["secret"].encode()
    changed = flipped(secret, position, flip)
    assume(vector["provider"] != "discord" or not is_same_hex(secret, changed))
    assume(not is_same_key(secret, changed))
    assert not accepts(vector, request_of(vector), changed)


def is_same_key(one: bytes, other: bytes) -> bool:
    """Whether two certificates hold the same key: the rest of one is not what signs."""
    try:
        keys = [x509.load_pem_x509_certificate(pem).public_key() for pem in (one, other)]
    except (ValueError, UnsupportedAlgorithm):
        return False
    first, second = (key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) for key in keys)
    return first == second
