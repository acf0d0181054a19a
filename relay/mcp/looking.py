"""Looking: what the event log has got behind a cursor, oldest first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import translate
from functools import lru_cache
from typing import Final

from domain.event import EventState
from domain.ids import made_at
from relay.mcp.cursor import START
from relay.mcp.desk import Desk, Json

_PAGE: Final = 100
_MOST_PAGES: Final = 20
_MARGIN_MS: Final = 60_000
"""The log is in the order of acceptance; clocks of several doors, which make the ids, differ a little."""

_NEVER_VERIFIED: Final = frozenset(
    {EventState.REJECTED, EventState.DUPLICATE, EventState.SET_ASIDE, EventState.EXPIRED}
)
_KEPT_GLOBS: Final = 500


@lru_cache(_KEPT_GLOBS)
def _compiled(glob: str) -> re.Pattern[str]:
    """As `fnmatchcase` has it, which would keep 32,768 patterns of anybody's for ever."""
    return re.compile(translate(glob))


@dataclass(frozen=True, slots=True)
class Watched:
    """What is waited for.

    Attributes:
        webhook: its name or id; "" for every one of the gateway.
        events: globs of event types; none: every event.
    """

    webhook: str
    events: Sequence[str]

    def wants(self, view: Json) -> bool:
        """Whether an event that has been decided is one of them."""
        kind = str(view["type"] or "")
        return not self.events or any(_compiled(glob).match(kind) for glob in self.events)


@dataclass(frozen=True, slots=True)
class Look:
    """What there is.

    Attributes:
        views: events that were accepted, verified and are wanted, as the control API tells them.
        after: where the next look goes on.
        rejected: ids of those that were rejected or set aside, or repeated another one.
        undecided: how many wait for a worker; the next look begins before them.
        is_more: whether there are more than were asked for.
        is_lost: whether so many came that not all could be looked at.
    """

    views: Sequence[Json]
    after: str
    rejected: Sequence[str]
    undecided: int
    is_more: bool = False
    is_lost: bool = False


async def newest(desk: Desk, watched: Watched) -> str:
    """The cursor behind everything that is there now."""
    page = await desk.ask("GET", "events", query=_query(watched, "1"))
    return page["events"][0]["id"] if page["events"] else START


async def look(desk: Desk, watched: Watched, after: str, limit: int) -> Look:
    """What is behind a cursor.

    It ends before the first event that no worker has decided: what comes behind that is told with it, later,
    or the cursor would pass it by.

    Args:
        desk: who is asked.
        watched: what is waited for.
        after: the cursor.
        limit: how many events are wanted at most.

    Raises:
        FleetError: the control API refused.
    """
    rows, is_lost = await _behind(desk, watched, after)
    decided = _decided(rows)
    views: list[Json] = []
    rejected: list[str] = []
    for number, row in enumerate(decided):
        if len(views) == limit:
            is_more = any(map(watched.wants, decided[number:]))
            return Look(views, after, rejected, 0, is_more, is_lost)
        after = row["id"]
        if row["state"] in _NEVER_VERIFIED:
            rejected.append(row["id"])
        elif watched.wants(row):
            views.append(row)
    return Look(views, after, rejected, len(rows) - len(decided), is_lost=is_lost)


async def _behind(desk: Desk, watched: Watched, after: str) -> tuple[list[Json], bool]:
    """All behind the cursor, oldest first, and whether there was more than can be looked at."""
    query = _query(watched, str(_PAGE))
    if after != START:
        query["since"] = _moment(made_at(after) - _MARGIN_MS)
    rows: list[Json] = []
    for _ in range(_MOST_PAGES):
        page = await desk.ask("GET", "events", query=query)
        for row in page["events"]:
            if row["id"] == after:
                return rows[::-1], False
            rows.append(row)
        if page["next"] is None:
            return _later(rows[::-1], after), False
        query["cursor"] = page["next"]
    return _later(rows[::-1], after), True


def _later(rows: list[Json], after: str) -> list[Json]:
    """Those behind a cursor that is not among them: the log has forgotten it, or it is another webhook's."""
    return rows if after == START else [row for row in rows if row["id"] > after]


def _decided(rows: list[Json]) -> list[Json]:
    for number, row in enumerate(rows):
        if row["state"] == EventState.WAITING:
            return rows[:number]
    return rows


def _query(watched: Watched, limit: str) -> dict[str, str]:
    return {"limit": limit, **({"webhook": watched.webhook} if watched.webhook else {})}


def _moment(unix_ms: int) -> str:
    return datetime.fromtimestamp(max(1, unix_ms) / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
