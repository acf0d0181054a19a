"""The request that a local server gets: what the sender sent, and what we say about it."""

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import unquote_to_bytes

from yarl import URL

from domain.errors import InvalidInputError
from domain.event import HOP_BY_HOP
from relay.connector.exact_request import as_text
from relay.connector.target import Arrival

_OURS: Final = frozenset(
    {
        b"fleet-event",
        b"fleet-delivery",
        b"fleet-attempt",
        b"fleet-webhook",
        b"fleet-verified",
        b"fleet-original-host",
        b"fleet-test",
    }
)
# The target has its own host; nobody waits for "100 Continue" here. Where a request ends is between us and
# the target: a gateway that was broken into could hide a second request in a body.
_NOT_PASSED_ON: Final = HOP_BY_HOP | {b"host", b"expect"}
_LENGTH: Final = b"content-length"
_NOT_ADDED: Final = _NOT_PASSED_ON | {_LENGTH}
ORIGINAL: Final = "original"
"""As the Host header of a target: the one that the sender wrote."""
_VISIBLE: Final = range(0x21, 0x7F)
# RFC 9110, section 5.6.2
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_HOST: Final = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_MAX_ADDED: Final = 50
_MAX_VALUE_CHARS: Final = 4096


class UnreadableRequestError(Exception):
    """The request says of itself that its body has another length."""


class UnsafePathError(Exception):
    """The path would leave the target's URL."""


def target_url(url: str) -> URL:
    """The URL of a target, checked.

    Raises:
        InvalidInputError: it is no http or https URL, or holds credentials or a fragment.
    """
    try:
        parsed = URL(url, encoded=True)
        usable = parsed.scheme in {"http", "https"} and bool(parsed.raw_host) and parsed.port is not None
    except ValueError:
        usable = False
        parsed = URL()
    if not usable:
        raise InvalidInputError("target", "A target must look like http://localhost:3000/hooks.")
    if parsed.raw_user or parsed.raw_password or parsed.raw_fragment:
        raise InvalidInputError("target", "The URL of a target has no credentials and no fragment.")
    return parsed


def outgoing_url(target: URL, path: bytes, query: bytes) -> URL:
    """The target's URL with what followed the token in the sender's URL, as the sender encoded it.

    Raises:
        UnsafePathError: the path climbs out of the target's own.
    """
    # Without its slash it would go on writing the target's host or port: a gateway that was broken into
    # could choose where events go.
    if path and not path.startswith(b"/"):
        raise UnsafePathError
    steps = unquote_to_bytes(path).replace(b"\\", b"/").split(b"/")
    # What follows ";" is a step's parameter to Java servers: "..;a" climbs, too.
    if any(step.partition(b";")[0] == b".." for step in steps):
        raise UnsafePathError
    base = target.raw_path
    whole = base.rstrip("/") + _quoted(path, b"#?") if path else base
    queries = "&".join(part for part in (target.raw_query_string, _quoted(query, b"#")) if part)
    return URL(
        f"{target.scheme}://{target.raw_authority}{whole}{'?' if queries else ''}{queries}", encoded=True
    )


def added_headers(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Headers that the owner of a target adds, checked.

    Raises:
        InvalidInputError: one of them is no header, or not the owner's to set.
    """
    if len(headers) > _MAX_ADDED:
        raise InvalidInputError("headers", f"At most {_MAX_ADDED} headers can be added.")
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name):
            raise InvalidInputError("headers", f"{name!r} cannot be the name of a header.")
        if name.lower() == "host":
            raise InvalidInputError("headers", 'The Host header is set with host = "...", not with headers.')
        if (plain := name.lower().encode()) in _NOT_ADDED or _plain(plain) in _OURS:
            raise InvalidInputError("headers", f"{name} is set by the connector; it cannot be added.")
        if len(value) > _MAX_VALUE_CHARS or not value.isprintable():
            raise InvalidInputError(
                "headers",
                f"The value of {name} must be printable, of at most {_MAX_VALUE_CHARS} characters.",
            )
    return tuple(headers.items())


def checked_host(host: str) -> str:
    """A Host header, itself, when it is one.

    Raises:
        InvalidInputError: it is none.
    """
    if not _HOST.fullmatch(host):
        raise InvalidInputError("host", "It must look like app.example.test or app.example.test:8080.")
    return host


def outgoing_headers(
    arrival: Arrival, added: Sequence[tuple[str, str]] = (), host: str = ""
) -> list[tuple[str, str]]:
    """The sender's headers in their order and repetition, then ours, which no sender can forge.

    Args:
        arrival: what is brought.
        added: what the target's owner adds; it takes the place of what the sender says under these names.
        host: the Host header; ORIGINAL: the sender's; "": the target's own.

    Raises:
        UnreadableRequestError: they contradict the body.
    """
    request = arrival.request
    taken = {_plain(name.lower().encode()) for name, _ in added}
    headers = [
        (as_text(name), as_text(value))
        for name, value in request.headers
        if name not in _NOT_PASSED_ON and _plain(name) not in _OURS and _plain(name) not in taken
    ]
    declared = request.header_values(_LENGTH)
    if len(declared) > 1 or any(_as_number(length) != len(request.body) for length in declared):
        raise UnreadableRequestError
    if not declared:
        # It came in chunks; they were one connection's matter.
        headers.append((_LENGTH.decode(), str(len(request.body))))
    headers += [
        ("fleet-event", arrival.event),
        ("fleet-delivery", arrival.delivery),
        ("fleet-attempt", str(arrival.attempt)),
        ("fleet-webhook", arrival.webhook),
        ("fleet-verified", arrival.scheme or "no"),
    ]
    original = request.header(b"host")
    if original is not None:
        headers.append(("fleet-original-host", as_text(original)))
    wanted = as_text(original or b"") if host == ORIGINAL else host
    return [*([("Host", wanted)] if wanted else []), *headers, *added]


def _as_number(length: bytes) -> int | None:
    return int(length[:20]) if length.isdigit() else None


def _plain(name: bytes) -> bytes:
    # CGI and WSGI make no difference between "_" and "-".
    return name.replace(b"_", b"-")


def _quoted(raw: bytes, also: bytes) -> str:
    """Raw bytes of a URL with only those encoded that cannot stand in a request line."""
    return "".join(chr(byte) if byte in _VISIBLE and byte not in also else f"%{byte:02X}" for byte in raw)
