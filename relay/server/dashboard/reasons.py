"""Why an event was rejected, and what its owner can do on these pages, in a sentence each."""

from typing import Final

from domain.event import Rejection
from domain.reasons import MEANINGS

_ADVICE: Final[dict[Rejection, str]] = {
    Rejection.NO_SECRET: "Give it the secret of the sender, on the page of the webhook.",
    Rejection.MISSING_SIGNATURE: (
        "Enter the secret at the sender. If it is there, a proxy may have removed the header."
    ),
    Rejection.MALFORMED_SIGNATURE: "Check that the webhook has the right sender.",
    Rejection.WRONG_SIGNATURE: (
        "Compare the secret on both sides, or rotate it. A proxy may have changed the body."
    ),
    Rejection.WRONG_KEY: "Store the secret exactly as the sender shows it.",
    Rejection.MISSING_FIELD: "Check that the webhook has the right sender, and its parameters.",
    Rejection.UNMET_CONDITION: (
        "Check that the webhook has the right sender. A proxy may have changed the body."
    ),
    Rejection.UNKNOWN_CERTIFICATE: "Usually a forgery. Check that the webhook has the right sender.",
    Rejection.DOCUMENT_MISSING: "Let workers fetch it (FLEET_OUTBOUND), or store it as the secret.",
    Rejection.MISSING_TIMESTAMP: "Check that the webhook has the right sender.",
    Rejection.MALFORMED_TIMESTAMP: "Check that the webhook has the right sender.",
    Rejection.TOO_OLD: "Check the clocks. Otherwise somebody has sent an old request again.",
    Rejection.TOO_NEW: "Check the clocks.",
    Rejection.NO_VERIFY_TOKEN: "Set the parameter verify_token of the webhook.",
    Rejection.WRONG_VERIFY_TOKEN: "Enter the same token at the sender and here.",
    Rejection.UNREADABLE: "See who else writes to this Redis; the worker's log names the event.",
    Rejection.WEBHOOK_DELETED: "Nothing is left to do.",
}


def why(reason: str) -> tuple[str, str]:
    """What a reason means, and what to do about it.

    Args:
        reason: as the control API names it.
    """
    if reason not in set(Rejection):
        return f"{reason.replace('_', ' ').capitalize()}.", ""
    meaning = MEANINGS[Rejection(reason)]
    return f"{meaning[0].upper()}{meaning[1:]}.", _ADVICE[Rejection(reason)]
