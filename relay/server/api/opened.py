"""A webhook as a request finds it: read, its vault opened, changed, and shown to its owner."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from domain.errors import SealBrokenError
from domain.vault import Vault
from relay.server.api.resource import Visit
from relay.server.api.views import Traffic, View, of_webhook
from store import rates, refusals, webhooks
from store.webhook_change import Change, WebhookChangedError
from store.webhooks import StoredWebhook

# Each time that we come too late, somebody else has got something done.
_TRIES: Final = 100
_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


async def wanted(visit: Visit) -> StoredWebhook:
    """The webhook that the path names.

    Raises:
        UnknownThingError: the gateway has no such webhook.
    """
    stored = await visit.context.store.run(webhooks.find(visit.gateway.id, visit.wanted))
    if stored is None:
        raise visit.unknown("webhook")
    return stored


async def changed(visit: Visit, make: Callable[[StoredWebhook], Change]) -> StoredWebhook:
    """The webhook that the path names, after a change that is made for what is there.

    Args:
        visit: the request.
        make: the change for a webhook; called again with a fresh one when somebody else changed it meanwhile.

    Raises:
        UnknownThingError: the gateway has no such webhook.
        WebhookChangedError: others changed it all the time.
    """
    for _ in range(_TRIES):
        stored = await wanted(visit)
        try:
            await visit.context.store.run(webhooks.change(stored.webhook, make(stored)))
        except WebhookChangedError:
            continue
        return await wanted(visit)
    raise WebhookChangedError


def vault_of(visit: Visit, stored: StoredWebhook) -> Vault:
    """The vault of a webhook.

    Raises:
        SealBrokenError: its key is gone.
    """
    return webhooks.open_vault(visit.context.sealer, stored)


def to_vault(visit: Visit, stored: StoredWebhook, before: Vault, after: Vault) -> Change:
    """The change that gives a webhook another vault."""
    context, webhook = visit.context, stored.webhook
    if after == before:
        return Change()
    sealed = webhooks.seal_vault(context.sealer, webhook.gateway, webhook.id, after, context.clock_ms())
    return Change(sealed_secrets=sealed, forgotten=before.forgotten(after))


async def shown(visit: Visit, stored: StoredWebhook) -> View:
    """What the owner sees of a webhook."""
    [view] = await all_shown(visit, [stored])
    return view


async def all_shown(visit: Visit, found: Sequence[StoredWebhook]) -> list[View]:
    """What the owner sees of several."""
    ids, run = [stored.webhook.id for stored in found], visit.context.store.run
    since = refusals.of(ids, visit.context.clock_ms())
    told = await asyncio.gather(run(webhooks.matched(ids)), run(rates.of(ids)), run(since))
    traffic = map(Traffic, *told)
    return [_view(visit, stored, each) for stored, each in zip(found, traffic, strict=True)]


def _view(visit: Visit, stored: StoredWebhook, traffic: Traffic) -> View:
    context = visit.context
    url = vault = None
    try:
        url = f"{context.public_url}/t/{webhooks.open_token(context.sealer, stored)}"
        vault = vault_of(visit, stored)
    except SealBrokenError as error:
        # The others are still to be seen, and this one can still be deleted.
        _log.error("webhook_unreadable", webhook=stored.webhook.id, error=str(error))
    return of_webhook(stored, url, vault, traffic, context.clock_ms())
