"""Reasons: what it means that an event was rejected, and what to do where an attempt or a match failed.

What to do about a rejection, those say who show it. Commands stand in quotes: 'fleet status'.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from domain.event import Rejection
from domain.passed_over import Because

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

INVALID_AT_HOME: Final = "signature invalid at home"
"""How the note begins of a delivery that the private side refused for its signature; the reason follows."""

CLOCKS_AT_HOME: Final = "clocks disagree"
"""The note of a delivery whose time of receipt cannot be, by the clock of the private side."""

ADDRESS_AT_HOME: Final = "address not signed"
"""The note of a delivery whose method, path or query nobody has signed, so that they home believes none."""

_NOTES: Final[dict[str, str]] = {
    "timeout": "The program did not answer in time: see its log, or give its subscription more --timeout.",
    "connection refused": "Nothing listens at the target's address: start the program there.",
    "no connection": "The target's machine cannot be reached from the connector.",
    "host name not found": "The target's host name has no address: check the URL given to 'fleet connect'.",
    "TLS failed": "The target's certificate cannot be trusted, or it speaks no TLS: check its URL.",
    "connection lost": "The program hung up before it answered: see its log.",
    "no valid HTTP answer": "What listens at the target's address speaks no HTTP: check its URL.",
    "no answer in time": "The connector said nothing: see its output, and whether it still runs.",
    CLOCKS_AT_HOME: "By the connector's clock it came in the future, or long ago: set both clocks.",
    ADDRESS_AT_HOME: (
        "The sender does not sign its method, path and query. If your senders call with more than the URL of"
        " the webhook, write any_path = true under verify, start the connector again, and replay it."
    ),
    "exit 75": "The program asked to be run again: see the connector's output for the reason.",
    "command cannot be started": "The program is not there, or may not be run: see the connector's output.",
    "prompt failed": "The event lacks what the prompt uses: see the connector's output, and use default().",
    "path leaves the target": "The sender's path has '..' in it, which no target gets: check who sends this.",
    "not verified": (
        "Programs are run for verified events only: give the webhook a secret, verify at home, or allow it"
        " beside the target with allow_unverified = true."
    ),
    "body unreadable": "The relay could not open the event: its sealing key is missing there.",
}
_HOME: Final = (
    "Compare the secret in the vault of the private side with that at the sender, and let the sender send it"
    " again. Nobody but the sender can sign, so tests are refused for this."
)
_STATUSES: Final[dict[int, str]] = {
    401: "The program asks for a login that the sender does not give.",
    403: "The program forbids it: see its log.",
    404: "The program knows no such path: check the URL given to 'fleet connect'.",
    405: "The program takes no POST at that path: check the URL given to 'fleet connect'.",
}
_FAILED: Final = re.compile(r"exit [1-9][0-9]{0,2}|signal [0-9]{1,3}")
_PLAIN: Final = re.compile(r"[\w.:/-]+", re.ASCII)
"""A type that can be pasted into any shell, and that a filter takes for itself alone."""


NOT_VERIFIED: Final = "not verified"
"""The note of a delivery that no program was run for, because nobody has verified it."""

_PATH: Final = "path leaves the target"
_BY_CONNECTOR: Final[dict[str, str]] = {
    INVALID_AT_HOME: "the connector found its signature invalid at home",
    NOT_VERIFIED: "the connector runs no program for what nobody has verified",
    _PATH: "its path would lead out of the target's URL",
}
"""What a connector refuses by itself, by how the note begins."""


def refusal(note: str) -> str:
    """Who refused a delivery for ever and why, a clause: its connector, or the program behind it."""
    for begins, clause in _BY_CONNECTOR.items():
        if note.startswith(begins):
            return clause
    return "the program wants it never again"


def advice_on_refusal(note: str) -> str:
    """What to do about a delivery that was refused for ever; "" when its program wanted it so."""
    return advice_on(note) if any(note.startswith(begins) for begins in _BY_CONNECTOR) else ""


def advice_on(note: str) -> str:
    """What to do about the last answer of a target, a sentence; "" when it says all by itself."""
    if note in _NOTES:
        return _NOTES[note]
    if note.startswith(INVALID_AT_HOME):
        return _HOME
    if _FAILED.fullmatch(note):
        return f"The program failed ({note}): see the connector's output for the reason."
    if not note.isdecimal():
        return ""
    known = _STATUSES.get(int(note))
    return known or f"The program itself answered {note}: see its log for the reason."


def why_not(passed: Mapping[str, Any], kind: str) -> str:
    """Why a subscription did not get an event: to be set behind its name and a colon.

    Args:
        passed: an entry of `passed_over`, as the control API tells it.
        kind: the type of the event.
    """
    match passed["because"]:
        case Because.SENDER:
            return f"it takes events of {', '.join(passed['senders'])} only"
        case Because.EXPRESSION:
            return f"this event does not fulfil its expression, {passed['expression']}"
        case Because.EXPRESSION_FAILED:
            return f"its expression failed: {passed['detail']}. It is {passed['expression']}"
        case _:
            return _unasked(passed["events"], kind)


def _unasked(globs: Sequence[str], kind: str) -> str:
    if not globs:
        return "it gets commits, and pushes as they came only with --events git.push"
    wants = f"its filter is {', '.join(globs)}, and the type of this event is {kind or 'empty'}"
    if any(kind and glob.lower() == kind.lower() for glob in globs):
        return f"{wants}; filters know upper and lower case"
    return wants


def wish_for(webhook: str, kind: str) -> str:
    """The command by which somebody gets events like one that nobody wanted.

    Args:
        webhook: its name.
        kind: the type of the event; one that a shell or a filter may read otherwise is left out.
    """
    only = f" --events {kind}" if _PLAIN.fullmatch(kind) else ""
    return f"fleet subscriptions add NAME --webhook {webhook}{only}"
