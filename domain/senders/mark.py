"""Marks: what tells a handshake from an event, each a single thing that a request says or lacks.

Each has a `needle` for one quick search of the body before that is parsed: what a body that bears the mark
contains, None where the mark asks for absence or lies outside of the body. It is written as its sender writes
it (who spells "ping" with escapes is not the sender that we know), begins with a text and repeats nothing but
spaces, so that a search takes linear time.
"""

import re
from dataclasses import dataclass
from typing import Final, cast

from domain.senders.content import Content
from domain.senders.source import FormField, FormJsonField, JsonField, Source

Needle = re.Pattern[bytes] | None

_IN_BODY: Final = (JsonField, FormField, FormJsonField)


@dataclass(frozen=True, slots=True)
class Says:
    """Exactly one value stands there, and it is this one."""

    source: Source
    value: bytes

    def holds(self, content: Content) -> bool:
        """Whether a request bears this mark."""
        return self.source.values(content) == [self.value]

    @property
    def needle(self) -> Needle:
        """What the body contains."""
        value = re.escape(self.value)
        match self.source:
            case JsonField(path):
                return _member(path, b'"%s"' % value)
            case FormField(name):
                return _field(name, value)
            case _:
                return None


@dataclass(frozen=True, slots=True)
class Has:
    """Exactly one value stands there, whatever it is; in JSON it is a text."""

    source: Source

    def holds(self, content: Content) -> bool:
        """Whether a request bears this mark."""
        return len(self.source.values(content)) == 1

    @property
    def needle(self) -> Needle:
        """What the body contains."""
        match self.source:
            case JsonField(path):
                return _member(path, b'"')
            case FormField(name):
                return _field(name, b"")
            case _:
                return None


@dataclass(frozen=True, slots=True)
class Lacks:
    """Nothing stands there."""

    source: Source

    def holds(self, content: Content) -> bool:
        """Whether a request bears this mark."""
        return not self.source.values(content)

    @property
    def needle(self) -> Needle:
        """Nothing to look for."""
        return None


@dataclass(frozen=True, slots=True)
class JsonNumber:
    """A JSON body has this whole number there: not a text of its digits, and not `true` for 1."""

    path: str
    value: int

    def holds(self, content: Content) -> bool:
        """Whether a request bears this mark."""
        found = _at(self.path, content.json)
        return type(found) is int and found == self.value

    @property
    def needle(self) -> Needle:
        """What the body contains."""
        return _member(self.path, rb"%d(?![0-9.eE])" % self.value)


@dataclass(frozen=True, slots=True)
class EmptyList:
    """A JSON body has a list there with nothing in it."""

    path: str

    def holds(self, content: Content) -> bool:
        """Whether a request bears this mark."""
        return _at(self.path, content.json) == []

    @property
    def needle(self) -> Needle:
        """What the body contains."""
        return _member(self.path, rb"\[\s*\]")


Mark = Says | Has | Lacks | JsonNumber | EmptyList


def is_in_body(mark: Mark) -> bool:
    """Whether the body has to be looked at for this mark."""
    return isinstance(mark, JsonNumber | EmptyList) or isinstance(mark.source, _IN_BODY)


def _member(path: str, value: bytes) -> re.Pattern[bytes]:
    name = path.rpartition(".")[2].encode("ascii")
    return re.compile(rb'"%s"\s*:\s*%s' % (re.escape(name), value))


def _field(name: str, value: bytes) -> re.Pattern[bytes]:
    return re.compile(b"%s=%s" % (re.escape(name.encode("ascii")), value))


def _at(path: str, document: object) -> object:
    """What a path of names leads to, None when it leads nowhere."""
    for name in path.split("."):
        if not isinstance(document, dict):
            return None
        document = cast("dict[str, object]", document).get(name)
    return document
