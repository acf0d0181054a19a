"""Requests published by the senders and by independent receivers, and what the engine says of them."""

import pytest

from domain.event import Rejection
from domain.senders import SENDERS, Verdict, verify
from tests.published import PINNED, VECTORS, Vector, received_at, request_of, sender_of, site_of

SCHEME_OF = {
    "generic-hex": "custom-sha256-hex",
    "generic-sha512": "custom-sha512-hex",
    "generic-b64": "custom-sha256-base64",
    "generic-b64-sha512": "custom-sha512-base64",
}

MALFORMED = {
    "prefix missing / not hex",
    "non-ASCII header value must be a clean reject, not a crash",
    "not hex",
    "no entry matches",
    "method not on the allow-list",
    "odd-length hex",
    "header present but empty (what an unsigned Gitea-family hook sends)",
    "malformed header",
    "empty signature",
    "truncated",
    "bad base64 length",
    "wrong (sha1-length) signature",
    "no ts",
    "no h1",
    "malformed",
}
REASONS = {
    "signature header missing": Rejection.MISSING_SIGNATURE,
    "header missing": Rejection.MISSING_SIGNATURE,
    "an empty configured secret must fail closed": Rejection.NO_SECRET,
    "empty secret after prefix must fail closed": Rejection.WRONG_KEY,
    "400 s old, tolerance 300": Rejection.TOO_OLD,
    "far outside 300 s": Rejection.TOO_OLD,
    "301 s old": Rejection.TOO_OLD,
    "outside 300 s": Rejection.TOO_OLD,
    "6 s: vendor default tolerance is only 5 s": Rejection.TOO_OLD,
    "older than 600 s": Rejection.TOO_OLD,
    "301 s in the future": Rejection.TOO_NEW,
    "delivery timestamp in the future is refused": Rejection.TOO_NEW,
    "empty timestamp": Rejection.MALFORMED_TIMESTAMP,
    "timestamp not a number": Rejection.MALFORMED_TIMESTAMP,
    "timestamp replaced by text": Rejection.MALFORMED_TIMESTAMP,
    "valid Ed25519 primitive, but an empty timestamp header must be refused": Rejection.MALFORMED_TIMESTAMP,
    "timestamp header missing": Rejection.MISSING_TIMESTAMP,
    "id header missing": Rejection.MISSING_FIELD,
    "body no longer matches bodySHA256": Rejection.UNMET_CONDITION,
    "unknown version": Rejection.UNMET_CONDITION,
    "unknown algorithm": Rejection.UNMET_CONDITION,
    "algorithm header altered": Rejection.UNMET_CONDITION,
    "SigningCertURL host not Amazon: must refuse before fetching": Rejection.UNKNOWN_CERTIFICATE,
}
"""What the notes of the others speak of is a signature of something else."""


def judged(vector: Vector) -> Verdict:
    secret = vector["secret"].encode()
    return verify(sender_of(vector), request_of(vector), [secret], received_at(vector), site_of(vector))


def named(vectors: list[Vector]) -> list[object]:
    return [pytest.param(vector, id=f"{vector['scheme']}-{at}") for at, vector in enumerate(vectors)]


@pytest.mark.parametrize("vector", named([v for v in VECTORS if v["expect"] == "valid"]))
def test_a_request_that_is_valid_is_accepted(vector: Vector) -> None:
    verdict = judged(vector)
    assert verdict.rejection is None
    assert verdict.secret_index == 0
    expected = SCHEME_OF.get(vector["scheme"], vector["scheme"])
    if vector["provider"] == "svix" and "webhook-id" in vector["headers"]:
        expected = "svix-webhook-v1"
    assert verdict.scheme == expected


@pytest.mark.parametrize("vector", named([v for v in VECTORS if v["expect"] == "invalid"]))
def test_a_request_that_is_not_is_refused_with_the_check_that_failed(vector: Vector) -> None:
    verdict = judged(vector)
    assert not verdict.ok
    note = vector.get("note", "")
    allowed = {REASONS.get(note, Rejection.WRONG_SIGNATURE)}
    if note in MALFORMED:
        allowed = {Rejection.MALFORMED_SIGNATURE}
    if not note:
        allowed |= {Rejection.MALFORMED_SIGNATURE, Rejection.MISSING_SIGNATURE}
    assert verdict.rejection in allowed


@pytest.mark.parametrize("vector", named([v for v in VECTORS if v["scheme"] in PINNED]))
def test_a_weak_way_of_signing_counts_for_nothing_unless_the_owner_pins_it(vector: Vector) -> None:
    sender = SENDERS[vector["provider"]]
    verdict = verify(
        sender, request_of(vector), [vector["secret"].encode()], received_at(vector), site_of(vector)
    )
    assert verdict.rejection is Rejection.MISSING_SIGNATURE


def test_the_vectors_are_all_there() -> None:
    assert len(VECTORS) == 175
