"""Webhooks in the control API: made, listed, shown, changed, deleted."""

from http import HTTPStatus

from starlette.responses import JSONResponse, Response

from domain.ids import ENTROPY_BYTES, new_id
from domain.senders import SENDERS, Sender
from domain.vault import Vault
from domain.webhook import Webhook
from relay.server.api import body, networks, opened
from relay.server.api.inputs import NewWebhook, WebhookChange
from relay.server.api.resource import Visit
from relay.server.api.rotation import fresh_secret, made_value
from store import tokens, webhooks
from store.webhooks import Change, StoredWebhook


async def listing(visit: Visit) -> Response:
    """GET /webhooks."""
    found = await visit.context.store.run(webhooks.of_gateway(visit.gateway.id))
    return JSONResponse({"webhooks": await opened.all_shown(visit, found)})


async def show(visit: Visit) -> Response:
    """GET /webhooks/{name or id}."""
    return JSONResponse(await opened.shown(visit, await opened.wanted(visit)))


async def create(visit: Visit) -> Response:
    """POST /webhooks: the answer has the URL, and once the secret when it was made here."""
    wish = await body.read(visit.request, NewWebhook)
    await networks.require_lists(visit, wish.allow_ips)
    sender = SENDERS[wish.sender]
    secret = made_value(visit, sender) if wish.require_signature and not sender.secret.issued else None
    token = tokens.url_token(visit.context.entropy(tokens.URL_TOKEN_BYTES))
    stored = _sealed(visit, _made(visit, wish), token, secret)
    await visit.context.store.run(
        webhooks.create(stored, tokens.hashed(token), visit.context.limits.webhooks)
    )
    view = await opened.shown(visit, stored)
    if secret is not None:
        view["secret"] = secret
    view["next_step"] = next_step(wish, sender)
    headers = {"location": f"{visit.request.url.path}/{stored.webhook.id}"}
    return JSONResponse(view, HTTPStatus.CREATED, headers=headers)


async def change(visit: Visit) -> Response:
    """PATCH /webhooks/{name or id}: what is not named stays. Nothing is accepted against it from now on."""
    await opened.wanted(visit)
    wish = await body.read(visit.request, WebhookChange)
    await networks.require_lists(visit, wish.allow_ips or ())
    to = Change(
        sender=wish.sender,
        require_signature=wish.require_signature,
        verify_at=wish.verify,
        https_only=wish.https_only,
        allow_ips=wish.allow_ips,
    )
    return JSONResponse(await opened.shown(visit, await opened.changed(visit, lambda _: to)))


async def delete(visit: Visit) -> Response:
    """DELETE /webhooks/{name or id}: its URL is dead at once."""
    webhook = (await opened.wanted(visit)).webhook
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
        verify_at=wish.verify,
    )


def _sealed(visit: Visit, webhook: Webhook, token: str, secret: str | None) -> StoredWebhook:
    sealer, place, now_ms = visit.context.sealer, (webhook.gateway, webhook.id), webhook.created_at
    secrets = () if secret is None else (fresh_secret(visit, secret.encode(), now_ms),)
    return StoredWebhook(
        webhook,
        webhooks.seal_token(sealer, *place, token, now_ms),
        webhooks.seal_vault(sealer, *place, Vault(secrets), now_ms),
    )
