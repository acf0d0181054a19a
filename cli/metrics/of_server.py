"""What the sweeper on duty tells of the whole server: queues, streams, the ledger, Redis.

It is read when somebody asks for metrics, in the thread of that request, over a connection of its own, so
that no sweep waits for it; and at most once in a while, however many ask.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

import structlog
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from cli.metrics import catalogue
from cli.metrics.instruments import MOST_SERIES, family_of
from domain import ledger as books
from store import ledger, memory, queues, streams, tunnels, vitals
from store.calls import Call, together
from store.connect import SyncStore
from store.streams import Backlog
from store.tunnels import TunnelFacts

T = TypeVar("T")

_AT_ONCE: Final = 100
"""Calls in one round trip: Redis serves others between two."""

_FRESH_S: Final = 5.0
_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class ServerCollector(Collector):
    """Looks at Redis while its sweeper is on duty."""

    def __init__(
        self,
        store: SyncStore,
        clock_ms: Callable[[], int],
        is_on_duty: Callable[[], bool],
        *,
        names_tunnels: bool,
    ) -> None:
        """Nothing has been looked at.

        Args:
            store: a connection for this alone.
            clock_ms: Unix time in milliseconds.
            is_on_duty: whether these numbers are ours to tell now; two would be added up.
            names_tunnels: whether the ids of tunnels become labels.
        """
        self._store = store
        self._clock_ms = clock_ms
        self._is_on_duty = is_on_duty
        self._names_tunnels = names_tunnels
        self._lock = threading.Lock()
        self._seen: list[Family] = []
        self._seen_at_s = float("-inf")

    def collect(self) -> Iterator[Family]:
        """What was seen a moment ago; nothing while another sweeper is on duty."""
        if not self._is_on_duty():
            return
        with self._lock:
            if time.monotonic() - self._seen_at_s >= _FRESH_S:
                self._seen = self._look()
                self._seen_at_s = time.monotonic()
            seen = self._seen
        yield from seen

    def describe(self) -> list[Family]:
        """Nothing: registering this must not ask Redis."""
        return []

    def _look(self) -> list[Family]:
        try:
            families = [
                *self._redis(),
                *self._queues(),
                *self._due(),
                *self._of_gateways(),
            ]
        except (RedisError, OSError) as error:
            _log.warning("server_not_measured", error=type(error).__name__)
            return [_one(catalogue.REDIS_UP, 0)]
        return [_one(catalogue.REDIS_UP, 1), *families]

    def _run_all(self, calls: Sequence[Call[T]]) -> list[T]:
        parts = [calls[start : start + _AT_ONCE] for start in range(0, len(calls), _AT_ONCE)]
        return [each for part in parts for each in self._store.run(together(part))]

    def _redis(self) -> Iterator[Family]:
        found = self._store.run(memory.about_redis())
        yield _one(catalogue.REDIS_USED, found.used_bytes)
        yield _one(catalogue.REDIS_SHARE, found.share or 0)

    def _queues(self) -> Iterator[Family]:
        now = self._clock_ms()
        found = self._store.run(queues.look(now))
        names = [each.name for each in found.queues]
        served = Counter(each.queue for each in found.workers)
        ages = [0 if each.oldest_at is None else max(0, now - each.oldest_at) / 1000 for each in found.queues]
        for metric, numbers in (
            (catalogue.QUEUE_JOBS, [each.depth for each in found.queues]),
            (catalogue.QUEUE_OLDEST, ages),
            (catalogue.QUEUE_STARTED, [each.started for each in found.queues]),
            (catalogue.QUEUE_FAILED, [each.failed for each in found.queues]),
            (catalogue.QUEUE_WORKERS, [served[name] for name in names]),
        ):
            yield family_of(metric, [((name,), number) for name, number in zip(names, numbers, strict=True)])
        yield _one(catalogue.SUSPENDED, int(found.suspension.is_on))
        yield _one(catalogue.RETRIES_WAITING, found.retrying)

    def _due(self) -> Iterator[Family]:
        members, first = self._store.run(vitals.due())
        late_ms = 0 if first is None else max(0, self._clock_ms() - first)
        yield _one(catalogue.DUE, members)
        yield _one(catalogue.OVERDUE, late_ms / 1000)

    def _of_gateways(self) -> Iterator[Family]:
        gateways = self._store.run(vitals.gateways())
        yield from _ledger(self._run_all([ledger.counts(each) for each in gateways]))
        yield from self._streams(gateways)

    def _streams(self, gateways: Sequence[str]) -> Iterator[Family]:
        backlogs = self._run_all([streams.backlogs(each) for each in gateways])
        live = self._run_all([tunnels.about(each) for each in gateways])
        backlogs_of = dict(zip(gateways, backlogs, strict=True))
        tunnels_of = dict(zip(gateways, live, strict=True))
        yield _one(catalogue.STREAM_WAITING, sum(each.waiting for part in backlogs for each in part))
        yield _one(catalogue.STREAM_TAKEN, sum(each.in_tunnel for part in backlogs for each in part))
        yield _one(
            catalogue.STREAM_UNSERVED,
            sum(_unserved(backlogs_of[each], tunnels_of[each]) for each in gateways),
        )
        yield _one(catalogue.TUNNELS_LIVE, sum(map(len, live)))
        waiting = {
            (gateway, tunnel.id): _backlog(tunnel, backlogs_of[gateway])
            for gateway in gateways
            for tunnel in tunnels_of[gateway]
        }
        most = sorted(waiting.items(), key=lambda row: (-row[1], row[0]))
        if self._names_tunnels:
            yield family_of(catalogue.TUNNEL_BACKLOG, most[:MOST_SERIES])
        else:
            yield family_of(catalogue.TUNNEL_BACKLOG, [(("", ""), most[0][1] if most else 0)])


def _unserved(backlogs: Sequence[Backlog], live: Sequence[TunnelFacts]) -> int:
    served = {name for tunnel in live for name in tunnel.subscriptions}
    return sum(each.waiting for each in backlogs if each.name not in served)


def _backlog(tunnel: TunnelFacts, backlogs: Sequence[Backlog]) -> int:
    return sum(each.waiting for each in backlogs if each.name in tunnel.subscriptions)


def _one(metric: catalogue.Metric, value: float) -> Family:
    return family_of(metric, [((), value)])


def _ledger(counts: Sequence[Mapping[str, int]]) -> Iterator[Family]:
    """The sums over all gateways, and by how much the books of each are out, added up."""

    def total(place: str) -> int:
        return sum(each.get(place, 0) for each in counts)

    for whole, places, all_of_them, each_state, unaccounted in (
        (
            books.EVENT_ACCEPTED,
            books.EVENT_PLACES,
            catalogue.LEDGER_ACCEPTED,
            catalogue.LEDGER_EVENTS,
            catalogue.UNACCOUNTED_EVENTS,
        ),
        (
            books.DELIVERY_CREATED,
            books.DELIVERY_PLACES,
            catalogue.LEDGER_CREATED,
            catalogue.LEDGER_DELIVERIES,
            catalogue.UNACCOUNTED_DELIVERIES,
        ),
    ):
        missing = (abs(each.get(whole, 0) - sum(each.get(place, 0) for place in places)) for each in counts)
        yield _one(all_of_them, total(whole))
        yield family_of(each_state, [((place.partition(":")[2],), total(place)) for place in places])
        yield _one(unaccounted, sum(missing))
    yield _one(catalogue.STORED_EVENTS, total(books.STORED_EVENTS))
    yield _one(catalogue.STORED_BYTES, total(books.STORED_BYTES))
