"""Sources: where in a request a sender puts a value.

Each kind answers `values(content)`: every value found there, as bytes, none when there is none. Who needs
one value takes it only if there is exactly one: of two contradicting values neither is to be trusted.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, cast

from domain.senders.content import Content, parsed_json

OPTIONAL_WHITESPACE: Final = b" \t"
"""May surround a header's value without belonging to it (RFC 9110, section 5.5)."""

MAX_ITEMS: Final = 10_000
"""So many items of a list in a body are looked at."""


@dataclass(frozen=True, slots=True)
class Header:
    """A header, by the name the sender's documentation uses. Every line of it is a value."""

    name: str
    key: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", self.name.lower().encode("ascii"))

    def values(self, content: Content) -> list[bytes]:
        """Each line's value, without the white space around it."""
        key = self.key
        return [value.strip(OPTIONAL_WHITESPACE) for name, value in content.request.headers if name == key]


@dataclass(frozen=True, slots=True)
class HeaderFamily:
    """Headers whose names differ in their ends only, one for each key: any of them may match.

    Attributes:
        stem: what the names begin with.
        endings: a regular expression of what may follow.
    """

    stem: str
    endings: str
    pattern: re.Pattern[bytes] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        pattern = re.escape(self.stem.lower()) + f"({self.endings})"
        object.__setattr__(self, "pattern", re.compile(pattern.encode("ascii")))

    @property
    def name(self) -> str:
        """The names, for people."""
        return f"{self.stem}*"

    def values(self, content: Content) -> list[bytes]:
        """Each header's value, without the white space around it."""
        headers = content.request.headers
        return [value.strip(OPTIONAL_WHITESPACE) for key, value in headers if self.pattern.fullmatch(key)]


@dataclass(frozen=True, slots=True)
class ParameterHeader:
    """A header whose name the owner has chosen at the sender.

    Attributes:
        parameter: the parameter with the name.
        default: the name as long as it is not set.
    """

    parameter: str
    default: str

    def values(self, content: Content) -> list[bytes]:
        """Each line's value, without the white space around it."""
        return Header(content.site.parameters.get(self.parameter, self.default)).values(content)


@dataclass(frozen=True, slots=True)
class Query:
    """A parameter of the query string, decoded."""

    name: str

    def values(self, content: Content) -> list[bytes]:
        """The value of each parameter of that name."""
        return [value.encode() for name, value in content.query or () if name == self.name]


@dataclass(frozen=True, slots=True)
class JsonField:
    """A string or an integer in a JSON body, by the names that lead to it from the top, joined by dots.

    A name that ends in "[]" is a list, each of whose items is looked into; a path that begins with "[]"
    finds the list at the top.
    """

    path: str

    def values(self, content: Content) -> list[bytes]:
        """What stands there, if the body is JSON and has it: one value, or one for each item of a list."""
        return _scalars_at(self.path, content.json)

    def length(self, content: Content) -> int:
        """How many things a path finds, of whatever kind."""
        return sum(1 for _ in _found(self.path.split("."), content.json))

    @property
    def is_each(self) -> bool:
        """Whether there may rightly be several values."""
        return "[]" in self.path


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of a form body."""

    name: str

    def values(self, content: Content) -> list[bytes]:
        """The value of each field of that name."""
        return [value.encode() for name, value in content.form or () if name == self.name]


@dataclass(frozen=True, slots=True)
class FormJsonField:
    """A string in a JSON text that is itself a field of a form body."""

    name: str
    path: str

    def values(self, content: Content) -> list[bytes]:
        """The string in each field of that name that has one there."""
        texts = FormField(self.name).values(content)
        return [value for text in texts for value in _scalars_at(self.path, parsed_json(text))]


@dataclass(frozen=True, slots=True)
class KeyBeside:
    """The name of the one field that a JSON body has beside those named here."""

    names: tuple[str, ...]

    def values(self, content: Content) -> list[bytes]:
        """That name; none when there are several, or none."""
        document = content.json
        if not isinstance(document, dict):
            return []
        others = [name for name in cast("dict[str, object]", document) if name not in self.names]
        return [_utf8(others[0])] if len(others) == 1 else []


Plain = Header | ParameterHeader | Query | JsonField | FormField | FormJsonField | KeyBeside
"""One place."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Several values that make one together, such as "issue" and "opened".

    Attributes:
        sources: where the first stands, and those that follow it. One that stands once belongs to each of
            several; one that is absent, or not there for each of them, is left out.
        separator: what stands between them.
    """

    sources: tuple[Plain, ...]
    separator: bytes = b"."

    def values(self, content: Content) -> list[bytes]:
        """The joined values, none without the first of them."""
        found = [source.values(content) for source in self.sources]
        count = max(map(len, found)) if found[0] else 0
        columns = [values * count if len(values) == 1 else values for values in found]
        return [
            self.separator.join(row)
            for row in zip(*(each for each in columns if len(each) == count), strict=True)
        ]

    @property
    def is_each(self) -> bool:
        """Whether there may rightly be several values."""
        return any(is_each(source) for source in self.sources)


Source = Plain | HeaderFamily | Joined


def is_each(source: Source) -> bool:
    """Whether a source may rightly have several values, one for each event in a body."""
    return isinstance(source, (JsonField, Joined)) and source.is_each


def _scalars_at(path: str, document: object) -> list[bytes]:
    """The strings and integers a path leads to, as UTF-8."""
    return [value for found in _found(path.split("."), document) if (value := _scalar(found)) is not None]


def _found(names: list[str], document: object) -> Iterator[object]:
    if not names:
        yield document
        return
    name = names[0].removesuffix("[]")
    if name:
        if not isinstance(document, dict):
            return
        document = cast("dict[str, object]", document).get(name)
    if not names[0].endswith("[]"):
        yield from _found(names[1:], document)
    elif isinstance(document, list):
        for item in cast("list[object]", document)[:MAX_ITEMS]:
            yield from _found(names[1:], item)


def _scalar(found: object) -> bytes | None:
    if isinstance(found, str):
        return _utf8(found)
    return b"%d" % found if isinstance(found, int) and not isinstance(found, bool) else None


def _utf8(text: str) -> bytes:
    """UTF-8; lone surrogates, which JSON can spell, stay recognisable."""
    return text.encode("utf-8", "surrogatepass")
