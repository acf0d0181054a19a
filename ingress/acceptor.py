"""Accepting: a request becomes an event, together with the others that arrived meanwhile."""

from typing import Final

from domain.envelope import pack
from domain.event import Request
from domain.ids import ENTROPY_BYTES, new_id
from domain.webhook import Webhook
from ingress.context import IngressContext
from store.commit import GroupCommit
from store.events import Acceptance, Candidate, accept
from store.sealing import event_place

_FLUSH_EVENTS: Final = 100
_FLUSH_BYTES: Final = 4 * 1024 * 1024
_BACKLOG: Final = 2000


class Acceptor:
    """Seals requests and has them accepted, many in one round trip."""

    def __init__(self, context: IngressContext) -> None:
        self._context = context
        self._commit = GroupCommit[Candidate, Acceptance](
            self._flush, _FLUSH_EVENTS, lambda item: len(item.sealed), _FLUSH_BYTES, _BACKLOG
        )

    async def accept(self, webhook: Webhook, request: Request, received_at: int) -> tuple[str, Acceptance]:
        """The id under which the event was accepted, or would have been, and the verdict.

        Args:
            webhook: where it arrived.
            request: what arrived.
            received_at: when, Unix ms.

        Raises:
            ValueError: the request's head cannot be kept.
            OverloadedError: too many requests wait for Redis.
            redis.exceptions.RedisError: Redis is away or full.
        """
        context = self._context
        event = new_id("evt", received_at, context.entropy(ENTROPY_BYTES))
        place = event_place(webhook.gateway, webhook.id, event)
        candidate = Candidate(
            event,
            webhook.gateway,
            webhook.id,
            webhook.version,
            webhook.hourly_limit,
            received_at,
            len(request.body),
            context.sealer.seal(pack(request), place, received_at),
        )
        return event, await self._commit.submit(candidate)

    async def drained(self) -> None:
        """Wait until nothing is on its way to Redis any more."""
        await self._commit.drained()

    async def _flush(self, candidates: list[Candidate]) -> list[Acceptance]:
        now = self._context.clock_ms()
        job = new_id("job", now, self._context.entropy(ENTROPY_BYTES))
        return await self._context.store.run(accept(candidates, self._context.limits, job, now))
