"""The Git receiver of a gateway: a webhook for pushes of any Git host; Secrets of repos vouch for them."""

from typing import Final

from domain.errors import InvalidInputError
from domain.ids import ENTROPY_BYTES, new_id
from domain.vault import Vault
from domain.webhook import GIT, Webhook
from relay.server.api.inputs import NewWebhook
from relay.server.api.resource import Visit
from store import tokens, webhooks
from store.webhooks import StoredWebhook

SIGNATURE: Final = "by the Secrets of repos"
"""How its events are verified, in words."""

NEXT_STEP: Final = (
    "Register the URL at your Git host, for pushes. 'fleet apply -f FILE' adds the repos that it is to mean,"
    " and the Secrets that vouch for its pushes."
)


def require_sender(webhook: Webhook) -> None:
    """Check that a webhook has a sender whose signatures have rules: that it is no Git receiver.

    Raises:
        InvalidInputError: it is one.
    """
    if webhook.is_git:
        raise no_signature("sender")


def no_signature(field: str) -> InvalidInputError:
    """The objection to what only webhooks with signatures of their own have."""
    return InvalidInputError(
        field,
        "The webhook for Git has no secret, signature or parameter of its own: the Secrets that its repos"
        " name vouch for pushes ('fleet apply -f FILE').",
    )


def require_fitting(wish: NewWebhook) -> None:
    """Check that nothing is wished that a Git receiver has not.

    Raises:
        InvalidInputError: something is.
    """
    wished = {
        "require_signature": wish.require_signature,
        "verify": wish.verify,
        "parameters": wish.parameters,
        "hold_secret": wish.hold_secret,
    }
    for field, value in wished.items():
        if value:
            raise no_signature(field)


async def create(visit: Visit, wish: NewWebhook) -> StoredWebhook:
    """Make the Git receiver of a gateway.

    Raises:
        InvalidInputError: something is wished that it has not.
        NameTakenError: another webhook has the name.
        LimitReachedError: the gateway has too many webhooks.
        GitReceiverExistsError: the gateway has one.
    """
    require_fitting(wish)
    context = visit.context
    now_ms = context.clock_ms()
    webhook = Webhook(
        id=new_id("whk", now_ms, context.entropy(ENTROPY_BYTES)),
        gateway=visit.gateway.id,
        name=wish.name,
        description=wish.description,
        sender=GIT,
        require_signature=False,
        hourly_limit=context.hourly_limit if wish.hourly_limit is None else wish.hourly_limit,
        created_at=now_ms,
        version=1,
        https_only=wish.https_only,
        allow_ips=wish.allow_ips,
    )
    token = tokens.url_token(context.entropy(tokens.URL_TOKEN_BYTES))
    place = (webhook.gateway, webhook.id)
    stored = StoredWebhook(
        webhook,
        webhooks.seal_token(context.sealer, *place, token, now_ms),
        webhooks.seal_vault(context.sealer, *place, Vault(), now_ms),
    )
    await context.store.run(webhooks.create(stored, tokens.hashed(token), context.limits.webhooks))
    return stored
