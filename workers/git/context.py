"""What polls are given: RQ calls their job by name, so the context is installed once per process, frozen."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from store.connect import SyncStore
from store.events import BatchLimits
from store.polls import PollLimits
from workers.git.pool import Pool
from workers.git.sealing import SharedSealer
from workers.git.way import GitWay
from workers.installation import Installation
from workers.meters import Meters


@dataclass(frozen=True, slots=True, kw_only=True)
class GitContext:
    """Everything that polls need from outside.

    Attributes:
        store: the connections to Redis.
        sealer: opens what owners wrote, and seals the events that tell of commits.
        clock_ms: Unix time in milliseconds.
        entropy: random bytes.
        dice: a random number in [0, 1).
        limits: of the queue and of gateways, as for every event.
        polls: how many polls may be under way at once.
        way: how they leave this machine.
        pool: the threads that make them.
        timeout_s: seconds for one.
        meters: is told what happens.
    """

    store: SyncStore
    sealer: SharedSealer
    clock_ms: Callable[[], int]
    entropy: Callable[[int], bytes]
    dice: Callable[[], float]
    limits: BatchLimits
    polls: PollLimits
    way: GitWay
    pool: Pool
    timeout_s: float
    meters: Meters = field(default_factory=Meters)


_installation: Final = Installation[GitContext]()
installed = _installation.installed
current = _installation.current
