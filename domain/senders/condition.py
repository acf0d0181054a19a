"""Conditions: what has to be true of a request, besides its signature."""

from dataclasses import dataclass

from cryptography.hazmat.primitives import constant_time

from domain.senders.content import Content
from domain.senders.encoding import Encoding, decode
from domain.senders.method import Digest, digest_of
from domain.senders.source import JsonField, Source


@dataclass(frozen=True, slots=True)
class Equals:
    """A value is there, once, and is this one."""

    source: Source
    value: bytes

    def holds(self, content: Content) -> bool:
        """Whether it is so."""
        return self.source.values(content) == [self.value]


@dataclass(frozen=True, slots=True)
class Present:
    """A value is there, whatever it says."""

    source: Source

    def holds(self, content: Content) -> bool:
        """Whether it is so."""
        return bool(self.source.values(content))


@dataclass(frozen=True, slots=True)
class Absent:
    """A value is not there."""

    source: Source

    def holds(self, content: Content) -> bool:
        """Whether it is so."""
        return not self.source.values(content)


@dataclass(frozen=True, slots=True)
class BodyDigest:
    """A value is the hash of the body: so a signature that covers the value covers the body."""

    source: Source
    digest: Digest = "sha256"
    encoding: Encoding = Encoding.HEX

    def holds(self, content: Content) -> bool:
        """Whether it is so."""
        values = self.source.values(content)
        told = decode(self.encoding, values[0]) if len(values) == 1 else None
        return told is not None and constant_time.bytes_eq(
            told, digest_of(self.digest, [content.request.body])
        )


@dataclass(frozen=True, slots=True)
class Either:
    """One of several conditions holds."""

    conditions: tuple[Equals | Present | Absent, ...]

    def holds(self, content: Content) -> bool:
        """Whether it is so."""
        return any(condition.holds(content) for condition in self.conditions)


@dataclass(frozen=True, slots=True)
class InEach:
    """Each item of a list has a value, so that none slips through without it.

    Attributes:
        items: the list.
        source: the value in each of them.
    """

    items: JsonField
    source: JsonField

    def holds(self, content: Content) -> bool:
        """Whether it is so."""
        return self.items.length(content) == len(self.source.values(content))


Condition = Equals | Present | Absent | BodyDigest | Either | InEach
