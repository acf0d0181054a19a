"""The canary: walks the whole way every so often, and reports."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

import aiohttp
import structlog
from redis.exceptions import RedisError

from domain.canary import BOUND_S, Failure, Report
from relay.canary.landing import Landing
from relay.canary.place import NoPlaceError, Place, Prepare
from relay.canary.walk import LostError, Walk
from relay.connector.connector import ConnectorConfig
from relay.connector.sockets import Sockets

T = TypeVar("T")
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class CanaryContext:
    """What a canary is given.

    Attributes:
        interval_s: seconds between the beginnings of two walks.
        connector: how its tunnel is set up.
        tls: whom to trust at the public URL.
        prepare: makes sure of its webhook and its subscription.
        keep: keeps a report where others find it; may raise RedisError.
        last: the report that was kept before, likewise.
        clock_ms: Unix time in milliseconds.
        dice: a random number in [0, 1), for jitter.
        entropy: that many unguessable bytes.
    """

    interval_s: float
    connector: ConnectorConfig
    tls: ssl.SSLContext
    prepare: Prepare
    keep: Callable[[Report], Awaitable[None]]
    last: Callable[[], Awaitable[Report | None]]
    clock_ms: Callable[[], int]
    dice: Callable[[], float]
    entropy: Callable[[int], bytes]


class Canary:
    """Walks until it is told to stop. Whatever is away meanwhile is a report, never its end."""

    def __init__(self, context: CanaryContext) -> None:
        self._context = context
        self._landing = Landing(context.connector, context.clock_ms, context.dice, context.entropy)
        self._place: Place | None = None
        self._stopping = asyncio.Event()
        self.report: Report | None = None
        """What is known after the last walk; None before the first has ended."""

    def stop(self) -> None:
        """Return from `run` soon."""
        self._stopping.set()

    async def run(self) -> None:
        """Walk, rest, and walk again."""
        with suppress(RedisError):
            # When it came back last is not forgotten in a restart.
            self.report = await self._context.last()
        sockets = Sockets()
        # As a stranger would: the name is looked up each time, and each time the certificate is shown.
        way = aiohttp.TCPConnector(
            ssl=self._context.tls, force_close=True, use_dns_cache=False, socket_factory=sockets.make
        )
        try:
            async with aiohttp.ClientSession(connector=way, trust_env=False) as session:
                await self._walk_on(session)
        finally:
            await self._landing.close()
            await sockets.ended()

    async def _walk_on(self, session: aiohttp.ClientSession) -> None:
        stopping = asyncio.create_task(self._stopping.wait())
        loop = asyncio.get_running_loop()
        while not stopping.done():
            began = loop.time()
            walking = asyncio.create_task(self._walk(session))
            await asyncio.wait({walking, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not walking.done():
                walking.cancel()
                with suppress(asyncio.CancelledError):
                    await walking
                return
            await self._tell(walking.result())
            rest_s = self._context.interval_s - (loop.time() - began)
            await asyncio.wait({stopping}, timeout=max(0.0, rest_s))

    async def _walk(self, session: aiohttp.ClientSession) -> float | LostError:
        """Milliseconds from the post of an event to its arrival, or why there was none."""
        try:
            return await self._walked(session)
        except LostError as error:
            # What is wrong may be the place: somebody deleted the webhook, for example.
            self._place = None
            return error

    async def _walked(self, session: aiohttp.ClientSession) -> float:
        place = await self._prepared()
        await _within_bound(self._landing.opened(place.subscription), Failure.NO_TUNNEL)
        loop = asyncio.get_running_loop()
        walk = Walk(self._context.entropy, self._context.clock_ms())
        arrival = self._landing.expect(walk.id)
        began = loop.time()
        await _within_bound(walk.post(session, place), Failure.UNREACHABLE)
        left_s = BOUND_S - (loop.time() - began)
        is_verified = await _within_bound(arrival, Failure.LOST, left_s)
        if not is_verified:
            raise LostError(Failure.UNVERIFIED)
        return (loop.time() - began) * 1000

    async def _prepared(self) -> Place:
        if self._place is None:
            try:
                self._place = await _within_bound(self._context.prepare(), Failure.RELAY_AWAY)
            except NoPlaceError as error:
                _log.debug("canary_no_place", reason=str(error))
                raise LostError(error.failure) from None
        return self._place

    async def _tell(self, ended: float | LostError) -> None:
        now_ms = self._context.clock_ms()
        before = self.report or Report(now_ms, self._context.interval_s)
        report = replace(before, at=now_ms, interval_s=self._context.interval_s, failure=None, status=None)
        if isinstance(ended, LostError):
            report = replace(report, failure=ended.failure, status=ended.status)
        else:
            report = replace(report, good_at=now_ms, latency_ms=round(ended, 1))
        _log_turn(None if self.report is None else self.report.failure, report)
        self.report = report
        try:
            await self._context.keep(report)
        except RedisError as error:
            _log.warning("canary_report_not_kept", error=type(error).__name__)


async def _within_bound(what: Awaitable[T], failure: Failure, bound_s: float = BOUND_S) -> T:
    try:
        async with asyncio.timeout(bound_s):
            return await what
    except TimeoutError:
        raise LostError(failure) from None


def _log_turn(before: Failure | None, report: Report) -> None:
    """A line for each turn, not for each walk."""
    if report.failure is not None and report.failure is not before:
        _log.warning("canary_lost", failure=report.failure, status=report.status)
    elif report.failure is None and before is not None:
        _log.info("canary_back", latency_ms=report.latency_ms)
