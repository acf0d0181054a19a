"""Which webhook stands at an address: looked up in Redis, remembered for a moment.

A remembered webhook may be out of date; that is harmless, because the accept script compares versions.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, NamedTuple

from domain.allowed import list_names
from domain.webhook import Webhook
from ingress.context import IngressContext
from ingress.guard import Guard, guard_of
from ingress.named_networks import NamedNetworks
from store import webhooks
from store.events import Verdict
from store.tokens import hashed
from store.webhooks import StoredWebhook

_REMEMBERED_MS: Final = 2000
_PAUSED_MS: Final = 200
"""Whoever resumes a webhook tries it at once; and next to nobody calls one that is paused."""

_REMEMBERED: Final = 10_000
_TOKEN_CHARS: Final = 32

ROOT: Final = "/"
"""Stands for a token, which it cannot be: the Git receiver that is at `/` of this ingress."""


class Full(NamedTuple):
    """What Redis said of an event for which there was no place.

    Attributes:
        verdict: which limit was reached.
        size: bytes of body from which on this holds; less may find a place.
        until: until when we need not ask again, Unix ms.
    """

    verdict: Verdict
    size: int
    until: int


@dataclass(slots=True)
class Entry:
    """A webhook as it was a moment ago.

    Attributes:
        stored: the webhook, its secrets still sealed.
        guard: what it demands of senders; None: nothing.
        loaded_at: Unix ms.
        spent_until: until when we need not ask again whether its hour is spent, Unix ms.
        hour_ends: when that hour ends, Unix ms.
        full: why nothing more was kept a moment ago: the queue, or a limit of the gateway; None: it was.
    """

    stored: StoredWebhook
    guard: Guard | None
    loaded_at: int
    spent_until: int = 0
    hour_ends: int = 0
    full: Full | None = None

    @property
    def life_ms(self) -> int:
        """For how long it is remembered."""
        return _PAUSED_MS if self.stored.webhook.paused else _REMEMBERED_MS

    @property
    def webhook(self) -> Webhook:
        """The rules that hold there."""
        return self.stored.webhook


class Directory:
    """The webhooks that this process has seen lately."""

    def __init__(self, context: IngressContext) -> None:
        self._context = context
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._named = NamedNetworks(context)

    async def find(self, token: str) -> Entry | None:
        """The webhook behind a token, or at ROOT; None when there is none.

        Raises:
            redis.exceptions.RedisError: Redis is away.
        """
        if len(token) != _TOKEN_CHARS and token != ROOT:
            return None
        known = self._entries.get(token)
        if known is not None and self._context.clock_ms() - known.loaded_at < known.life_ms:
            return known
        return await self.load(token)

    def remembered(self, token: str) -> Entry | None:
        """The webhook behind a token, as far as it is remembered."""
        return self._entries.get(token)

    async def load(self, token: str) -> Entry | None:
        """The same, from Redis in any case."""
        gateway = self._context.git_gateway
        call = webhooks.git_of(gateway) if token == ROOT else webhooks.by_token(hashed(token))
        stored = await self._context.store.run(call)
        if stored is None:
            self._entries.pop(token, None)
            return None
        entry = Entry(stored, await self._guard(token, stored.webhook), self._context.clock_ms())
        self._entries[token] = entry
        self._entries.move_to_end(token)
        if len(self._entries) > _REMEMBERED:
            self._entries.popitem(last=False)
        return entry

    async def _guard(self, token: str, webhook: Webhook) -> Guard | None:
        known = self._entries.get(token)
        names = list_names(webhook.allow_ips)
        if known is not None and not names and known.webhook.version == webhook.version:
            return known.guard
        return guard_of(webhook, await self._named.of(names) if names else {})
