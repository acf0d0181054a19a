"""Deliveries in the control API: those that are dead or wait for a retry, and what is done with them."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

import structlog
from starlette.responses import JSONResponse, Response

from domain.ids import ENTROPY_BYTES, event_of, is_delivery_id, new_id
from relay.server.api import filters, looking
from relay.server.api.event_views import of_failure, of_one, things_of
from relay.server.api.filters import FailuresAsked, cursor_of
from relay.server.api.problems import DeliveryNotDeadError, NothingToRetryError
from relay.server.api.resource import Visit
from relay.server.api.views import View, moment
from store import failures, names
from store.calls import Call
from store.failures import START, Changed, Failure, Place
from store.stories import story

_MOST_NOTES: Final = 20
_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

Change = Callable[[str, Sequence[str], str], Call[list[Changed]]]
"""What is done with dead deliveries: `failures.replay` or `failures.discard`."""


async def listing(visit: Visit) -> Response:
    """GET /deliveries: those that fit, who failed last first, as far back as one request looks."""
    asked = await filters.of_failures(visit)
    rows, last, is_end = await found(visit, asked)
    things = {thing for row in rows for thing in (row.webhook, row.delivery.subscription)}
    known = await visit.context.store.run(names.of(things)) if things else {}
    return JSONResponse(
        {
            "deliveries": [of_failure(row, known, visit.context.retention_ms) for row in rows],
            "next": None if is_end else cursor_of(last),
            "looked_back_to": moment(last.at) if last.at else None,
        }
    )


async def count(visit: Visit) -> Response:
    """GET /deliveries/count: how many fit, as far back as one request looks."""
    asked = await filters.of_failures(visit)
    notes: Counter[str] = Counter()
    after, is_end = asked.after, False
    for looks in looking.parts():
        part = await visit.context.store.run(
            failures.count(visit.gateway.id, asked.state, after, looks, asked.rule)
        )
        notes.update(part.notes)
        after, is_end = part.last, part.is_end
        if is_end:
            break
    total = notes.total()
    if asked.rule.is_of_time and asked.after == START:
        total = await visit.context.store.run(failures.number(visit.gateway.id, asked.state, asked.rule))
        is_end = True
    return JSONResponse(
        {"count": total, "is_complete": is_end, "by_note": dict(notes.most_common(_MOST_NOTES))}
    )


async def show(visit: Visit) -> Response:
    """GET /deliveries/{id}."""
    return JSONResponse(await _view(visit))


async def retry(visit: Visit) -> Response:
    """POST /deliveries/{id}/retry: a dead one is sent once more, with as many attempts as at first."""
    return await _change(visit, failures.replay)


async def discard(visit: Visit) -> Response:
    """POST /deliveries/{id}/discard: a dead one is given up for good."""
    return await _change(visit, failures.discard)


async def found(visit: Visit, asked: FailuresAsked) -> tuple[list[Failure], Place, bool]:
    """Look at the list, in parts, until the page is full: the page, its end, and whether that is all."""
    rows: list[Failure] = []
    last = asked.after
    for looks in looking.parts():
        missing = asked.limit - len(rows)
        part = await visit.context.store.run(
            failures.look(visit.gateway.id, asked.state, last, looks, missing, asked.rule)
        )
        rows += part.rows
        last = part.last
        if part.is_end or len(rows) == asked.limit:
            return rows, last, part.is_end
    return rows, last, False


async def changed(visit: Visit, change: Change, deliveries: Sequence[str]) -> list[Changed]:
    """Do the same with several, which may be unknown or not dead; what became of each."""
    context, gateway = visit.context, visit.gateway.id
    run = new_id("job", context.clock_ms(), context.entropy(ENTROPY_BYTES))
    answers = await context.store.run(change(gateway, deliveries, run))
    _log.info("deliveries_changed", gateway=gateway, how=change.__name__, done=answers.count("done"))
    return answers


async def _change(visit: Visit, change: Change) -> Response:
    if not is_delivery_id(visit.wanted):
        raise visit.unknown("delivery")
    [answer] = await changed(visit, change, [visit.wanted])
    if answer == "unknown":
        raise visit.unknown("delivery")
    view = await _view(visit)
    if answer == "not_dead":
        raise DeliveryNotDeadError(visit.wanted, str(view["state"]))
    if answer == "body_gone":
        raise NothingToRetryError(visit.wanted)
    return JSONResponse(view)


async def _view(visit: Visit) -> View:
    wanted, run, gateway = visit.wanted, visit.context.store.run, visit.gateway.id
    told = await run(story(gateway, event_of(wanted))) if is_delivery_id(wanted) else None
    delivery = next((each for each in told.deliveries if each.id == wanted), None) if told else None
    if told is None or delivery is None:
        raise visit.unknown("delivery")
    failed_at = await run(failures.since(gateway, wanted))
    known = await run(names.of(set(things_of(told))))
    return of_one(told, delivery, failed_at, known, visit.context.retention_ms)
