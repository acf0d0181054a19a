"""A scheme: a sender's signing rule, as data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.senders.encoding import Encoding, decode
from domain.senders.mac import HMAC_SHA256, Hmac
from domain.senders.source import OPTIONAL_WHITESPACE, Header
from domain.senders.template import Template
from domain.senders.timestamp import Timestamp

MAX_ENTRIES: Final = 32
"""So many entries of a signature header are looked at. A rolled secret needs two; more only costs us time."""


@dataclass(frozen=True, slots=True)
class Signature:
    """How a signature header is taken apart.

    Attributes:
        source: the header.
        encoding: in which a signature is written.
        prefix: what stands before it. Entries that begin otherwise belong to somebody else, which is also
            how the right names are taken out of a list like "t=1,v1=aa,v0=bb".
        prefix_optional: whether a signature without the prefix counts.
        separator: what stands between several entries; None: the header is one entry.
    """

    source: Header
    encoding: Encoding = Encoding.HEX
    prefix: bytes = b""
    prefix_optional: bool = False
    separator: bytes | None = None

    def entries(self, value: bytes) -> list[bytes]:
        """The first entries of a header's value, at most MAX_ENTRIES."""
        if self.separator is None:
            return [value]
        pieces = value.split(self.separator, MAX_ENTRIES)[:MAX_ENTRIES]
        return [piece.strip(OPTIONAL_WHITESPACE) for piece in pieces]

    def candidates(self, entries: Sequence[bytes], size: int) -> list[bytes]:
        """The signatures of this scheme among the entries: decoded, and of the right size in bytes."""
        decoded = [self._decoded(entry) for entry in entries]
        return [signature for signature in decoded if signature is not None and len(signature) == size]

    def _decoded(self, entry: bytes) -> bytes | None:
        if entry.startswith(self.prefix):
            return decode(self.encoding, entry[len(self.prefix) :])
        return decode(self.encoding, entry) if self.prefix_optional else None


@dataclass(frozen=True, slots=True)
class Scheme:
    """A signing rule.

    Attributes:
        id: its name, shown in verdicts.
        signature: where the signature is, and in which form.
        signed: the text that is signed.
        method: how it is signed.
        timestamp: the moment of signing, if the sender tells it.

    Raises:
        ValueError: the signed text has a place for a timestamp, and there is none.
    """

    id: str
    signature: Signature
    signed: Template
    method: Hmac = HMAC_SHA256
    timestamp: Timestamp | None = None

    def __post_init__(self) -> None:
        if self.timestamp is None and self.signed.names_timestamp:
            raise ValueError(f"Scheme {self.id} signs a timestamp; say where it stands.")
