"""Settling: what connectors say becomes steps of deliveries, many in one round trip."""

import asyncio
from typing import Final

from domain.delivery import Outcome, Step
from domain.retry import next_delay_s
from relay.server.context import RelayContext
from relay.tunnel.messages import Result
from store.commit import GroupCommit
from store.deliveries import Settlement, settle

_SETTLED_AT_ONCE: Final = 200


class Settler:
    """Settles attempts of all tunnels of this process."""

    def __init__(self, context: RelayContext) -> None:
        self._context = context
        self._commit = GroupCommit[Settlement, bool](self._flush, _SETTLED_AT_ONCE)

    def settle(self, result: Result, tries: int) -> asyncio.Future[bool]:
        """Settle an attempt; the future tells whether it was still the one in question.

        Args:
            result: what the connector said.
            tries: attempts made so far in this generation.

        Raises:
            OverloadedError: too much waits for Redis.
        """
        return self._commit.add(self.settlement(result, tries))

    def exhaust(self, delivery: str, attempt: int, note: str) -> asyncio.Future[bool]:
        """Give up on a delivery that cannot be sent; it will stand among the dead, with the note.

        Raises:
            OverloadedError: too much waits for Redis.
        """
        return self._commit.add(Settlement(delivery, attempt, Step.EXHAUST, note=note))

    async def drained(self) -> None:
        """Wait until nothing is on its way to Redis, for a moment; connectors say again what is cancelled."""
        await self._commit.drained()

    def settlement(self, result: Result, tries: int) -> Settlement:
        """The step that a result means now."""
        match result.outcome:
            case Outcome.DELIVERED:
                return Settlement(result.delivery, result.attempt, Step.DELIVER, note=result.note)
            case Outcome.REFUSED:
                return Settlement(result.delivery, result.attempt, Step.REFUSE, note=result.note)
            case Outcome.RETRY:
                return self._retry(result, tries)

    def _retry(self, result: Result, tries: int) -> Settlement:
        context = self._context
        delay_s = next_delay_s(context.retry_schedule_s, tries, result.retry_after_s, context.dice())
        if delay_s is None:
            return Settlement(result.delivery, result.attempt, Step.EXHAUST, note=result.note)
        due = context.clock_ms() + round(delay_s * 1000)
        return Settlement(result.delivery, result.attempt, Step.RETRY, due, result.note)

    async def _flush(self, settlements: list[Settlement]) -> list[bool]:
        now_ms = self._context.clock_ms()
        results = await self._context.store.run(settle(settlements, now_ms))
        settled = [item for item, is_done in zip(settlements, results, strict=True) if is_done]
        self._context.meters.settled(settled, now_ms)
        return results
