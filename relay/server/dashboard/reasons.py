"""Why an event was rejected, and what its owner can do, in a sentence each."""

from typing import Final

from domain.event import Rejection

WORDS: Final[dict[Rejection, tuple[str, str]]] = {
    Rejection.NO_SECRET: (
        "The webhook demands signatures and has no secret.",
        "Give it the secret of the sender, on the page of the webhook.",
    ),
    Rejection.MISSING_SIGNATURE: (
        "The sender's signature header is not there.",
        "Enter the secret at the sender. If it is there, a proxy may have removed the header.",
    ),
    Rejection.MALFORMED_SIGNATURE: (
        "The signature header is there twice, or holds no signature of the right form.",
        "Check that the webhook has the right sender.",
    ),
    Rejection.WRONG_SIGNATURE: (
        "No secret of the webhook makes this signature.",
        "Compare the secret on both sides, or rotate it. A proxy may have changed the body.",
    ),
    Rejection.WRONG_KEY: (
        "No secret of the webhook can be a key of this sender.",
        "Store the secret exactly as the sender shows it.",
    ),
    Rejection.MISSING_FIELD: (
        "Something else that is signed is absent: an id, a parameter, a field of a form.",
        "Check that the webhook has the right sender, and its parameters.",
    ),
    Rejection.UNMET_CONDITION: (
        "A header names a version or algorithm that is not accepted, or the hash of the body differs.",
        "Check that the webhook has the right sender. A proxy may have changed the body.",
    ),
    Rejection.UNKNOWN_CERTIFICATE: (
        "The certificate is not the sender's, or was not valid when the request came.",
        "Usually a forgery. Check that the webhook has the right sender.",
    ),
    Rejection.DOCUMENT_MISSING: (
        "A certificate that the request names could not be had.",
        "Let workers fetch it (FLEET_OUTBOUND), or store it as the secret.",
    ),
    Rejection.MISSING_TIMESTAMP: (
        "The signature needs a timestamp, and there is none.",
        "Check that the webhook has the right sender.",
    ),
    Rejection.MALFORMED_TIMESTAMP: (
        "The timestamp is none, or comes twice.",
        "Check that the webhook has the right sender.",
    ),
    Rejection.TOO_OLD: (
        "It was signed correctly, but too long before it arrived.",
        "Check the clocks. Otherwise somebody has sent an old request again.",
    ),
    Rejection.TOO_NEW: ("It was signed correctly, but too far in the future.", "Check the clocks."),
    Rejection.NO_VERIFY_TOKEN: (
        "The sender checked the address with a token, and the webhook has none.",
        "Set the parameter verify_token of the webhook.",
    ),
    Rejection.WRONG_VERIFY_TOKEN: (
        "The sender checked the address with another token than the webhook's.",
        "Enter the same token at the sender and here.",
    ),
    Rejection.UNREADABLE: (
        "The sealed event was altered, or its body is gone.",
        "See who else writes to this Redis; the worker's log names the event.",
    ),
    Rejection.WEBHOOK_DELETED: (
        "The webhook was deleted before a worker was there.",
        "Nothing is left to do.",
    ),
}


def why(reason: str) -> tuple[str, str]:
    """What a reason means, and what to do about it.

    Args:
        reason: as the control API names it.
    """
    return (
        WORDS[Rejection(reason)]
        if reason in set(Rejection)
        else (f"{reason.replace('_', ' ').capitalize()}.", "")
    )
