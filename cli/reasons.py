"""Why an event was rejected and why an attempt failed, in plain words, with what to do next."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from domain.event import Rejection
from domain.reasons import MEANINGS

_SENDER: Final = "Check that the webhook has the right sender: 'fleet webhooks show {webhook}'."
_CLOCKS: Final = "Check the clocks; if they are right, somebody has sent an old request again."
_DOCTOR: Final = "'fleet doctor signature {webhook}' finds out why at the next request."


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason in words.

    Attributes:
        meaning: what it means, to be set behind a colon.
        advice: what to do, sentences in which {webhook} is the name of the webhook; "" for nothing.
    """

    meaning: str
    advice: str


_ADVICE: Final[dict[Rejection, str]] = {
    Rejection.NO_SECRET: "Store the secret of the sender: 'fleet webhooks set-secret {webhook}'.",
    Rejection.MISSING_SIGNATURE: (
        "Enter the secret at the sender; if it is there, a proxy may have removed the header."
    ),
    Rejection.MALFORMED_SIGNATURE: _SENDER,
    Rejection.WRONG_SIGNATURE: _DOCTOR,
    Rejection.WRONG_KEY: (
        "Store the secret exactly as the sender shows it: 'fleet webhooks set-secret {webhook}'."
    ),
    Rejection.MISSING_FIELD: _SENDER,
    Rejection.UNMET_CONDITION: _SENDER,
    Rejection.UNKNOWN_CERTIFICATE: f"It is usually a forgery. {_SENDER}",
    Rejection.DOCUMENT_MISSING: (
        "Let the workers fetch it (FLEET_OUTBOUND), or store it as the secret of the webhook."
    ),
    Rejection.MISSING_TIMESTAMP: _SENDER,
    Rejection.MALFORMED_TIMESTAMP: _SENDER,
    Rejection.TOO_OLD: _CLOCKS,
    Rejection.TOO_NEW: _CLOCKS,
    Rejection.NO_VERIFY_TOKEN: "Set it: 'fleet webhooks update {webhook} --set verify_token'.",
    Rejection.WRONG_VERIFY_TOKEN: "Enter the same token at the sender and here.",
    Rejection.UNREADABLE: "Find out who else writes to this Redis; the log of the worker names the event.",
    Rejection.WEBHOOK_DELETED: "",
}

REJECTIONS: Final = {reason: Reason(meaning, _ADVICE[reason]) for reason, meaning in MEANINGS.items()}
"""In the order of `Rejection`."""


def attempt_words(note: str) -> str:
    """What an attempt met with, to be set behind the name of the attempt: `answered 500`, `timeout`."""
    if not note.isdecimal():
        return note or "no answer"
    status = int(note)
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else ""
    return f"the program answered {note}{f' ({phrase})' if phrase else ''}"
