"""Tests in the control API: a real event, signed as its sender would, sent to the public door at once."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from starlette.responses import JSONResponse, Response

from domain.errors import InvalidInputError
from domain.senders import describe
from domain.senders.samples import SAMPLES
from relay.server.api import body, opened
from relay.server.api.drawing import Drawn, draw
from relay.server.api.inputs import NewSample, NewTest
from relay.server.api.resource import Visit
from relay.server.api.views import moment
from relay.server.ingress_door import Reply
from store import events, passes, subscriptions
from store.webhooks import StoredWebhook

_NEEDS_TRIAL: Final = "trial_key"


@dataclass(frozen=True, slots=True)
class _Test:
    """What is sent; `has_trial_key`: whether it is signed with a key that the webhook knows for a minute."""

    drawn: Drawn
    has_trial_key: bool


async def create(visit: Visit) -> Response:
    """POST /webhooks/{name or id}/test: what the door said; the story of the event says the rest."""
    stored = await opened.wanted(visit)
    wish = await body.read(visit.request, NewTest)
    test = await _made(visit, stored, wish)
    reply = await _sent(visit, stored, test.drawn)
    if reply.event is not None:
        await visit.context.store.run(events.mark_test(visit.gateway.id, reply.event))
    return JSONResponse(
        {
            "event": reply.event,
            "status": reply.status,
            "answer": reply.document,
            "type": describe(test.drawn.place.sender, test.drawn.request).event_type,
            "signed_by": test.drawn.scheme,
            "trial_key": test.has_trial_key,
            "sent_at": moment(test.drawn.at_ms),
            "url": test.drawn.place.url,
        },
        HTTPStatus.CREATED,
    )


async def _made(visit: Visit, stored: StoredWebhook, wish: NewTest) -> _Test:
    """The request, with a trial key only where there is no other way."""
    if stored.webhook.is_git:
        raise InvalidInputError(
            "event",
            "A push of a Git host is not imitated: which repo would it mean? 'fleet repos sync NAME' has one"
            " polled at once.",
        )
    event = wish.event or await _wanted_event(visit, stored)
    try:
        return _Test(await draw(visit, stored, NewSample(event=event)), has_trial_key=False)
    except InvalidInputError as error:
        if error.field != _NEEDS_TRIAL:
            raise
    return _Test(await draw(visit, stored, NewSample(event=event, trial_key=True)), has_trial_key=True)


async def _wanted_event(visit: Visit, stored: StoredWebhook) -> str:
    """The first event of the samples that a subscription wants, by its type and sender; else the first."""
    sender = stored.webhook.sender
    known = [each.event for each in SAMPLES[sender]]
    [listeners] = await visit.context.store.run(subscriptions.routes([stored.webhook.id]))
    wanted = (each for each in known if any(one.misses((each,), sender) is None for one in listeners))
    return next(wanted, known[0])


async def _sent(visit: Visit, stored: StoredWebhook, drawn: Drawn) -> Reply:
    """The answer of the door, where the test arrives under the name that senders use."""
    context, request, public = visit.context, drawn.request, urlsplit(drawn.place.url)
    vouched = passes.new_pass(context.sealer, stored.webhook.id, request.body, context.clock_ms())
    # What stands before /t/ at the public address is cut off by a proxy, which is not on this way.
    target = f"/t/{public.path.rpartition('/')[2]}"
    headers = [
        ("host", public.netloc),
        *((name.decode("ascii"), value.decode("ascii")) for name, value in request.headers),
        (passes.HEADER.decode("ascii"), vouched),
    ]
    query = f"?{request.query.decode('ascii')}" if request.query else ""
    return await context.ingress.post(target + query, headers, request.body)
