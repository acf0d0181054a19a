"""Messages as WebSocket frames: JSON objects with a `type` as text, parcels as bytes (`parcels`).

Decoding trusts nothing: an unknown type, field, or a value out of bounds is a `ProtocolError`.
"""

from collections.abc import Callable
from dataclasses import fields
from json import JSONEncoder
from typing import Final

from domain.delivery import Outcome
from relay.tunnel import parcels
from relay.tunnel.fields import (
    Fields,
    checked_id,
    checked_integer,
    checked_printable,
    checked_seconds,
    columns,
    parse,
)
from relay.tunnel.messages import (
    MAX_CREDIT,
    MAX_HOLDING,
    MAX_ITEMS,
    MAX_NAME_CHARS,
    MAX_NOTE_CHARS,
    MAX_SENTENCE_CHARS,
    MAX_SUBSCRIPTIONS,
    VERSION,
    Beat,
    Bye,
    Confirmed,
    Credit,
    Held,
    Hello,
    Message,
    Parcel,
    Progress,
    ProtocolError,
    Result,
    Results,
    Served,
    Settled,
    Welcome,
    Working,
)
from relay.tunnel.problem import Problem, ProblemCode

_OUTCOMES: Final = {str(outcome): outcome for outcome in Outcome}
_encode = JSONEncoder(separators=(",", ":")).encode


class VersionError(ProtocolError):
    """The connector speaks another version of the protocol."""

    def __init__(self, version: int) -> None:
        super().__init__(
            f"This server speaks version {VERSION} of the tunnel protocol, the connector version {version};"
            " install the same release on both ends."
        )


def encode(message: Message) -> str | bytes:
    """The frame of a message: text, or bytes for a parcel."""
    if isinstance(message, Parcel):
        return parcels.encode(message)
    kind, names = _WRITERS[type(message)]
    return _encode({"type": kind, **{name: getattr(message, name) for name in names}})


def decode(frame: str | bytes) -> Message:
    """The message in a frame.

    Raises:
        ProtocolError: it is none.
    """
    if isinstance(frame, bytes):
        return parcels.decode(frame)
    content = parse(frame)
    kind = content.text("type", MAX_NAME_CHARS)
    read = _READERS.get(kind)
    if read is None:
        raise ProtocolError(f"There is no message of the type {kind!r}.")
    message = read(content)
    content.end()
    return message


def _hello(message: Fields) -> Hello:
    version = message.integer("version", 0)
    if version != VERSION:
        # The rest of it is in a language we do not know.
        raise VersionError(version)
    return Hello(
        message.id("tunnel", "tun"),
        message.items(
            "subscriptions", 1, MAX_SUBSCRIPTIONS, lambda name: checked_printable(name, MAX_NAME_CHARS)
        ),
        message.integer("credit", 0, MAX_CREDIT),
        message.items("holding", 0, MAX_HOLDING, _held),
        message.text("name", MAX_NAME_CHARS),
        message.text("release", MAX_NAME_CHARS),
        version,
    )


def _held(row: object) -> Held:
    delivery, attempt, tries = columns(row, 3)
    return Held(checked_id(delivery, "dlv"), checked_integer(attempt, 1), checked_integer(tries, 1))


def _welcome(message: Fields) -> Welcome:
    return Welcome(
        message.text("session", MAX_NAME_CHARS),
        message.seconds("lease_s"),
        message.seconds("heartbeat_s"),
        message.items("subscriptions", 1, MAX_SUBSCRIPTIONS, _served),
    )


def _served(row: object) -> Served:
    name, subscription, timeout_s = columns(row, 3)
    return Served(
        checked_printable(name, MAX_NAME_CHARS),
        checked_id(subscription, "sub"),
        checked_integer(timeout_s, 1),
    )


def _problem(message: Fields) -> Problem:
    return Problem(message.word("code", ProblemCode), message.text("sentence", MAX_SENTENCE_CHARS))


def _result(row: object) -> Result:
    delivery, attempt, outcome, note, retry_after_s = columns(row, 5)
    known = _OUTCOMES.get(outcome) if isinstance(outcome, str) else None
    if known is None:
        raise ProtocolError(f"An outcome is one of {', '.join(Outcome)}.")
    return Result(
        checked_id(delivery, "dlv"),
        checked_integer(attempt, 1),
        known,
        checked_printable(note, MAX_NOTE_CHARS),
        None if retry_after_s is None else checked_seconds(retry_after_s),
    )


def _working(row: object) -> Working:
    delivery, attempt = columns(row, 2)
    return Working(checked_id(delivery, "dlv"), checked_integer(attempt, 1))


def _confirmed(row: object) -> Confirmed:
    delivery, attempt = columns(row, 2)
    return Confirmed(checked_id(delivery, "dlv"), checked_integer(attempt, 1))


_READERS: Final[dict[str, Callable[[Fields], Message]]] = {
    "hello": _hello,
    "welcome": _welcome,
    "problem": _problem,
    "credit": lambda message: Credit(message.integer("slots", 0, MAX_CREDIT)),
    "results": lambda message: Results(message.items("items", 1, MAX_ITEMS, _result)),
    "progress": lambda message: Progress(message.items("items", 1, MAX_ITEMS, _working)),
    "settled": lambda message: Settled(message.items("items", 1, MAX_ITEMS, _confirmed)),
    "beat": lambda message: Beat(message.integer("number", 0)),
    "bye": lambda _: Bye(),
}

# Enumerations are strings and rows are tuples, so that the fields are JSON as they are.
_WRITERS: Final[dict[type, tuple[str, tuple[str, ...]]]] = {
    kind: (kind.__name__.lower(), tuple(field.name for field in fields(kind)))
    for kind in (Hello, Welcome, Problem, Credit, Results, Progress, Settled, Beat, Bye)
}
