"""Webhooks in the control API: made, listed, shown, changed, deleted."""

from dataclasses import replace
from http import HTTPStatus

from starlette.responses import JSONResponse, Response

from domain.ids import ENTROPY_BYTES, new_id
from domain.senders import SENDERS, Sender
from domain.vault import Vault
from domain.webhook import GIT, VerifyAt, Webhook
from relay.server.api import at_home, body, networks, opened, receiver
from relay.server.api.fitting import fitted, made_here, require_made, require_signing
from relay.server.api.inputs import NewWebhook, WebhookChange
from relay.server.api.next_step import next_step
from relay.server.api.paging import look_of
from relay.server.api.resource import Visit
from relay.server.api.rotation import fresh_secret
from store import tokens, webhooks
from store.webhook_change import Change
from store.webhooks import StoredWebhook


async def listing(visit: Visit) -> Response:
    """GET /webhooks: a page of them, oldest first."""
    found = await visit.context.store.run(webhooks.part_of(visit.gateway.id, look_of(visit)))
    return JSONResponse({"webhooks": await opened.all_shown(visit, found.things), "next": found.next})


async def show(visit: Visit) -> Response:
    """GET /webhooks/{name or id}."""
    return JSONResponse(await opened.shown(visit, await opened.wanted(visit)))


async def create(visit: Visit) -> Response:
    """POST /webhooks: the answer has the URL, and once the secret when it was made here."""
    wish = await body.read(visit.request, NewWebhook)
    await networks.require_lists(visit, wish.allow_ips)
    if wish.sender == GIT:
        return await _answered(visit, await receiver.create(visit, wish), receiver.NEXT_STEP)
    vault = Vault().with_parameters(wish.parameters)
    sender = fitted(wish.sender, vault.parameters)
    if wish.verify == "local":
        at_home.require_leaving(sender, is_required=wish.require_signature)
    if wish.require_signature:
        require_signing(sender)
    require_made(wish)
    secret = made_here(visit, sender) if wish.require_signature else None
    webhook = _made(visit, wish, sender)
    if secret is not None:
        vault = vault.with_secrets((fresh_secret(visit, secret.encode(), webhook.created_at),))
        vault = vault.holding() if wish.hold_secret else vault
    token = tokens.url_token(visit.context.entropy(tokens.URL_TOKEN_BYTES))
    stored = _sealed(visit, webhook, token, vault)
    await visit.context.store.run(
        webhooks.create(stored, tokens.hashed(token), visit.context.limits.webhooks)
    )
    step = next_step(wish, sender, is_made=secret is not None)
    return await _answered(visit, stored, step, None if wish.hold_secret else secret)


async def _answered(visit: Visit, stored: StoredWebhook, step: str, secret: str | None = None) -> Response:
    view = await opened.shown(visit, stored)
    if secret is not None:
        view["secret"] = secret
    view["next_step"] = step
    headers = {"location": f"{visit.request.url.path}/{stored.webhook.id}"}
    return JSONResponse(view, HTTPStatus.CREATED, headers=headers)


async def change(visit: Visit) -> Response:
    """PATCH /webhooks/{name or id}: what is not named stays. Nothing is accepted against it from now on."""
    await opened.wanted(visit)
    wish = await body.read(visit.request, WebhookChange)
    await networks.require_lists(visit, wish.allow_ips or ())
    stored = await opened.changed(visit, lambda found: _changed(visit, found, wish))
    return JSONResponse(await opened.shown(visit, stored))


def _changed(visit: Visit, stored: StoredWebhook, wish: WebhookChange) -> Change:
    webhook = stored.webhook
    if webhook.is_git:
        return _changed_receiver(wish)
    sealed = Change()
    verify_at = wish.verify or _verify_at(webhook, wish.sender)
    demanded = webhook.require_signature if wish.require_signature is None else wish.require_signature
    if demanded:
        require_signing(SENDERS[wish.sender or webhook.sender])
    if (verify_at or webhook.verify_at) == "local":
        at_home.require_leaving(SENDERS[wish.sender or webhook.sender], is_required=demanded)
    if verify_at == "local":
        at_home.require_empty(webhook.name, opened.vault_of(visit, stored))
    if wish.sender or wish.parameters:
        before = opened.vault_of(visit, stored)
        after = before.with_parameters(wish.parameters)
        fitted(wish.sender or webhook.sender, after.parameters)
        sealed = opened.to_vault(visit, stored, before, after)
    return replace(
        sealed,
        description=wish.description,
        paused=wish.paused,
        hourly_limit=wish.hourly_limit,
        sender=wish.sender,
        require_signature=wish.require_signature,
        verify_at=verify_at,
        https_only=wish.https_only,
        allow_ips=wish.allow_ips,
    )


def _changed_receiver(wish: WebhookChange) -> Change:
    wished = {
        "sender": wish.sender,
        "require_signature": wish.require_signature,
        "verify": wish.verify,
        "parameters": wish.parameters,
    }
    for field, value in wished.items():
        if value:
            raise receiver.no_signature(field)
    return Change(
        description=wish.description,
        paused=wish.paused,
        hourly_limit=wish.hourly_limit,
        https_only=wish.https_only,
        allow_ips=wish.allow_ips,
    )


def _verify_at(webhook: Webhook, sender: str | None) -> VerifyAt | None:
    """Where signatures of another sender are checked, unless the owner has chosen the place."""
    has_chosen = webhook.verify_at != SENDERS[webhook.sender].verify_at
    return None if sender is None or has_chosen else SENDERS[sender].verify_at


async def delete(visit: Visit) -> Response:
    """DELETE /webhooks/{name or id}: its URL is dead at once."""
    webhook = (await opened.wanted(visit)).webhook
    call = webhooks.delete(webhook.gateway, webhook.id, visit.context.clock_ms())
    # Whether this call or another one deleted it: it is gone, as was asked.
    await visit.context.store.run(call)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _made(visit: Visit, wish: NewWebhook, sender: Sender) -> Webhook:
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
        verify_at=wish.verify or sender.verify_at,
    )


def _sealed(visit: Visit, webhook: Webhook, token: str, vault: Vault) -> StoredWebhook:
    sealer, place, now_ms = visit.context.sealer, (webhook.gateway, webhook.id), webhook.created_at
    return StoredWebhook(
        webhook,
        webhooks.seal_token(sealer, *place, token, now_ms),
        webhooks.seal_vault(sealer, *place, vault, now_ms),
    )
