"""Long lists of the control API, which come a page at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, cast

from cli.api_errors import ApiError
from cli.client import ControlApi, Json

_LIMIT: Final = 200
MOST_PAGES: Final = 1000
"""No list of ours is longer: 200,000 things, or the events that so many searches look at."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a long list.

    Attributes:
        things: what is in it.
        next: the cursor behind it; None at the end of the list.
        looked_back_to: how far was looked, where that is less than all; None otherwise.
    """

    things: list[Json]
    next: str | None
    looked_back_to: str | None


def every(api: ControlApi, things: str, query: Mapping[str, str] | None = None) -> list[Json]:
    """All that stands on the pages of a list, for what is never very long.

    Raises:
        ApiError: the relay was not reached, or it refused.
    """
    return [each for page in pages(api, things, query or {}) for each in page[things]]


def pages(api: ControlApi, things: str, query: Mapping[str, str]) -> Iterator[Json]:
    """The pages of a list, at least one.

    Args:
        api: who is asked.
        things: what is listed, such as "repos".
        query: what the list is limited to.

    Raises:
        ApiError: the relay was not reached, or it refused.
    """
    cursor: str | None = ""
    for _ in range(MOST_PAGES):
        page = _page(api, things, {**query, "limit": str(_LIMIT), "cursor": cursor})
        yield page
        cursor = page["next"]
        if cursor is None:
            return
    raise _endless()


def part(api: ControlApi, things: str, query: Mapping[str, str], most: int, cursor: str | None) -> Part:
    """As much of a list as is wanted. A page may come short of its limit, so pages are asked for until then.

    Args:
        api: who is asked.
        things: what is listed, such as "events".
        query: what the list is limited to.
        most: how many are wanted.
        cursor: where to go on; None: from the beginning.

    Raises:
        ApiError: the relay was not reached, or it refused.
    """
    found: list[Json] = []
    for _ in range(MOST_PAGES):
        limit = str(min(_LIMIT, most - len(found)))
        page = _page(api, things, {**query, "limit": limit, "cursor": cursor or ""})
        found += page[things]
        cursor = page["next"]
        if cursor is None or len(found) >= most:
            return Part(found, cursor, page.get("looked_back_to") if cursor else None)
    raise _endless()


def _page(api: ControlApi, things: str, query: Mapping[str, str]) -> Json:
    page = api.ask("GET", things, query=query)
    listed: object = page[things]
    is_page = isinstance(listed, list) and all(
        isinstance(each, dict) for each in cast("list[object]", listed)
    )
    if not is_page or not isinstance(page["next"], str | None):
        raise ApiError("The relay gave an answer that is no page of a list; check FLEET_API_URL.")
    return page


def _endless() -> ApiError:
    return ApiError(f"The list did not end after {MOST_PAGES:,} pages; check FLEET_API_URL.")
