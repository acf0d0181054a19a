"""Reasons: what it means that an event was rejected. What to do about it, those say who show it."""

from typing import Final

from domain.event import Rejection

MEANINGS: Final[dict[Rejection, str]] = {
    Rejection.NO_SECRET: "the webhook demands signatures and has no secret",
    Rejection.MISSING_SIGNATURE: "it bears no signature",
    Rejection.MALFORMED_SIGNATURE: "what should be the signature is none, or is there twice",
    Rejection.WRONG_SIGNATURE: "no secret of the webhook makes its signature",
    Rejection.WRONG_KEY: "no secret of the webhook can be a key of this sender",
    Rejection.MISSING_FIELD: (
        "something that is signed is not in it: an id, a parameter of the webhook, or fields of a form"
    ),
    Rejection.UNMET_CONDITION: (
        "a header names a version or algorithm that is not accepted, or the hash of the body differs"
    ),
    Rejection.UNKNOWN_CERTIFICATE: "its certificate is not the sender's, or was not valid when it came",
    Rejection.DOCUMENT_MISSING: "a certificate that it names could not be had",
    Rejection.MISSING_TIMESTAMP: "it lacks the time that its signature needs",
    Rejection.MALFORMED_TIMESTAMP: "its time is none, or is there twice",
    Rejection.TOO_OLD: "it is signed correctly, but was signed too long before it came",
    Rejection.TOO_NEW: "it is signed correctly, but for a time too far in the future",
    Rejection.NO_VERIFY_TOKEN: "the sender checked the address with a token, and none is set here",
    Rejection.WRONG_VERIFY_TOKEN: "the sender checked the address with another token",
    Rejection.UNREADABLE: "what was kept of it was altered, or is gone",
    Rejection.WEBHOOK_DELETED: "its webhook was deleted before it was verified",
}
"""In the order of `Rejection`; to be set behind a colon."""
