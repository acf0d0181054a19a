"""Webhooks in the control API: made, listed, shown, changed, given a secret, deleted."""

from http import HTTPStatus

import structlog
from starlette.responses import JSONResponse, Response

from domain.errors import SealBrokenError
from domain.ids import ENTROPY_BYTES, new_id
from domain.senders import SENDERS, Sender
from domain.webhook import Webhook
from relay.server.api import body, networks
from relay.server.api.inputs import NewSecret, NewWebhook, WebhookChange
from relay.server.api.resource import Visit
from relay.server.api.views import View, of_webhook
from store import tokens, webhooks
from store.webhooks import StoredWebhook

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


async def listing(visit: Visit) -> Response:
    """GET /webhooks."""
    found = await visit.context.store.run(webhooks.of_gateway(visit.gateway.id))
    return JSONResponse({"webhooks": [_view(visit, stored) for stored in found]})


async def show(visit: Visit) -> Response:
    """GET /webhooks/{name or id}."""
    return JSONResponse(_view(visit, await _wanted(visit)))


async def create(visit: Visit) -> Response:
    """POST /webhooks: the answer has the URL, and once the secret when it was made here."""
    wish = await body.read(visit.request, NewWebhook)
    await networks.require_lists(visit, wish.allow_ips)
    sender = SENDERS[wish.sender]
    secret = None
    if wish.require_signature and not sender.secret.issued:
        secret = tokens.signing_secret(visit.context.entropy(tokens.SECRET_BYTES))
    token = tokens.url_token(visit.context.entropy(tokens.URL_TOKEN_BYTES))
    stored = _sealed(visit, _made(visit, wish), token, secret)
    await visit.context.store.run(
        webhooks.create(stored, tokens.hashed(token), visit.context.limits.webhooks)
    )
    view = _view(visit, stored)
    if secret is not None:
        view["secret"] = secret
    view["next_step"] = next_step(wish, sender)
    headers = {"location": f"{visit.request.url.path}/{stored.webhook.id}"}
    return JSONResponse(view, HTTPStatus.CREATED, headers=headers)


async def change(visit: Visit) -> Response:
    """PATCH /webhooks/{name or id}: who may send. Nothing is accepted against it from now on."""
    webhook = (await _wanted(visit)).webhook
    wish = await body.read(visit.request, WebhookChange)
    await networks.require_lists(visit, wish.allow_ips or ())
    call = webhooks.change(webhook.gateway, webhook.id, https_only=wish.https_only, allow_ips=wish.allow_ips)
    await visit.context.store.run(call)
    return JSONResponse(_view(visit, await _wanted(visit)))


async def set_secret(visit: Visit) -> Response:
    """PUT /webhooks/{name or id}/secret: replaces what was set before. The answer does not repeat it."""
    # The webhook comes first: for a foreign one nothing is said about the body.
    webhook = (await _wanted(visit)).webhook
    wish = await body.read(visit.request, NewSecret)
    context = visit.context
    secrets = [wish.secret.encode()]
    sealed = webhooks.seal_secrets(context.sealer, webhook.gateway, webhook.id, secrets, context.clock_ms())
    await context.store.run(webhooks.set_secrets(webhook.gateway, webhook.id, sealed))
    return JSONResponse(_view(visit, await _wanted(visit)))


async def delete(visit: Visit) -> Response:
    """DELETE /webhooks/{name or id}: its URL is dead at once."""
    webhook = (await _wanted(visit)).webhook
    call = webhooks.delete(webhook.gateway, webhook.id, visit.context.clock_ms())
    # Whether this call or another one deleted it: it is gone, as was asked.
    await visit.context.store.run(call)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def next_step(wish: NewWebhook, sender: Sender) -> str:
    """What the owner has to do before signed events pass, in sentences."""
    store_it = f"store it here with 'fleet webhooks set-secret {wish.name}'"
    if sender.secret.issued and wish.require_signature:
        return (
            f"{sender.title} makes the secret. {sender.secret.where}"
            f" Then {store_it}; until then every event is rejected."
        )
    if wish.require_signature:
        return f"The secret is shown this once. {sender.secret.where}"
    return f"Whoever knows the URL can send events. To have signatures checked, take a secret and {store_it}."


def _made(visit: Visit, wish: NewWebhook) -> Webhook:
    context = visit.context
    now_ms = context.clock_ms()
    return Webhook(
        id=new_id("whk", now_ms, context.entropy(ENTROPY_BYTES)),
        gateway=visit.gateway.id,
        name=wish.name,
        description=wish.description,
        sender=wish.sender,
        require_signature=wish.require_signature,
        hourly_limit=context.hourly_limit if wish.hourly_limit is None else wish.hourly_limit,
        created_at=now_ms,
        version=1,
        https_only=wish.https_only,
        allow_ips=wish.allow_ips,
    )


def _sealed(visit: Visit, webhook: Webhook, token: str, secret: str | None) -> StoredWebhook:
    sealer, place, now_ms = visit.context.sealer, (webhook.gateway, webhook.id), webhook.created_at
    secrets = [] if secret is None else [secret.encode()]
    return StoredWebhook(
        webhook,
        webhooks.seal_token(sealer, *place, token, now_ms),
        webhooks.seal_secrets(sealer, *place, secrets, now_ms),
    )


async def _wanted(visit: Visit) -> StoredWebhook:
    stored = await visit.context.store.run(webhooks.find(visit.gateway.id, visit.wanted))
    if stored is None:
        raise visit.unknown("webhook")
    return stored


def _view(visit: Visit, stored: StoredWebhook) -> View:
    try:
        token = webhooks.open_token(visit.context.sealer, stored)
    except SealBrokenError as error:
        # The others are still to be seen, and this one can still be deleted.
        _log.error("webhook_unreadable", webhook=stored.webhook.id, error=str(error))
        return of_webhook(stored, None)
    return of_webhook(stored, f"{visit.context.public_url}/t/{token}")
