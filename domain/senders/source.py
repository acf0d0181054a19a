"""Sources: where in a request a sender puts a value.

Each kind answers `values(content)`: every value found there, as bytes, none when there is none. Who needs
one value takes it only if there is exactly one: of two contradicting values neither is to be trusted.
"""

from dataclasses import dataclass, field
from typing import Final, cast

from domain.senders.content import Content, parsed_json

OPTIONAL_WHITESPACE: Final = b" \t"
"""May surround a header's value without belonging to it (RFC 9110, section 5.5)."""


@dataclass(frozen=True, slots=True)
class Header:
    """A header, by the name the sender's documentation uses. Every line of it is a value."""

    name: str
    key: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", self.name.lower().encode("ascii"))

    def values(self, content: Content) -> list[bytes]:
        """Each line's value, without the white space around it."""
        lines = content.request.header_values(self.key)
        return [line.strip(OPTIONAL_WHITESPACE) for line in lines]


@dataclass(frozen=True, slots=True)
class Query:
    """A parameter of the query string, decoded."""

    name: str

    def values(self, content: Content) -> list[bytes]:
        """The value of each parameter of that name."""
        return [value.encode("utf-8", "surrogatepass") for name, value in content.query if name == self.name]


@dataclass(frozen=True, slots=True)
class JsonField:
    """A string in a JSON body, by the names that lead to it from the top, joined by dots."""

    path: str

    def values(self, content: Content) -> list[bytes]:
        """The string, if the body is JSON and has one there."""
        return _strings_at(self.path, content.json)


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of a form body."""

    name: str

    def values(self, content: Content) -> list[bytes]:
        """The value of each field of that name."""
        return [value.encode() for name, value in content.form if name == self.name]


@dataclass(frozen=True, slots=True)
class FormJsonField:
    """A string in a JSON text that is itself a field of a form body."""

    name: str
    path: str

    def values(self, content: Content) -> list[bytes]:
        """The string in each field of that name that has one there."""
        texts = FormField(self.name).values(content)
        return [value for text in texts for value in _strings_at(self.path, parsed_json(text))]


Source = Header | Query | JsonField | FormField | FormJsonField


def _strings_at(path: str, document: object) -> list[bytes]:
    """The string a path leads to, as UTF-8; lone surrogates, which JSON can spell, stay recognisable."""
    for name in path.split("."):
        if not isinstance(document, dict):
            return []
        document = cast("dict[str, object]", document).get(name)
    return [document.encode("utf-8", "surrogatepass")] if isinstance(document, str) else []
