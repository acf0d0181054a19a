"""A timestamp: when the sender says it signed, and how far from the time of receipt that may be."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.event import Rejection
from domain.senders.content import Content
from domain.senders.source import Header

MAX_DIGITS: Final = 15
"""Seconds in more digits than this are no date; int() of very long digits is slow besides."""


@dataclass(frozen=True, slots=True)
class SignatureEntry:
    """An entry of the signature header itself, by what it begins with ("t=")."""

    prefix: bytes


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A moment in Unix seconds, written in decimal digits.

    Attributes:
        source: where it stands.
        past_s: how long before the receipt it may lie, in seconds.
        future_s: how long after it, in seconds; None: not checked.
    """

    source: Header | SignatureEntry
    past_s: int
    future_s: int | None

    def read(self, content: Content, entries: Sequence[bytes]) -> bytes | Rejection:
        """The digits as they were sent, which is what was signed, or why there are none.

        Args:
            content: the request.
            entries: the entries of its signature header.
        """
        values = self._values(content, entries)
        if not values:
            return Rejection.MISSING_TIMESTAMP
        digits = values[0]
        if len(values) > 1 or not digits.isdigit() or len(digits) > MAX_DIGITS:
            return Rejection.MALFORMED_TIMESTAMP
        return digits

    def _values(self, content: Content, entries: Sequence[bytes]) -> Sequence[bytes]:
        if isinstance(self.source, Header):
            return self.source.values(content)
        prefix = self.source.prefix
        return [entry[len(prefix) :] for entry in entries if entry.startswith(prefix)]

    def fault(self, digits: bytes, received_at: int) -> Rejection | None:
        """Why a moment is outside the tolerance, None when it is inside.

        Args:
            digits: what `read` returned.
            received_at: Unix time of receipt in milliseconds.
        """
        age_ms = received_at - int(digits) * 1000
        if age_ms > self.past_s * 1000:
            return Rejection.TOO_OLD
        if self.future_s is not None and -age_ms > self.future_s * 1000:
            return Rejection.TOO_NEW
        return None
