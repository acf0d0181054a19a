"""A template: the text a sender signs, with places for the body and the timestamp."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from string import Formatter
from typing import Final

_PLACES: Final = ("body", "timestamp")


def _pieces(text: str) -> Iterator[tuple[bytes, str]]:
    """Literal text and the place that follows it, "" at the end."""
    for literal, place, _, _ in Formatter().parse(text):
        if place is not None and place not in _PLACES:
            raise ValueError(f"A signed text has no place {place!r}; use {' or '.join(_PLACES)}.")
        yield literal.encode("ascii"), place or ""


@dataclass(frozen=True, slots=True)
class Template:
    """A signed text such as "v0:{timestamp}:{body}", taken apart once.

    Raises:
        ValueError: it names a place we do not know.
    """

    text: str
    pieces: tuple[tuple[bytes, str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pieces", tuple(_pieces(self.text)))

    @property
    def names_timestamp(self) -> bool:
        """Whether the timestamp is part of the text."""
        return any(place == "timestamp" for _, place in self.pieces)

    def parts(self, body: bytes, timestamp: bytes) -> list[bytes]:
        """The text in parts, with the body as it is, not copied."""
        parts: list[bytes] = []
        for literal, place in self.pieces:
            if literal:
                parts.append(literal)
            if place:
                parts.append(body if place == "body" else timestamp)
        return parts
