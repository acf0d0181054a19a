"""What jobs are given: RQ calls them by name, so the context is installed once per process, frozen."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from store.connect import SyncStore
from store.events import BatchLimits
from store.sealing import Sealer
from workers.budget import Budget
from workers.filtering import Filters
from workers.installation import Installation
from workers.meters import Meters
from workers.outbound import Outbound


@dataclass(frozen=True, slots=True, kw_only=True)
class SweeperContext:
    """Everything the sweeper needs from outside. It opens nothing, so it has no keys.

    Attributes:
        store: the connection to Redis.
        clock_ms: Unix time in milliseconds.
        entropy: random bytes.
        dice: a random number in [0, 1).
        limits: of batches and the queue.
        retry_schedule_s: pauses before the next attempts.
        sweep_interval_s: the sweeper's pause when nothing is due.
        meters: is told what happens.
    """

    store: SyncStore
    clock_ms: Callable[[], int]
    entropy: Callable[[int], bytes]
    dice: Callable[[], float]
    limits: BatchLimits
    retry_schedule_s: tuple[float, ...]
    sweep_interval_s: float
    meters: Meters = field(default_factory=Meters)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerContext(SweeperContext):
    """What the jobs need: the same, and the keys.

    Attributes:
        sealer: opens bodies and secrets.
        dedup_ms: how long a sender event id counts as seen; 0 turns it off.
        public_url: what the addresses of webhooks begin with; some senders sign it.
        outbound: makes the calls that some senders need; None: none are made.
        examinations: how many events of each gateway are examined in a minute, see `workers.examining`.
        filters: find the subscriptions that want an event.
    """

    sealer: Sealer
    dedup_ms: int
    public_url: str
    outbound: Outbound | None
    examinations: Budget
    filters: Filters


_installation: Final = Installation[WorkerContext]()
installed = _installation.installed
current = _installation.current
