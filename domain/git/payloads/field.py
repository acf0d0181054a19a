"""A field of a payload: a value, and the name by which a refusal tells the sender's owner where it stands."""

import re
from dataclasses import dataclass
from typing import Final, cast

from domain.errors import InvalidInputError
from domain.git.change import BRANCHES, TAGS

MAX_REF: Final = 1024
"""Characters of a reference. GitHub stops at 255 bytes, a file system holds one of 4096 at most."""

MAX_ITEMS: Final = 4000
"""References in one push: one that mirrors a repository may have thousands. Each takes 6 us to read."""

_COMMIT: Final = re.compile("(?:[0-9a-f]{40}|[0-9a-f]{64})", re.ASCII | re.IGNORECASE)
_NO_COMMIT: Final = frozenset({"0" * 40, "0" * 64})
# git-check-ref-format(1) forbids controls; halves of characters cannot be written in UTF-8.
_IN_NO_REF: Final = re.compile("[\x00-\x20\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Field:
    """One place in a JSON document.

    Attributes:
        name: with dots and indices, such as `push.changes[0].new`; "" for the whole.
        value: what stands there; None when nothing does.
    """

    name: str
    value: object

    def at(self, *names: str) -> "Field":
        """The field under some names. In what is no object there is nothing."""
        value = self.value
        for name in names:
            value = cast("dict[str, object]", value).get(name) if isinstance(value, dict) else None
        return Field(".".join((self.name, *names) if self.name else names), value)

    def items(self) -> "list[Field]":
        """The fields of a list.

        Raises:
            InvalidInputError: it is missing, no list, or too long.
        """
        if not isinstance(self.value, list):
            raise self.refused("is no list")
        items = cast("list[object]", self.value)
        if len(items) > MAX_ITEMS:
            raise self.refused(f"has more than {MAX_ITEMS} entries")
        return [Field(f"{self.name}[{index}]", item) for index, item in enumerate(items)]

    def text(self) -> str:
        """A text, of any length.

        Raises:
            InvalidInputError: it is missing, empty, or no text.
        """
        if not isinstance(self.value, str) or not self.value:
            raise self.refused("is no text")
        return self.value

    def ref(self) -> str:
        """The name of a branch or tag, or a whole reference.

        Raises:
            InvalidInputError: it is missing or none that Git would take.
        """
        text = self.text()
        if len(text) > MAX_REF or _IN_NO_REF.search(text) or text in {BRANCHES, TAGS}:
            raise self.refused("is no name that Git gives a branch or tag")
        return text

    def commit(self) -> str:
        """A commit in small hex; "" for zeros, which stand for none.

        Raises:
            InvalidInputError: it is missing or does not look like one.
        """
        text = self.value
        if not isinstance(text, str) or not _COMMIT.fullmatch(text):
            raise self.refused("is no commit of 40 or 64 hex digits")
        return "" if text in _NO_COMMIT else text.lower()

    def commit_if_any(self) -> str:
        """The same; "" where nothing stands.

        Raises:
            InvalidInputError: something stands there that does not look like one.
        """
        return "" if self.value is None else self.commit()

    def refused(self, what_it_is: str) -> InvalidInputError:
        """The error that names this field. What stands there is not quoted."""
        lack = "is missing" if self.value is None or self.value == "" else what_it_is
        return InvalidInputError(self.name, f"{self.name} {lack} in this payload.")
