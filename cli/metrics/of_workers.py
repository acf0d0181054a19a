"""What workers and the sweeper tell of themselves."""

import time
from collections.abc import Iterable, Mapping
from typing import Final, get_args

from cli.metrics import catalogue
from cli.metrics.instruments import Book
from domain.event import EventState, Rejection
from domain.expression.failure import Failure
from store.deliveries import Attempted
from store.polls import Ended
from workers.meters import Meters

_DECIDED: Final = (EventState.FANNED_OUT, EventState.UNMATCHED, EventState.DUPLICATE, EventState.REJECTED)
_JUDGED: Final = ("true", "false", *Failure)


class WorkerMeters(Meters):
    """Counts what the worker of one queue does."""

    def __init__(self, book: Book, queue: str) -> None:
        """Nothing has happened yet.

        Args:
            book: where the numbers are read.
            queue: which one it serves.
        """
        self._queue = queue
        self._jobs = book.number(catalogue.JOBS, (queue, "done"), (queue, "failed"))
        self._seconds = book.spread(catalogue.JOB_SECONDS, (queue,))

    def ended(self, duration_s: float, *, is_done: bool) -> None:
        """A job has ended."""
        self._jobs.add(1, self._queue, "done" if is_done else "failed")
        self._seconds.note(duration_s, self._queue)


class EventMeters(WorkerMeters):
    """Counts what a worker of `events` does."""

    def __init__(self, book: Book, queue: str) -> None:
        super().__init__(book, queue)
        self._decided = book.number(catalogue.DECIDED, *((state,) for state in _DECIDED))
        self._rejected = book.number(catalogue.REJECTED, *((reason,) for reason in Rejection))
        self._judged = book.number(catalogue.EXPRESSIONS, *((outcome,) for outcome in _JUDGED))

    def decided(self, fates: Iterable[tuple[str, str]]) -> None:
        """Events were decided."""
        for state, reason in fates:
            self._decided.add(1, state)
            if reason:
                self._rejected.add(1, reason)

    def judged(self, outcome: str) -> None:
        """An expression was evaluated."""
        self._judged.add(1, outcome if outcome in _JUDGED else Failure.OTHER)


class DeliveryMeters(WorkerMeters):
    """Counts what a worker of `deliveries` does."""

    def __init__(self, book: Book, queue: str) -> None:
        super().__init__(book, queue)
        self._retried = book.number(catalogue.RETRIED, *((outcome,) for outcome in get_args(Attempted)))

    def attempted(self, outcomes: Mapping[str, int]) -> None:
        """Jobs for deliveries were done."""
        for outcome, number in outcomes.items():
            self._retried.add(number, outcome)


class PollMeters(WorkerMeters):
    """Counts what a worker of `git` does."""

    def __init__(self, book: Book, queue: str) -> None:
        super().__init__(book, queue)
        self._polled = book.number(catalogue.POLLS, *((outcome,) for outcome in get_args(Ended)))
        self._took = book.spread(catalogue.POLL_SECONDS)

    def polled(self, outcome: str, duration_s: float) -> None:
        """A poll has ended."""
        self._polled.add(1, outcome)
        self._took.note(duration_s)


class SweeperMeters(Meters):
    """Counts what a sweeper does, and knows when it last swept."""

    def __init__(self, book: Book) -> None:
        """Nothing has happened yet.

        Args:
            book: where the numbers are read.
        """
        self._on_duty = book.number(catalogue.ON_DUTY)
        self._sweeps = book.number(catalogue.SWEEPS)
        self._looked_at = book.number(catalogue.SWEPT)
        self._attempts = book.number(catalogue.ATTEMPTS, ("missed",))
        self._lapsed = book.number(catalogue.LAPSED)
        self._swept_at_s: float | None = None
        self.is_on_duty = False

    @property
    def idle_s(self) -> float | None:
        """Seconds since the last sweep; None: there was none."""
        return None if self._swept_at_s is None else time.monotonic() - self._swept_at_s

    def swept(self, looked_at: int, *, on_duty: bool) -> None:
        """A sweep has ended."""
        self._swept_at_s = time.monotonic()
        self.is_on_duty = on_duty
        self._on_duty.put(int(on_duty))
        self._sweeps.add(1)
        self._looked_at.add(looked_at)

    def missed(self) -> None:
        """An attempt was not answered in time."""
        self._attempts.add(1, "missed")

    def lapsed(self) -> None:
        """The lease of a tunnel ended."""
        self._lapsed.add(1)
