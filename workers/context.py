"""What jobs are given: RQ calls them by name, so the context is installed once per process, frozen."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

from store.connect import SyncStore
from store.events import BatchLimits
from store.sealing import Sealer


@dataclass(frozen=True, slots=True)
class WorkerContext:
    """Everything the jobs and the sweeper need from outside.

    Attributes:
        store: the connection to Redis.
        sealer: opens bodies and secrets.
        clock_ms: Unix time in milliseconds.
        entropy: random bytes.
        dice: a random number in [0, 1).
        limits: of batches and the queue.
        dedup_ms: how long a sender event id counts as seen; 0 turns it off.
        log_length: entries of the event log of a gateway.
        retry_schedule_s: pauses before the next attempts.
        sweep_interval_s: the sweeper's pause when nothing is due.
    """

    store: SyncStore
    sealer: Sealer
    clock_ms: Callable[[], int]
    entropy: Callable[[int], bytes]
    dice: Callable[[], float]
    limits: BatchLimits
    dedup_ms: int
    log_length: int
    retry_schedule_s: tuple[float, ...]
    sweep_interval_s: float


_installed: list[WorkerContext] = []


@contextmanager
def installed(context: WorkerContext) -> Generator[None]:
    """Give the jobs of this process their context, for the length of the block.

    Raises:
        RuntimeError: they have one already.
    """
    if _installed:
        raise RuntimeError("The jobs of this process have a context already.")
    _installed.append(context)
    try:
        yield
    finally:
        _installed.clear()


def current() -> WorkerContext:
    """The context of this process.

    Raises:
        RuntimeError: a worker was started by something else than our entry point.
    """
    if not _installed:
        raise RuntimeError("Start workers with 'fleet run worker'; a plain 'rq worker' has no keys.")
    return _installed[0]
