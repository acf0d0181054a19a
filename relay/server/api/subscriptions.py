"""Subscriptions in the control API: made, listed, shown, removed."""

from collections.abc import Sequence
from http import HTTPStatus

from starlette.responses import JSONResponse, Response

from domain.errors import InvalidInputError, UnknownThingError
from domain.ids import ENTROPY_BYTES, new_id
from domain.subscription import Subscription
from relay.server.api import body
from relay.server.api.inputs import NewSubscription
from relay.server.api.paging import look_of
from relay.server.api.resource import Visit
from relay.server.api.views import View, of_subscription
from store import subscriptions, webhooks
from store.calls import together


async def listing(visit: Visit) -> Response:
    """GET /subscriptions: a page of them, oldest first."""
    found = await visit.context.store.run(subscriptions.part_of(visit.gateway.id, look_of(visit)))
    return JSONResponse({"subscriptions": await _views(visit, found.things), "next": found.next})


async def show(visit: Visit) -> Response:
    """GET /subscriptions/{name or id}."""
    return JSONResponse((await _views(visit, [await _wanted(visit)]))[0])


async def create(visit: Visit) -> Response:
    """POST /subscriptions: from now on matching events wait for whoever connects under this name."""
    wish = await body.read(visit.request, NewSubscription)
    subscription = _made(visit, wish, await _ids(visit, wish.webhooks))
    try:
        await visit.context.store.run(subscriptions.create(subscription, visit.context.limits.subscriptions))
    except UnknownThingError as error:
        # Deleted since its id was looked up. It stands in the body, so the body is what is wrong.
        raise InvalidInputError("webhooks", str(error)) from None
    (view,) = await _views(visit, [subscription])
    headers = {"location": f"{visit.request.url.path}/{subscription.id}"}
    return JSONResponse(view, HTTPStatus.CREATED, headers=headers)


async def remove(visit: Visit) -> Response:
    """DELETE /subscriptions/{name or id}: its waiting deliveries are cancelled."""
    subscription = await _wanted(visit)
    call = subscriptions.remove(subscription.gateway, subscription.id, visit.context.clock_ms())
    # Whether this call or another one removed it: it is gone, as was asked.
    await visit.context.store.run(call)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _made(visit: Visit, wish: NewSubscription, webhook_ids: tuple[str, ...]) -> Subscription:
    now_ms = visit.context.clock_ms()
    return Subscription(
        id=new_id("sub", now_ms, visit.context.entropy(ENTROPY_BYTES)),
        gateway=visit.gateway.id,
        name=wish.name,
        webhooks=webhook_ids,
        event_types=wish.events,
        timeout_s=wish.timeout_s,
        created_at=now_ms,
        senders=wish.senders,
        expression=wish.expression,
        linger_s=wish.linger_s,
    )


async def _ids(visit: Visit, names_or_ids: Sequence[str]) -> tuple[str, ...]:
    """Ids of the gateway's webhooks, each once."""
    calls = [webhooks.find(visit.gateway.id, name) for name in names_or_ids]
    found = await visit.context.store.run(together(calls))
    ids: dict[str, None] = {}
    for name, stored in zip(names_or_ids, found, strict=True):
        if stored is None:
            raise InvalidInputError("webhooks", str(UnknownThingError("webhook", name[:64])))
        ids[stored.webhook.id] = None
    return tuple(ids)


async def _wanted(visit: Visit) -> Subscription:
    subscription = await visit.context.store.run(subscriptions.find(visit.gateway.id, visit.wanted))
    if subscription is None:
        raise visit.unknown("subscription")
    return subscription


async def _views(visit: Visit, found: Sequence[Subscription]) -> list[View]:
    ids = list({webhook for subscription in found for webhook in subscription.webhooks})
    named = await visit.context.store.run(webhooks.fetch(ids))
    names = {stored.webhook.id: stored.webhook.name for stored in named if stored is not None}
    return [of_subscription(subscription, names) for subscription in found]
