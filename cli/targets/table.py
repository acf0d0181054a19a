"""A table of TOML, read strictly: each value is of its type and within its bounds, and no key is unknown."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import cast

from cli.targets.wish import TargetsError


class Table:
    """The keys of one table. All methods raise TargetsError, which names file, table and key."""

    def __init__(self, place: str, values: Mapping[str, object]) -> None:
        """A table.

        Args:
            place: file and table, for people.
            values: what tomllib has read.
        """
        self.place = place
        self._values = values

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def wrong(self, key: str, sentence: str) -> TargetsError:
        """The error about a key."""
        return TargetsError(f"{self.place}, {key}: {sentence}")

    def only(self, known: Iterable[str]) -> None:
        """No other key may be there."""
        known = sorted(known)
        for key in self._values:
            if key not in known:
                near = get_close_matches(key, known, 1)
                hint = f"Did you mean {near[0]}?" if near else f"It can have {', '.join(known)}."
                raise self.wrong(key[:64], f"there is no such key here. {hint}")

    def text(self, key: str) -> str | None:
        """A text that is not empty, in one line or several."""
        value = self._values.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value or "\0" in value:
            raise self.wrong(key, f'it must be a text, such as {key} = "...", without NUL.')
        return value

    def texts(self, key: str, example: str) -> tuple[str, ...]:
        """A list of texts."""
        value = self._values.get(key, [])
        if isinstance(value, list):
            items = cast("list[object]", value)
            texts = tuple(each for each in items if isinstance(each, str) and "\0" not in each)
            if len(texts) == len(items):
                return texts
        raise self.wrong(key, f"it must be a list of texts, such as {key} = {example}, without NUL.")

    def mapping(self, key: str, example: str) -> dict[str, str]:
        """A table of texts."""
        value = self._values.get(key, {})
        if isinstance(value, dict):
            items = cast("dict[str, object]", value)
            if all(isinstance(each, str) and "\0" not in each for each in items.values()):
                return cast("dict[str, str]", items)
        raise self.wrong(key, f"it must be a table of texts, such as {key} = {example}, without NUL.")

    def table(self, key: str, known: Iterable[str]) -> "Table | None":
        """A table within this one."""
        value = self._values.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.wrong(key, f"it must be a table: {self.place.rpartition('[')[2].rstrip(']')}.{key}.")
        made = Table(f"{self.place[:-1]}.{key}]", cast("dict[str, object]", value))
        made.only(known)
        return made

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self._values.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "it must be true or false, without quotes.")
        return value

    def seconds(self, key: str, most: int) -> float | None:
        """A duration in seconds."""
        value = self._values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
            raise self.wrong(key, f"it must be a number of seconds, at most {most:,}, such as {key} = 600.")
        return float(value)

    def count(self, key: str, most: int) -> int:
        """A whole number; 1 if there is none."""
        value = self._values.get(key, 1)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            raise self.wrong(key, f"it must be a whole number from 1 to {most}.")
        return value

    def word(self, key: str, words: Iterable[str]) -> str | None:
        """One of some words."""
        value = self._values.get(key)
        if value is None or (isinstance(value, str) and value in words):
            return value
        raise self.wrong(key, "it must be " + " or ".join(f'"{each}"' for each in words) + ".")
