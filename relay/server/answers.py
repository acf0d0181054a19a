"""Answers: what a connector says of its attempts, on its way to Redis and back."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

import structlog

from domain.ids import subscription_of
from relay.server.exchange import Exchange
from relay.server.lease import Lease
from relay.tunnel.messages import Confirmed, Result, Working
from store.deliveries import Prolongation, Taken

_UNREADABLE: Final = "body unreadable"

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Answers:
    """What is said in one connection: results that wait to be settled, and signs of progress."""

    def __init__(
        self,
        exchange: Exchange,
        lease: Lease,
        settled: Callable[[Confirmed], None],
        failed: Callable[[], None],
    ) -> None:
        """Nothing is said yet.

        Args:
            exchange: what the tunnels of this process share.
            lease: of the connection.
            settled: is called with each result that was settled, or found to be out of date.
            failed: is called when one could not be settled.
        """
        self._exchange = exchange
        self._lease = lease
        self._settled = settled
        self._failed = failed
        self._waiting: set[asyncio.Future[bool]] = set()

    def settle(self, result: Result, tries: int) -> None:
        """Settle a result; `tries` as in `domain.delivery.Delivery`.

        Raises:
            OverloadedError: too much waits for Redis.
        """
        confirmed = Confirmed(result.delivery, result.attempt)
        self._watch(self._exchange.settler.settle(result, tries), confirmed)

    def give_up(self, taken: Taken) -> None:
        """Settle for the connector what cannot be sent to it.

        Raises:
            OverloadedError: too much waits for Redis.
        """
        delivery, gateway = taken.delivery, self._lease.gateway
        _log.error("body_unreadable", gateway=gateway, event_id=delivery.event, delivery=delivery.id)
        self._watch(self._exchange.settler.exhaust(delivery.id, delivery.attempt, _UNREADABLE), None)

    def prolong(self, working: Working) -> None:
        """Let the time of an attempt begin anew."""
        lease = self._lease
        timeout_s = lease.timeout_s(subscription_of(working.delivery))
        self._exchange.prolonger.add(
            Prolongation(lease.gateway, lease.tunnel, lease.session, *working, timeout_s)
        )

    async def all_settled(self, within_s: float | None = None) -> None:
        """Wait until no result waits any more; with a limit, for those that wait now."""
        if within_s is None:
            while self._waiting:
                await asyncio.wait(self._waiting)
        elif self._waiting:
            await asyncio.wait(set(self._waiting), timeout=within_s)

    def _watch(self, future: asyncio.Future[bool], confirmed: Confirmed | None) -> None:
        self._waiting.add(future)
        future.add_done_callback(partial(self._done, confirmed))

    def _done(self, confirmed: Confirmed | None, future: asyncio.Future[bool]) -> None:
        self._waiting.discard(future)
        if future.cancelled():
            return
        if future.exception() is not None:
            self._failed()
        elif confirmed is not None:
            self._settled(confirmed)
