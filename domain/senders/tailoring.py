"""Tailoring: a sender as the owner of a webhook has fitted it, by parameters."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final, cast

from domain.errors import InvalidInputError
from domain.event import HOP_BY_HOP
from domain.senders.encoding import Encoding
from domain.senders.instruction import instruction
from domain.senders.method import Digest, Hmac
from domain.senders.scheme import Scheme, Signature
from domain.senders.sender import Parameter, Sender
from domain.senders.source import Header
from domain.senders.template import BODY, TIMESTAMP, Template
from domain.senders.timestamp import Timestamp

SCHEME: Final = "scheme"
"""The parameter that every sender with several schemes has: the only one that counts."""

MAX_PARAMETER_CHARS: Final = 500
DEFAULT_TOLERANCE_S: Final = 300
MAX_TOLERANCE_S: Final = 24 * 3600

_SIGNING: Final = frozenset(
    {"header", "algorithm", "encoding", "prefix", "signed", "timestamp_header", "tolerance_s"}
)
_ANY: Final = (re.compile(".*"), "")
_FORMS: Final[Mapping[str, tuple[re.Pattern[str], str]]] = {
    "url": (
        re.compile(r"https?://[^\s/?#]+[^\s#]*", re.IGNORECASE),
        "is an address such as https://hooks.example.org/orders, without a fragment (#...).",
    ),
    "topic_arn": (
        re.compile(r"arn:aws[a-z-]*:sns:[^:\s]+:[^:\s]+:[^:\s]+"),
        "looks like arn:aws:sns:eu-central-1:123456789012:orders.",
    ),
}
# What does not reach us as it was sent (see `domain.event.end_to_end`), or says where a request ends.
_OF_CONNECTIONS: Final = HOP_BY_HOP | {b"content-length", b"expect", b"host", b"fleet-test"}
_TOKEN_CHARS: Final = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")


def parameters_of(sender: Sender) -> tuple[Parameter, ...]:
    """What a webhook of this sender can be told."""
    if len(sender.schemes) < 2:  # noqa: PLR2004 - one is no choice
        return sender.parameters
    pin = Parameter(
        SCHEME, "The one way of signing that counts.", choices=tuple(each.id for each in sender.schemes)
    )
    return (*sender.parameters, pin)


def tailored(sender: Sender, parameters: Mapping[str, str]) -> Sender:
    """The sender with what its owner has set.

    Args:
        sender: as the catalogue has it.
        parameters: see `parameters_of`.

    Raises:
        InvalidInputError: a parameter is unknown or cannot be meant so.
    """
    return _tailored(sender, tuple(sorted(parameters.items()))) if parameters else sender


@lru_cache(maxsize=1024)
def _tailored(sender: Sender, settings: tuple[tuple[str, str], ...]) -> Sender:
    parameters = dict(settings)
    _check(sender, parameters)
    if pinned := parameters.get(SCHEME):
        sender = _signing(sender, tuple(each for each in sender.schemes if each.id == pinned))
    if sender.is_own and (own := _SIGNING & parameters.keys()):
        if pinned:
            raise InvalidInputError(SCHEME, f"scheme and {min(own)} exclude each other; choose one.")
        sender = _signing(sender, _own_schemes(sender, parameters))
    if header := parameters.get("event_type_header"):
        sender = replace(sender, event_type=(_header("event_type_header", header),))
    if header := parameters.get("id_header"):
        sender = replace(sender, event_id=(_header("id_header", header),))
    return sender


def _signing(sender: Sender, schemes: tuple[Scheme, ...]) -> Sender:
    """The sender with other schemes; a program of one's own is told what it has to send now."""
    if not sender.is_own:
        return replace(sender, schemes=schemes)
    return replace(sender, schemes=schemes, secret=replace(sender.secret, where=instruction(schemes[0])))


def _check(sender: Sender, parameters: Mapping[str, str]) -> None:
    known = {parameter.name: parameter for parameter in parameters_of(sender)}
    for name, value in parameters.items():
        if name not in known:
            wanted = ", ".join(sorted(known)) or "none at all"
            raise InvalidInputError(
                name[:64], f"{sender.title} has no parameter {name[:64]!r}; it has {wanted}."
            )
        if not 0 < len(value) <= MAX_PARAMETER_CHARS or not value.isprintable():
            raise InvalidInputError(name, f"{name} is one line of 1 to {MAX_PARAMETER_CHARS} characters.")
        choices = known[name].choices
        if choices and value not in choices:
            raise InvalidInputError(name, f"{name} is one of {', '.join(choices)}.")
        form, sentence = _FORMS.get(name, _ANY)
        if not form.fullmatch(value):
            raise InvalidInputError(name, f"{name} {sentence}")
    for name in ("auth_header", "header", "timestamp_header"):
        if name in parameters:
            _header(name, parameters[name])


def _header(parameter: str, name: str) -> Header:
    """A header of that name (RFC 9110, section 5.1)."""
    if not set(name.lower()) <= _TOKEN_CHARS:
        raise InvalidInputError(parameter, f"{parameter} is the name of a header, such as X-Signature.")
    if name.lower().encode() in _OF_CONNECTIONS:
        raise InvalidInputError(parameter, f"{parameter} cannot be {name}: that is about the connection.")
    return Header(name)


def _own_schemes(sender: Sender, parameters: Mapping[str, str]) -> tuple[Scheme, ...]:
    """What an owner describes, in hex and in base64 unless one of them is named."""
    chosen = parameters.get("encoding")
    encodings = [Encoding(chosen)] if chosen else [Encoding.HEX, Encoding.BASE64]
    return tuple(_own_scheme(sender, parameters, encoding) for encoding in encodings)


def _own_scheme(sender: Sender, parameters: Mapping[str, str], encoding: Encoding) -> Scheme:
    digest = cast("Digest", parameters.get("algorithm", "sha256"))
    prefix = parameters.get("prefix")
    signature = Signature(
        _header("header", parameters.get("header", "X-Signature")),
        encoding,
        (f"{digest}=" if prefix is None else prefix).encode(),
        prefix_optional=prefix is None,
        separator=b"," if encoding is Encoding.HEX else None,
    )
    text = _text(parameters)
    identity = _header("id_header", parameters.get("id_header", "X-Event-Id"))
    return Scheme(
        f"{sender.key}-{digest}-{encoding}",
        signature,
        text,
        Hmac(digest),
        timestamp=_timestamp(parameters, text),
        variables=(("id", identity),) if "id" in text.names else (),
    )


def _text(parameters: Mapping[str, str]) -> Template:
    stamped = "{timestamp}.{body}" if "timestamp_header" in parameters else "{body}"
    try:
        text = Template(parameters.get("signed", stamped))
    except ValueError:
        raise InvalidInputError(
            "signed", "signed is a text with places such as {timestamp}.{body}."
        ) from None
    known = {BODY, TIMESTAMP, "id", "method", "url"}
    if unknown := sorted(text.names - known):
        raise InvalidInputError(
            "signed", f"signed has no place {{{unknown[0][:64]}}}; it has {', '.join(sorted(known))}."
        )
    if len(text.names) < sum(1 for _, place in text.pieces if place):
        raise InvalidInputError("signed", "signed has each place once: each costs time with every request.")
    if BODY not in text.names:
        raise InvalidInputError("signed", "signed has to contain {body}: otherwise any body would pass.")
    return text


def _timestamp(parameters: Mapping[str, str], text: Template) -> Timestamp | None:
    header = parameters.get("timestamp_header")
    if (header is None) is (TIMESTAMP in text.names):
        raise InvalidInputError(
            "timestamp_header", "timestamp_header and {timestamp} in signed belong together; set both."
        )
    if header is None and "tolerance_s" in parameters:
        raise InvalidInputError(
            "tolerance_s", "tolerance_s means nothing without timestamp_header; set both or none."
        )
    if header is None:
        return None
    tolerance = parameters.get("tolerance_s", str(DEFAULT_TOLERANCE_S))
    if not tolerance.isdecimal() or not 0 < int(tolerance) <= MAX_TOLERANCE_S:
        raise InvalidInputError(
            "tolerance_s", f"tolerance_s is a number of seconds from 1 to {MAX_TOLERANCE_S}."
        )
    return Timestamp(_header("timestamp_header", header), int(tolerance), int(tolerance))


def usable(sender: Sender, secret: bytes) -> bool:
    """Whether a secret can be a key of one of the sender's schemes at all."""
    return any(_is_key(scheme, secret) for scheme in sender.schemes)


def _is_key(scheme: Scheme, secret: bytes) -> bool:
    if scheme.hook is not None:
        return scheme.hook.usable(secret)
    key = scheme.key.read(secret)
    return key is not None and scheme.method.takes(key)
