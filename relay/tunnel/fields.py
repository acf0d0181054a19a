"""Reading an untrusted JSON object strictly: every field is there, of its type, within its bounds."""

import json
import re
from collections.abc import Callable
from enum import StrEnum
from typing import Final, NoReturn, TypeVar, cast

from relay.tunnel.messages import ProtocolError

Item = TypeVar("Item")
Word = TypeVar("Word", bound=StrEnum)

MAX_INT: Final = 2**53
MAX_SECONDS: Final = 10**9
_ID: Final = re.compile(r"(?:dlv_[0-9a-z]{23}|(?!dlv)[a-z]{2,3})_[0-9a-z]{23}")


def printable(text: str, max_chars: int) -> str:
    """A text made fit to be sent: cut, and with a replacement character for what cannot be printed."""
    cut = text[:max_chars]
    return cut if cut.isprintable() else "".join(char if char.isprintable() else "\ufffd" for char in cut)


def parse(raw: str | bytes) -> "Fields":
    """The fields of a JSON object.

    Raises:
        ProtocolError: this is no JSON object.
    """
    try:
        value: object = json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise ProtocolError("A message is not JSON.") from None
    if not isinstance(value, dict):
        raise ProtocolError("A message is not a JSON object.")
    return Fields(cast("dict[str, object]", value))


def _no_constant(_: str) -> NoReturn:
    raise ValueError


class Fields:
    """The fields of one object; each is taken once, and none may be left. All methods raise ProtocolError."""

    def __init__(self, values: dict[str, object]) -> None:
        self._values = values

    def text(self, name: str, max_chars: int) -> str:
        """A printable text of at most so many characters."""
        return checked_printable(self._take(name), max_chars)

    def id(self, name: str, prefix: str) -> str:
        """An id with this prefix."""
        return checked_id(self._take(name), prefix)

    def integer(self, name: str, least: int, most: int = MAX_INT) -> int:
        """A whole number within bounds."""
        return checked_integer(self._take(name), least, most)

    def seconds(self, name: str) -> float:
        """A duration in seconds."""
        return checked_seconds(self._take(name))

    def word(self, name: str, kind: type[Word]) -> Word:
        """One of the words of an enumeration."""
        try:
            return kind(cast("str", self._take(name)))
        except ValueError:
            raise ProtocolError(f"The field {name!r} is not one of {', '.join(kind)}.") from None

    def items(self, name: str, least: int, most: int, read: Callable[[object], Item]) -> tuple[Item, ...]:
        """A list whose entries `read` turns into items."""
        rows = self._take(name)
        if not isinstance(rows, list):
            raise ProtocolError(f"The field {name!r} must be a list.")
        rows = cast("list[object]", rows)
        if not least <= len(rows) <= most:
            raise ProtocolError(f"The field {name!r} must have {least} to {most} entries.")
        return tuple(map(read, rows))

    def end(self) -> None:
        """Nothing more may be there."""
        if self._values:
            raise ProtocolError("A message has fields that do not belong to it.")

    def _take(self, name: str) -> object:
        try:
            return self._values.pop(name)
        except KeyError:
            raise ProtocolError(f"A message lacks the field {name!r}.") from None


def columns(row: object, count: int) -> list[object]:
    """An entry that is itself a list, of exactly so many parts."""
    if isinstance(row, list) and len(cast("list[object]", row)) == count:
        return cast("list[object]", row)
    raise ProtocolError(f"An entry must be a list of {count} parts.")


def checked_printable(value: object, max_chars: int) -> str:
    """The value when it is a printable text of at most so many characters."""
    if isinstance(value, str) and len(value) <= max_chars and value.isprintable():
        return value
    raise ProtocolError(f"A text must be printable and have at most {max_chars} characters.")


def checked_id(value: object, prefix: str) -> str:
    """The value when it is an id with this prefix."""
    if isinstance(value, str) and value.startswith(prefix + "_") and _ID.fullmatch(value):
        return value
    raise ProtocolError(f"An id of the kind {prefix!r} is malformed.")


def checked_integer(value: object, least: int, most: int = MAX_INT) -> int:
    """The value when it is a whole number within bounds; true and false are none."""
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return value
    raise ProtocolError(f"A number must be whole and within {least} and {most}.")


def checked_seconds(value: object) -> float:
    """The value when it is a usable number of seconds."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MAX_SECONDS:
        return float(value)
    raise ProtocolError("A duration must be a number of seconds, not negative and not without end.")
