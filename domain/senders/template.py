"""A template: the text a sender signs, with places for the body, the timestamp and what else it covers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from string import Formatter
from types import MappingProxyType
from typing import Final, NamedTuple

from domain.senders.content import Content
from domain.senders.places import PLACES

BODY: Final = "body"
TIMESTAMP: Final = "timestamp"
SECRET: Final = "secret"  # noqa: S105 - the name of a place

_NO_VARIABLES: Final[Mapping[str, bytes]] = MappingProxyType({})


class Matter(NamedTuple):
    """What a template is filled with.

    Attributes:
        content: the request.
        timestamp: the moment of signing as it was sent; b"" when there is none.
        variables: other values that were found in the request, by the names that the scheme gave them.
    """

    content: Content
    timestamp: bytes = b""
    variables: Mapping[str, bytes] = _NO_VARIABLES


def _pieces(text: str) -> Iterator[tuple[bytes, str]]:
    """Literal text and the place that follows it, "" at the end."""
    for literal, place, spec, conversion in Formatter().parse(text):
        if place == "" or spec or conversion:
            raise ValueError(f"{text!r} is no signed text; places look like {{body}}.")
        yield literal.encode("utf-8"), place or ""


@dataclass(frozen=True, slots=True)
class Template:
    """A signed text such as "v0:{timestamp}:{body}", taken apart once.

    Raises:
        ValueError: it is not written like that.
    """

    text: str
    pieces: tuple[tuple[bytes, str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pieces", tuple(_pieces(self.text)))

    @property
    def names(self) -> frozenset[str]:
        """The places in it."""
        return frozenset(place for _, place in self.pieces if place)

    def parts(self, matter: Matter, key: bytes = b"") -> list[bytes] | None:
        """The text in parts, with the body as it is, not copied; None when something of it is absent.

        Args:
            matter: what to fill in.
            key: for the place {secret}.
        """
        parts: list[bytes] = []
        for literal, place in self.pieces:
            if literal:
                parts.append(literal)
            if place == BODY:
                parts.append(matter.content.request.body)
            elif place == TIMESTAMP:
                parts.append(matter.timestamp)
            elif place:
                value = key if place == SECRET else _value(place, matter)
                if value is None:
                    return None
                parts.append(value)
        return parts


NOTHING: Final = Template("")
"""Signed by those whose requests only bring the secret."""


def _value(place: str, matter: Matter) -> bytes | None:
    found = matter.variables.get(place)
    return PLACES[place](matter.content) if found is None and place in PLACES else found
