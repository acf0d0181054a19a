"""Keeping a request as an event: what Redis says to it, and what is remembered of that for a moment."""

from typing import Final, NamedTuple

from domain.event import Request
from ingress import answers
from ingress.acceptor import Acceptor
from ingress.answers import Answer
from ingress.complaints import Complaints
from ingress.context import IngressContext
from ingress.directory import Entry, Full
from ingress.pressure import Pressure
from ingress.tally import Tally
from store.events import Acceptance, Verdict

FULL_RETRY_S: Final = 30
"""After how many seconds a sender may come again when there is no place."""

_REMEMBERED_MS: Final = 1000
_PASSING: Final = {"stale", "lost"}


class Kept(NamedTuple):
    """A request that is an event now.

    Attributes:
        event: its id.
        remaining: events that its webhook may still accept in this hour.
        reset_ms: milliseconds until that hour ends.
    """

    event: str
    remaining: int
    reset_ms: int


class Keeping:
    """Keeps requests, or says why not."""

    def __init__(
        self,
        context: IngressContext,
        acceptor: Acceptor,
        pressure: Pressure,
        complaints: Complaints,
        tally: Tally,
    ) -> None:
        self._context = context
        self._acceptor = acceptor
        self._pressure = pressure
        self._complaints = complaints
        self._tally = tally

    def known_refusal(self, entry: Entry, size: int, received_at: int) -> Answer | None:
        """What would be said to a body of this size, as far as we know without asking Redis."""
        if entry.webhook.paused:
            return self._paused(entry)
        if received_at < entry.spent_until:
            self._tally.count(entry.webhook.id, "limited")
            self._context.meters.limited(entry.webhook.id)
            return answers.limited(entry.webhook.hourly_limit, entry.hour_ends - received_at)
        if self._pressure.high:
            self._tally.count(entry.webhook.id, "redis_full")
            return answers.unavailable(FULL_RETRY_S, "redis_full")
        if entry.full is not None and received_at < entry.full.until and size >= entry.full.size:
            return self.refused(entry, entry.full.verdict)
        return None

    async def keep(self, entry: Entry, request: Request, received_at: int) -> Kept | Answer | None:
        """The event, or the refusal; None when the webhook has changed since it was read.

        Args:
            entry: where it arrived.
            request: what arrived.
            received_at: when, Unix ms.

        Raises:
            ValueError: the request's head cannot be kept.
            OverloadedError: too many requests wait for Redis.
            redis.exceptions.RedisError: Redis is away or full.
        """
        # Perhaps read anew since the request arrived. Paused later than that, its version is another one.
        if entry.webhook.paused:
            return self._paused(entry)
        meters = self._context.meters
        began_s = meters.clock_s()
        event, acceptance = await self._acceptor.accept(entry.webhook, request, received_at)
        if acceptance.verdict == "stale":
            return None
        if acceptance.verdict == "accepted":
            meters.accepted(entry.webhook.id, len(request.body), began_s)
            return Kept(event, acceptance.remaining, acceptance.reset_ms)
        if acceptance.verdict == "limited":
            return self._limited(entry, acceptance)
        if acceptance.verdict not in _PASSING:
            # For a moment only: work drains. Only the bytes that are stored depend on the size.
            least = len(request.body) if acceptance.verdict == "stored_mib" else 0
            entry.full = Full(acceptance.verdict, least, self._context.clock_ms() + _REMEMBERED_MS)
        return self.refused(entry, acceptance.verdict)

    def refused(self, entry: Entry, verdict: Verdict) -> Answer:
        """The answer to a request for which there is no place, which the operator hears of."""
        self._complaints.not_accepted(entry.webhook.gateway, entry.webhook.id, verdict)
        if verdict not in _PASSING:
            self._tally.count(entry.webhook.id, verdict)
        return answers.unavailable(1 if verdict in _PASSING else FULL_RETRY_S, verdict)

    def _paused(self, entry: Entry) -> Answer:
        self._tally.count(entry.webhook.id, "paused")
        return answers.PAUSED

    def _limited(self, entry: Entry, acceptance: Acceptance) -> Answer:
        self._tally.count(entry.webhook.id, "limited")
        # Known for a moment only: the owner may raise the limit.
        self._context.meters.limited(entry.webhook.id)
        now = self._context.clock_ms()
        entry.spent_until = now + min(_REMEMBERED_MS, acceptance.reset_ms)
        entry.hour_ends = now + acceptance.reset_ms
        return answers.limited(entry.webhook.hourly_limit, acceptance.reset_ms)
