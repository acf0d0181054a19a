"""Fields: a mapping of a manifest, read name by name, so that what nobody asked for can be told.

Errors name the field and never say what stands in it: it may be secret, or have been meant for a Secret.
"""

import re
from collections.abc import Mapping
from typing import Final, cast

from domain.errors import InvalidInputError

MAX_TEXT_CHARS: Final = 1024
MAX_ITEMS: Final = 200
MAX_TOLD: Final = 50
"""So many of the fields that nobody asked for are named."""

_MAX_TOLD_CHARS: Final = 100
_HALF: Final = re.compile("[\ud800-\udfff]")

_KINDS: Final[Mapping[type, str]] = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "a mapping",
    type(None): "nothing",
}


class Fields:
    """The fields of one mapping. One that is null counts as absent, as in Kubernetes."""

    def __init__(self, content: object, place: str = "") -> None:
        """Reads a mapping.

        Args:
            content: what stands there.
            place: its dotted name; "": the whole document.

        Raises:
            InvalidInputError: it is no mapping, or a name in it is no text.
        """
        self._place = place
        self._content = {name: value for name, value in mapping(content, place).items() if value is not None}
        self._asked: set[str] = set()

    def dotted(self, name: str) -> str:
        """The name of a field within the whole document."""
        return f"{self._place}.{name}" if self._place else name

    def text(self, name: str, default: str = "", most: int = MAX_TEXT_CHARS) -> str:
        """A text of at most so many characters; the default where there is none.

        Raises:
            InvalidInputError: something else stands there, or a longer one.
        """
        found = self._found(name)
        return default if found is None else _bounded(found, self.dotted(name), most)

    def flag(self, name: str) -> bool:
        """Whether something is so; it is not where nothing is said.

        Raises:
            InvalidInputError: something else stands there.
        """
        found = self._found(name)
        if not isinstance(found, bool | None):
            raise unfit(self.dotted(name), bool, found)
        return bool(found)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, at most MAX_ITEMS; none where it is absent.

        Raises:
            InvalidInputError: something else stands there, or a longer one.
        """
        found, dotted = self._found(name), self.dotted(name)
        if not isinstance(found, list | None):
            raise unfit(dotted, list, found)
        items = cast("list[object]", found or [])
        if len(items) > MAX_ITEMS:
            raise InvalidInputError(dotted, f"{dotted} has more than {MAX_ITEMS} entries.")
        return tuple(_bounded(item, f"{dotted}[{index}]", MAX_TEXT_CHARS) for index, item in enumerate(items))

    def within(self, name: str) -> "Fields":
        """The fields of a mapping within this one; none where it is absent.

        Raises:
            InvalidInputError: something else stands there.
        """
        found = self._found(name)
        return Fields({} if found is None else found, self.dotted(name))

    def entries(self, name: str) -> Mapping[str, object]:
        """A mapping whose names the owner chose, with nulls; empty where it is absent.

        Raises:
            InvalidInputError: something else stands there.
        """
        found = self._found(name)
        return {} if found is None else mapping(found, self.dotted(name))

    @property
    def ignored(self) -> tuple[str, ...]:
        """The dotted names of the fields that nobody has asked for, at most MAX_TOLD."""
        names = [self.dotted(name) for name in self._content if name not in self._asked]
        return tuple(map(_presentable, names[:MAX_TOLD]))

    def _found(self, name: str) -> object:
        self._asked.add(name)
        return self._content.get(name)


def mapping(content: object, place: str) -> Mapping[str, object]:
    """The mapping that stands at a place.

    Raises:
        InvalidInputError: something else stands there, or a name in it is no text.
    """
    if not isinstance(content, dict):
        raise unfit(place, dict, content)
    found = cast("dict[object, object]", content)
    if not all(isinstance(name, str) for name in found):
        raise InvalidInputError(
            place, f"{place or 'The document'} has a name that is no text; put it in quotes."
        )
    return cast("dict[str, object]", found)


def unfit(place: str, wanted: type, found: object) -> InvalidInputError:
    """The error that something of the wrong kind stands at a place; it names the kinds only."""
    words = _KINDS.get(type(found), "something else")
    advice = "; put it in quotes" if wanted is str and isinstance(found, int | float) else ""
    return InvalidInputError(
        place, f"{place or 'The document'} has to be {_KINDS[wanted]}, not {words}{advice}."
    )


def text_of(found: object, place: str) -> str:
    """The text that stands at a place.

    Raises:
        InvalidInputError: something else stands there, or half of a character, which JSON can have (RFC
            8259, section 8.2).
    """
    if not isinstance(found, str):
        raise unfit(place, str, found)
    if _HALF.search(found):
        raise InvalidInputError(place, f"{place} has half of a character (a lone surrogate).")
    return found


def _bounded(found: object, place: str, most: int) -> str:
    text = text_of(found, place)
    if len(text) > most:
        raise InvalidInputError(place, f"{place} has more than {most} characters.")
    return text


def _presentable(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name[:_MAX_TOLD_CHARS])
