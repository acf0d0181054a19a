"""The Git receiver as repos need it: found, and made by itself when the first one comes."""

from typing import Final

import structlog

from domain.errors import NameTakenError, SealBrokenError
from domain.webhook import GIT
from relay.server.api import receiver
from relay.server.api.inputs import NewWebhook
from relay.server.api.problems import ReceiverNameTakenError
from relay.server.api.resource import Visit
from relay.server.api.views import View
from store import webhooks
from store.webhooks import GitReceiverExistsError, StoredWebhook

NAME: Final = "git"
"""What it is called, unless its owner has made it."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


async def found(visit: Visit) -> View | None:
    """The Git receiver with its URL, None when the gateway has none."""
    stored = await visit.context.store.run(webhooks.git_of(visit.gateway.id))
    return None if stored is None else _view(visit, stored)


async def ensure(visit: Visit) -> None:
    """Make the Git receiver, if there is none.

    Raises:
        ReceiverNameTakenError: another webhook has its name.
        LimitReachedError: the gateway may have no more webhooks.
    """
    if await found(visit) is not None:
        return
    try:
        await receiver.create(visit, NewWebhook(name=NAME, sender=GIT))
    except GitReceiverExistsError:
        return
    except NameTakenError:
        # By another repo that came at the same time, perhaps.
        if await found(visit) is None:
            raise ReceiverNameTakenError(NAME) from None


def _view(visit: Visit, stored: StoredWebhook) -> View:
    context, url = visit.context, None
    try:
        url = f"{context.public_url}/t/{webhooks.open_token(context.sealer, stored)}"
    except SealBrokenError as error:
        _log.error("webhook_unreadable", webhook=stored.webhook.id, error=str(error))
    return {"id": stored.webhook.id, "name": stored.webhook.name, "url": url}
