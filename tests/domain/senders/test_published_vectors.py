"""Requests published by the senders and by independent receivers, and what the engine says of them."""

import base64
import json
from pathlib import Path
from typing import NotRequired, TypedDict, cast

import pytest

from domain.event import Rejection, Request
from domain.senders import SENDERS, verify


class Vector(TypedDict):
    provider: str
    scheme: str
    source: str
    provenance: str
    method: str
    url: str | None
    headers: dict[str, str]
    body_base64: str
    secret: str
    now: int | None
    expect: str
    note: NotRequired[str]


VECTORS = cast("list[Vector]", json.loads((Path(__file__).parent / "vectors.json").read_text("utf-8")))

SENDER_OF = {"github": "github", "stripe": "stripe", "slack": "slack", "generic-x-signature": "custom"}

SCHEME_OF = {
    "generic-hex": "custom-sha256-hex",
    "generic-sha512": "custom-sha512-hex",
    "generic-b64": "custom-sha256-base64",
    "generic-b64-sha512": "custom-sha512-base64",
}

REASON_BY_NOTE = {
    "prefix missing / not hex": Rejection.MALFORMED_SIGNATURE,
    "wrong secret": Rejection.WRONG_SIGNATURE,
    "non-ASCII header value must be a clean reject, not a crash": Rejection.MALFORMED_SIGNATURE,
    "signature header missing": Rejection.MISSING_SIGNATURE,
    "not hex": Rejection.MALFORMED_SIGNATURE,
    "no entry matches": Rejection.MALFORMED_SIGNATURE,
    "an empty configured secret must fail closed": Rejection.NO_SECRET,
    "400 s old, tolerance 300": Rejection.TOO_OLD,
    "body changed": Rejection.WRONG_SIGNATURE,
    "empty timestamp": Rejection.MALFORMED_TIMESTAMP,
    "malformed header": Rejection.MALFORMED_SIGNATURE,
    "": Rejection.WRONG_SIGNATURE,
    "far outside 300 s": Rejection.TOO_OLD,
    "timestamp header missing": Rejection.MISSING_TIMESTAMP,
}


def request_of(vector: Vector) -> Request:
    headers = tuple((name.lower().encode(), value.encode()) for name, value in vector["headers"].items())
    return Request(vector["method"], b"", b"", headers, base64.b64decode(vector["body_base64"]))


def received_at(vector: Vector) -> int:
    """Vectors without a moment of their own hold at any."""
    return (vector["now"] or 0) * 1000


@pytest.mark.parametrize("vector", [v for v in VECTORS if v["scheme"] != "github-sha1"])
def test_a_published_request_is_judged_as_its_publisher_says(vector: Vector) -> None:
    sender = SENDERS[SENDER_OF[vector["provider"]]]
    verdict = verify(sender, request_of(vector), [vector["secret"].encode()], received_at(vector))
    if vector["expect"] == "valid":
        assert verdict.ok
        assert verdict.scheme == SCHEME_OF.get(vector["scheme"], vector["scheme"])
        assert verdict.secret_index == 0
    else:
        assert not verdict.ok
        assert verdict.rejection is REASON_BY_NOTE[vector.get("note", "")]


@pytest.mark.parametrize("vector", [v for v in VECTORS if v["scheme"] == "github-sha1"])
def test_githubs_legacy_sha1_header_counts_for_nothing(vector: Vector) -> None:
    # GitHub signs with SHA-256 and SHA-1 at once. We offer no SHA-1 scheme, so that the weak signature can
    # never stand in for the strong one: even the vectors that are valid by themselves lack a signature.
    verdict = verify(SENDERS["github"], request_of(vector), [vector["secret"].encode()], received_at(vector))
    assert not verdict.ok
    assert verdict.rejection is Rejection.MISSING_SIGNATURE


def test_every_sender_of_the_catalogue_has_published_vectors() -> None:
    valid = {SENDER_OF[v["provider"]] for v in VECTORS if v["expect"] == "valid"}
    assert valid == set(SENDERS)


def test_the_vectors_are_all_there() -> None:
    assert len(VECTORS) == 33
