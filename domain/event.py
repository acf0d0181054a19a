"""An event: one accepted request, immutable."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

Headers = tuple[tuple[bytes, bytes], ...]
"""Names in lower case, in the order and repetition in which they arrived."""

HOP_BY_HOP: Final = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""Headers that speak of one connection, not of the message (RFC 9110, section 7.6.1)."""


_LEFT_OUT: Final = HOP_BY_HOP | {b"fleet-test"}
"""What is never kept. The last one is the word of a relay to an ingress, see `store.passes`."""


class EventState(StrEnum):
    """Where an event stands in the ledger."""

    WAITING = "waiting"
    FANNED_OUT = "fanned_out"
    UNMATCHED = "unmatched"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    EXPIRED = "expired"
    SET_ASIDE = "set_aside"


class Rejection(StrEnum):
    """Why an event never reached a subscription. Told to the owner, never to the sender."""

    NO_SECRET = "no_secret"  # noqa: S105 - a reason, not a secret
    MISSING_SIGNATURE = "missing_signature"
    MALFORMED_SIGNATURE = "malformed_signature"
    WRONG_SIGNATURE = "wrong_signature"
    WRONG_KEY = "wrong_key"
    MISSING_FIELD = "missing_field"
    UNMET_CONDITION = "unmet_condition"
    UNKNOWN_CERTIFICATE = "unknown_certificate"
    DOCUMENT_MISSING = "document_missing"
    MISSING_TIMESTAMP = "missing_timestamp"
    MALFORMED_TIMESTAMP = "malformed_timestamp"
    TOO_OLD = "too_old"
    TOO_NEW = "too_new"
    NO_VERIFY_TOKEN = "no_verify_token"  # noqa: S105 - likewise
    WRONG_VERIFY_TOKEN = "wrong_verify_token"  # noqa: S105 - likewise
    UNREADABLE = "unreadable"
    WEBHOOK_DELETED = "webhook_deleted"

    @property
    def is_of_signature(self) -> bool:
        """Whether the request itself was judged, so that an examination can say more."""
        return self not in {Rejection.UNREADABLE, Rejection.WEBHOOK_DELETED}


@dataclass(frozen=True, slots=True)
class Request:
    """What a sender sent, byte for byte, as far as it concerns the receiver.

    Attributes:
        method: the HTTP method, in capitals.
        path: what followed the token in the URL, still percent-encoded ("" or "/...").
        query: the raw query string without "?".
        headers: end-to-end headers.
        body: the body after transfer decoding, untouched.
    """

    method: str
    path: bytes
    query: bytes
    headers: Headers
    body: bytes

    def header(self, name: bytes) -> bytes | None:
        """The first value of a header (name in lower case), None when absent."""
        return next((value for key, value in self.headers if key == name), None)

    def header_values(self, name: bytes) -> list[bytes]:
        """Every value of a header (name in lower case), in order."""
        return [value for key, value in self.headers if key == name]


def end_to_end(headers: Sequence[tuple[bytes, bytes]]) -> Headers:
    """Headers without those that speak of one connection, those named by Connection included, and passes."""
    if _LEFT_OUT.isdisjoint([name for name, _ in headers]):
        return tuple(headers)
    named = {
        token.strip().lower()
        for name, value in headers
        if name == b"connection"
        for token in value.split(b",")
    }
    gone = _LEFT_OUT | named
    return tuple((name, value) for name, value in headers if name not in gone)
