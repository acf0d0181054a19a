"""Events in the control API: what became of those that a filter leaves, and of one; retrying one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import JSONResponse, Response

from domain.ids import ENTROPY_BYTES, made_at, new_id
from relay.server.api import filters, looking
from relay.server.api.event_views import of_story, things_of
from relay.server.api.filters import EventsAsked
from relay.server.api.resource import Visit
from relay.server.api.views import View, moment
from store import events, names
from store.event_log import LogRow, look
from store.stories import Story, stories, story

_MOST_DELIVERIES: Final = 1000
"""So many are told on a page, those of its first event not counted: each may have 20 attempts."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the log.

    Attributes:
        rows: the events that fit.
        last: the event that was looked at last; "" when there was none.
        is_end: whether nothing older is there.
    """

    rows: Sequence[LogRow]
    last: str
    is_end: bool


async def listing(visit: Visit) -> Response:
    """GET /events: the latest that fit, newest first, as far back as one request looks."""
    part = _cut(await _found(visit, await filters.of_events(visit)))
    told = await visit.context.store.run(stories(visit.gateway.id, [row.event for row in part.rows]))
    return JSONResponse(
        {
            "events": await _views(visit, told),
            "next": None if part.is_end else part.last,
            "looked_back_to": moment(made_at(part.last)) if part.last else None,
        }
    )


async def show(visit: Visit) -> Response:
    """GET /events/{id}."""
    found = await visit.context.store.run(story(visit.gateway.id, visit.wanted))
    if found is None:
        raise visit.unknown("event")
    [view] = await _views(visit, [found])
    return JSONResponse(view)


async def retry(visit: Visit) -> Response:
    """POST /events/{id}/retry: what was set aside waits again."""
    context = visit.context
    now = context.clock_ms()
    mark = new_id("job", now, context.entropy(ENTROPY_BYTES))
    if not await context.store.run(events.retry(visit.gateway.id, visit.wanted, mark, now)):
        raise visit.unknown("event")
    return await show(visit)


async def _found(visit: Visit, asked: EventsAsked) -> _Part:
    """Looks at the log, a part at a time, until the page is full."""
    rows: list[LogRow] = []
    last = asked.after
    for looks in looking.parts():
        missing = asked.limit - len(rows)
        looked = await visit.context.store.run(
            look(asked.owner, visit.gateway.id, last, looks, missing, asked.rule)
        )
        rows += [row for row in looked.rows if asked.outcome in {None, row.outcome}]
        last = looked.last
        if looked.is_end or len(rows) == asked.limit:
            return _Part(rows, last, looked.is_end)
    return _Part(rows, last, is_end=False)


def _cut(part: _Part) -> _Part:
    """No more events than have so many deliveries."""
    deliveries = 0
    for number, row in enumerate(part.rows):
        deliveries += len(row.deliveries)
        if number and deliveries > _MOST_DELIVERIES:
            return _Part(part.rows[:number], part.rows[number - 1].event, is_end=False)
    return part


async def _views(visit: Visit, told: Sequence[Story]) -> list[View]:
    things = {thing for each in told for thing in things_of(each)}
    known = await visit.context.store.run(names.of(things)) if things else {}
    return [of_story(each, known, visit.context.retention_ms) for each in told]
