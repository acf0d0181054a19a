"""Filters of long lists: from a form of a page to the control API, and into links that keep them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

_MAX_CHARS: Final = 200
_LOCAL_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?")
_TIMES: Final = frozenset({"since", "until"})


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to.

    Attributes:
        path: of the page.
        values: what was filled in, by name.
    """

    path: str
    values: Mapping[str, str]

    @property
    def asked(self) -> dict[str, str]:
        """The same as the control API takes it: with moments of RFC 3339."""
        return {name: _moment(value) if name in _TIMES else value for name, value in self.values.items()}

    @property
    def is_empty(self) -> bool:
        """Whether everything is listed."""
        return not self.values

    def value(self, name: str) -> str:
        """What was filled in, "" when nothing was."""
        return self.values.get(name, "")

    def link(self, path: str = "", **more: str) -> str:
        """The address of a page with this filter, and more; an empty value takes one away.

        Args:
            path: another page's path; else this one's.
            more: what is different, by name.
        """
        query = urlencode({name: value for name, value in {**self.values, **more}.items() if value})
        return (path or self.path) + (f"?{query}" if query else "")


def of(path: str, names: Sequence[str], filled: Mapping[str, object]) -> Filter:
    """A filter as it was filled in.

    Args:
        path: of the page.
        names: what it can be narrowed by.
        filled: the query or the form.
    """
    found = {name: str(filled.get(name) or "").strip()[:_MAX_CHARS] for name in names}
    return Filter(path, {name: value for name, value in found.items() if value})


def _moment(value: str) -> str:
    """What a browser's field for a time says, as a moment in UTC; anything else as it is."""
    if not _LOCAL_TIME.fullmatch(value):
        return value
    return f"{value}Z" if value.count(":") > 1 else f"{value}:00Z"
