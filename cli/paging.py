"""Long lists of the control API, which come a page at a time."""

from collections.abc import Iterator, Mapping
from typing import Final

from cli.client import ControlApi, Json

_LIMIT: Final = "200"


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
    cursor = ""
    while cursor is not None:
        page = api.ask("GET", things, query={**query, "limit": _LIMIT, "cursor": cursor})
        yield page
        cursor = page["next"]
