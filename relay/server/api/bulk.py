"""Many dead deliveries at once: those that are named, or the next of those that a filter leaves.

Whoever wants all calls again with the cursor and `until` of the answer: so nothing has to be remembered here,
and what dies again meanwhile is not retried twice.
"""

from dataclasses import replace

from starlette.responses import JSONResponse, Response

from domain.errors import InvalidInputError
from relay.server.api import body, filters
from relay.server.api.deliveries import Change, changed, found
from relay.server.api.filters import FailuresAsked, cursor_of, moment_ms
from relay.server.api.inputs import BulkChange, FailureFilter
from relay.server.api.resource import Visit
from relay.server.api.views import moment
from store import failures


async def retry(visit: Visit) -> Response:
    """POST /deliveries/retry."""
    return await _change(visit, failures.replay)


async def discard(visit: Visit) -> Response:
    """POST /deliveries/discard."""
    return await _change(visit, failures.discard)


async def _change(visit: Visit, change: Change) -> Response:
    wish = await body.read(visit.request, BulkChange)
    until_ms = moment_ms("until", wish.until or "") or visit.context.clock_ms()
    match wish:
        case BulkChange(deliveries=None, filter=FailureFilter() as meant):
            asked = await _asked(visit, wish, meant, until_ms)
            rows, last, is_end = await found(visit, asked)
            ids, cursor = [row.delivery.id for row in rows], None if is_end else cursor_of(last)
        case BulkChange(deliveries=tuple() as named, filter=None):
            ids, cursor = list(dict.fromkeys(named)), None
        case _:
            raise InvalidInputError("deliveries", "Name 'deliveries' or give a 'filter', which may be {}.")
    answers = dict(zip(ids, await changed(visit, change, ids) if ids else (), strict=True))
    return JSONResponse(
        {
            "done": sum(answer == "done" for answer in answers.values()),
            "skipped": [{"id": each, "because": why} for each, why in answers.items() if why != "done"],
            "next": cursor,
            "until": moment(until_ms),
        }
    )


async def _asked(visit: Visit, wish: BulkChange, meant: FailureFilter, until_ms: int) -> FailuresAsked:
    rule = await filters.rule_of(visit, meant)
    rule = replace(rule, until_ms=min(rule.until_ms or until_ms, until_ms))
    return FailuresAsked("dead", rule, filters.place_of(wish.cursor or ""), wish.limit)
