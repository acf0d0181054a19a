"""Hearing a request: it is judged by the webhook as we remember it, and never refused by that alone.

What is remembered may be 2 seconds old. A secret that was set a moment ago has to count, and one that is
captured must not take the place of another: before a refusal or a capture the webhook is read again.
"""

from typing import Final, NamedTuple

from domain.errors import OverloadedError
from domain.event import Request
from domain.ids import ENTROPY_BYTES, new_id
from domain.secret import SigningSecret
from ingress.context import IngressContext
from ingress.directory import Directory, Entry
from ingress.judge import Judgement, judge
from store.webhook_change import Change, WebhookChangedError
from store.webhooks import StoredWebhook, change, open_vault, seal_vault

_RETRY_AFTER_S: Final = 1


class Heard(NamedTuple):
    """What is said to a request, and the webhook by which it is said."""

    entry: Entry
    judgement: Judgement


class Hearing:
    """Judges requests and keeps the secrets that come with some of them."""

    def __init__(self, context: IngressContext, directory: Directory) -> None:
        self._context = context
        self._directory = directory

    async def hear(
        self, token: str, entry: Entry, request: Request, received_at: int, *, is_refused: bool
    ) -> Heard | None:
        """What is said to a request, None when the webhook is gone. A captured secret is kept by then.

        Args:
            token: of the webhook's URL.
            entry: the webhook as it is remembered.
            request: what came.
            received_at: Unix time of receipt in milliseconds.
            is_refused: whether it will not be accepted as an event anyway.

        Raises:
            SealBrokenError: the webhook's secrets cannot be opened.
            InvalidInputError: its parameters do not fit its sender.
            OverloadedError: the webhook was changed at the very moment of a capture.
            redis.exceptions.RedisError: Redis is away.
        """
        judgement = judge(self._context, entry.stored, request, received_at, is_refused=is_refused)
        if judgement.is_final:
            return Heard(entry, judgement)
        fresh = await self._directory.load(token)
        if fresh is None:
            return None
        if fresh.webhook.version != entry.webhook.version:
            judgement = judge(self._context, fresh.stored, request, received_at, is_refused=is_refused)
        if judgement.answer is not None and judgement.answer.captured is not None:
            if not await self._keep(fresh.stored, judgement.answer.captured, received_at):
                return None
            # The next request is signed with it, and this process at least shall know.
            await self._directory.load(token)
        return Heard(fresh, judgement)

    async def _keep(self, stored: StoredWebhook, secret: bytes, now_ms: int) -> bool:
        """Whether the webhook is still there to keep a secret."""
        context, webhook = self._context, stored.webhook
        fresh = SigningSecret(new_id("sec", now_ms, context.entropy(ENTROPY_BYTES)), secret, now_ms)
        vault = open_vault(context.sealer, stored).captured(fresh)
        sealed = seal_vault(context.sealer, webhook.gateway, webhook.id, vault, now_ms)
        try:
            return await context.store.run(change(webhook, Change(sealed_secrets=sealed)))
        except WebhookChangedError:
            raise OverloadedError("The webhook is being changed; come again later.", _RETRY_AFTER_S) from None
