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

_NOTES: Final[dict[str, str]] = {
    "timeout": "The program did not answer in time: see its log, or give its subscription more --timeout.",
    "connection refused": "Nothing listens at the target's address: start the program there.",
    "no connection": "The target's machine cannot be reached from the connector.",
    "host name not found": "The target's host name has no address: check the URL given to 'fleet connect'.",
    "TLS failed": "The target's certificate cannot be trusted, or it speaks no TLS: check its URL.",
    "connection lost": "The program hung up before it answered: see its log.",
    "no valid HTTP answer": "What listens at the target's address speaks no HTTP: check its URL.",
    "no answer in time": "The connector said nothing: see its output, and whether it still runs.",
    "body unreadable": "The relay could not open the event: its sealing key is missing there.",
}
_STATUSES: Final[dict[int, str]] = {
    401: "The program asks for a login that the sender does not give.",
    403: "The program forbids it: see its log.",
    404: "The program knows no such path: check the URL given to 'fleet connect'.",
    405: "The program takes no POST at that path: check the URL given to 'fleet connect'.",
}


def attempt_words(note: str) -> str:
    """What an attempt met with, to be set behind the name of the attempt: `answered 500`, `timeout`."""
    if not note.isdecimal():
        return note or "no answer"
    status = int(note)
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else ""
    return f"the program answered {note}{f' ({phrase})' if phrase else ''}"


def advice_on(note: str) -> str:
    """What to do about the last answer of a target, a sentence; "" when it says all by itself."""
    if note in _NOTES:
        return _NOTES[note]
    if not note.isdecimal():
        return ""
    known = _STATUSES.get(int(note))
    return known or f"The program itself answered {note}: see its log for the reason."
