"""Examinations over the control API: why a signature fails, of what comes next or of what is still here."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from starlette.responses import JSONResponse, Response

from domain.envelope import unpack
from domain.errors import UnknownThingError
from domain.senders.diagnosis import Finding, diagnose
from domain.webhook import EXAMINED_MS
from relay.server.api import opened
from relay.server.api.at_home import require_gateway
from relay.server.api.problems import BodyGoneError
from relay.server.api.receiver import require_sender
from relay.server.api.resource import Visit
from relay.server.api.views import moment
from store import stories, webhooks
from store.examining import case_of, neighbours
from store.sealing import event_place
from store.stories import Story
from store.webhook_change import Change
from store.webhooks import StoredWebhook

# One at a time, and beside the tunnels: an examination may take the better part of a second.
_EXAMINER: Final = ThreadPoolExecutor(1, thread_name_prefix="examiner")


async def begin(visit: Visit) -> Response:
    """POST /webhooks/{name or id}/examination: for some minutes, events rejected there bear a finding."""
    now_ms = visit.context.clock_ms()

    def make(stored: StoredWebhook) -> Change:
        require_sender(stored.webhook)
        require_gateway(stored.webhook)
        return Change(examine_until=now_ms + EXAMINED_MS)

    stored = await opened.changed(visit, make)
    webhook = stored.webhook
    return JSONResponse(
        {
            "webhook": webhook.id,
            "name": webhook.name,
            "until": moment(webhook.examine_until),
            "now": moment(now_ms),
        }
    )


async def of_event(visit: Visit) -> Response:
    """POST /events/{id}/examination: what is wrong with one event, as long as its body is here."""
    story = await visit.context.store.run(stories.story(visit.gateway.id, visit.wanted))
    if story is None:
        raise visit.unknown("event")
    finding = story.finding or await _found(visit, story)
    now_ms = visit.context.clock_ms()
    return JSONResponse({"event": story.event, "finding": finding.content, "now": moment(now_ms)})


async def _found(visit: Visit, story: Story) -> Finding:
    context, gateway = visit.context, visit.gateway.id
    sealed = await context.store.run(stories.sealed_request(story.event))
    if sealed is None:
        raise BodyGoneError(story.event)
    [stored] = await context.store.run(webhooks.fetch([story.webhook]))
    if stored is None:
        raise UnknownThingError("webhook", story.webhook)
    require_sender(stored.webhook)
    require_gateway(stored.webhook)
    ids = await context.store.run(neighbours(gateway, story.webhook))
    others = await context.store.run(webhooks.fetch(ids)) if ids else []
    request = unpack(context.sealer.open(sealed, event_place(gateway, story.webhook, story.event)))
    case = case_of(stored, others, request, story.received_at, context.sealer, context.public_url)
    return await asyncio.get_running_loop().run_in_executor(_EXAMINER, diagnose, case)
