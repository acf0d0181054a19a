"""A timestamp: when the sender says it signed, and how far from the time of receipt that may be."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from domain.event import Rejection
from domain.senders.content import Content
from domain.senders.source import Source

MAX_DIGITS: Final = 15
"""Seconds in more digits than this are no date; int() of very long digits is slow besides."""

_UNIX_DIGITS: Final = 10
"""Of a Unix time in seconds until the year 2286."""

# RFC 3339, section 5.6. Some senders write nine digits of a second.
_RFC_3339: Final = re.compile(
    rb"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


class Clock(StrEnum):
    """How a moment is written."""

    SECONDS = "Unix time in seconds"
    MILLISECONDS = "Unix time in milliseconds"
    RFC_3339 = "RFC 3339"
    UNREAD = "Unix time in seconds or RFC 3339"
    """Signed, but not compared with anything."""


@dataclass(frozen=True, slots=True)
class SignatureEntry:
    """An entry of the signature header itself, by what it begins with ("t=")."""

    prefix: bytes


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A moment that is signed along.

    Attributes:
        source: where it stands.
        past_s: how long before the receipt it may lie, in seconds; None: as long as it likes.
        future_s: how long after it, in seconds; None: not checked.
        clock: how it is written.
    """

    source: Source | SignatureEntry
    past_s: int | None
    future_s: int | None
    clock: Clock = Clock.SECONDS

    def read(self, content: Content, entries: Sequence[bytes]) -> bytes | Rejection:
        """The moment as it was sent, which is what was signed, or why there is none.

        Args:
            content: the request.
            entries: the entries of its signature header.
        """
        values = self._values(content, entries)
        if not values:
            return Rejection.MISSING_TIMESTAMP
        text = values[0]
        if len(values) > 1 or _unix_ms(self.clock, text) is None:
            return Rejection.MALFORMED_TIMESTAMP
        return text

    def _values(self, content: Content, entries: Sequence[bytes]) -> Sequence[bytes]:
        if not isinstance(self.source, SignatureEntry):
            return self.source.values(content)
        prefix = self.source.prefix
        return [entry[len(prefix) :] for entry in entries if entry.startswith(prefix)]

    def fault(self, text: bytes, received_at: int) -> Rejection | None:
        """Why a moment is outside the tolerance, None when it is inside.

        Args:
            text: what `read` returned.
            received_at: Unix time of receipt in milliseconds.
        """
        age_ms = received_at - (_unix_ms(self.clock, text) or 0)
        if self.past_s is not None and age_ms > self.past_s * 1000:
            return Rejection.TOO_OLD
        if self.future_s is not None and -age_ms > self.future_s * 1000:
            return Rejection.TOO_NEW
        return None

    def unix_ms(self, text: bytes) -> int | None:
        """The moment in Unix milliseconds, None when the text is none."""
        return _unix_ms(self.clock, text)

    def written(self, unix_ms: int) -> bytes:
        """A moment as the sender would write it."""
        if self.clock is Clock.MILLISECONDS:
            return b"%d" % unix_ms
        if self.clock is Clock.SECONDS:
            return b"%d" % (unix_ms // 1000)
        moment = datetime.fromtimestamp(unix_ms / 1000, UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z").encode()


def _unix_ms(clock: Clock, text: bytes) -> int | None:
    """The moment in milliseconds, None when the text is none."""
    if clock is Clock.SECONDS:
        return int(text) * 1000 if text.isdigit() and len(text) <= MAX_DIGITS else None
    if clock is Clock.MILLISECONDS:
        return int(text) if text.isdigit() and len(text) <= MAX_DIGITS else None
    if clock is Clock.RFC_3339:
        return _of_rfc_3339(text)
    # Not any text: where nothing stands between time and body, the head of the body could be passed off as
    # the end of the time.
    is_moment = len(text) <= _UNIX_DIGITS if text.isdigit() else _of_rfc_3339(text) is not None
    return 0 if is_moment else None


def _of_rfc_3339(text: bytes) -> int | None:
    found = _RFC_3339.fullmatch(text)
    if found is None:
        return None
    day, time, fraction, zone = (str(part or b"", "ascii") for part in found.groups())
    fraction = fraction[:6].ljust(6, "0")
    try:
        return int(datetime.fromisoformat(f"{day}T{time}.{fraction}{zone.upper()}").timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
