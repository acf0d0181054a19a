"""Blanks: what is different in every event a sender makes, its ids and its time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Final, TypeAlias
from uuid import UUID

ENTROPY_BYTES: Final = 16


class Number(Enum):
    """Blanks for numbers, which are no texts in JSON."""

    UNIX = "unix"
    UNIX_MS = "unix_ms"
    NUMBER = "number"


Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | Number | str | int | float | bool | None"
"""A JSON document with blanks in it."""


@dataclass(frozen=True, slots=True)
class Blanks:
    """What is put into the blanks of a sample. The same blank stands for the same value wherever it is.

    In texts: {uuid}, {hex} (32 digits), {id} (24 letters and digits), {number}, {unix}, {unix_ms}, and {time}
    and {time_ms} (RFC 3339 in UTC, to the second and to the millisecond). Other braces mean nothing.

    Attributes:
        texts: what stands for each blank in a text.
        numbers: what stands for each blank that is a number.
    """

    texts: Mapping[str, str]
    numbers: Mapping[Number, int]

    @classmethod
    def at(cls, now_ms: int, entropy: bytes) -> "Blanks":
        """What one event is made of.

        Args:
            now_ms: when the event happens, Unix time in milliseconds.
            entropy: ENTROPY_BYTES random bytes, of which the ids are made.
        """
        numbers = {
            Number.UNIX: now_ms // 1000,
            Number.UNIX_MS: now_ms,
            Number.NUMBER: int.from_bytes(entropy[:5]),
        }
        moment = datetime.fromtimestamp(now_ms / 1000, UTC).replace(tzinfo=None)
        texts = {
            "{uuid}": str(UUID(bytes=entropy, version=4)),
            "{hex}": entropy.hex(),
            "{id}": entropy.hex()[:24],
            "{time}": moment.isoformat(timespec="seconds") + "Z",
            "{time_ms}": moment.isoformat(timespec="milliseconds") + "Z",
        }
        return cls(texts | {f"{{{blank.value}}}": str(number) for blank, number in numbers.items()}, numbers)

    def in_text(self, text: str) -> str:
        """A text with its blanks filled."""
        for blank, value in self.texts.items():
            text = text.replace(blank, value)
        return text

    def in_json(self, document: Json) -> object:
        """A document with its blanks filled."""
        match document:
            case str():
                return self.in_text(document)
            case Number():
                return self.numbers[document]
            case Mapping():
                return {name: self.in_json(value) for name, value in document.items()}
            case Sequence():
                return [self.in_json(value) for value in document]
            case _:
                return document
