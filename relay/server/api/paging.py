"""Paging: lists that may be long are answered a page at a time, in the order of names or of age."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.errors import InvalidInputError
from relay.server.api.resource import Visit
from store.owned import Look

DEFAULT_LIMIT: Final = 100
MAX_LIMIT: Final = 200
"""A page of repos takes the relay 10 ms, in which no tunnel is served."""

_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list.

    Attributes:
        names: what stands on it.
        next: the cursor that leads to the next one, None on the last.
    """

    names: Sequence[str]
    next: str | None


def page_of(visit: Visit, names: Sequence[str]) -> Page:
    """The page that a request asks for.

    Its `cursor` is the last name of the page before. So nothing is told twice or left out when things come
    and go between two pages. `namespace` and `name` leave only what bears them.

    Args:
        visit: the request; its parameters are `limit`, `cursor`, `namespace` and `name`.
        names: all there is, "namespace/name", sorted.

    Raises:
        InvalidInputError: the limit is none.
    """
    asked = visit.request.query_params
    wanted = [name for name in names if _bears(name, asked.get("namespace"), asked.get("name"))]
    begin = bisect_right(wanted, asked.get("cursor", ""))
    end = begin + limit_of(visit)
    found = wanted[begin:end]
    return Page(found, found[-1] if end < len(wanted) else None)


def _bears(full: str, namespace: str | None, name: str | None) -> bool:
    its_namespace, _, its_name = full.partition("/")
    return namespace in {None, its_namespace} and name in {None, its_name}


def look_of(visit: Visit) -> Look:
    """What a request asks for of a list that is in the order of age.

    Its `cursor` is the last id of the page before, with the same advantage; `name` is a part of the names.

    Raises:
        InvalidInputError: the limit is none.
    """
    asked = visit.request.query_params
    return Look(limit_of(visit), asked.get("cursor", ""), asked.get("name", "").lower())


def limit_of(visit: Visit) -> int:
    """How many things a request wants on its page.

    Raises:
        InvalidInputError: that is no number, or too large.
    """
    text = visit.request.query_params.get("limit")
    if text is None:
        return DEFAULT_LIMIT
    limit = int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInputError("limit", f"'limit' is a whole number from 1 to {MAX_LIMIT}.")
    return limit
