"""Bulk work: a loop over bounded calls of the API, which can be interrupted and says how far it came."""

import signal
import sys
import time
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.answers import complain
from cli.client import ApiError, AwayError, ControlApi, Json

BATCH: Final = 200
"""How many one call may concern."""
_REPORT_S: Final = 5.0
"""How often a line is written where nobody sees a bar."""
_PAUSES_S: Final = (0.5, 1, 2, 4, 8)
"""How long is waited for a relay that is away, before each further try."""

Path = tuple[str, ...]


class Shown(Protocol):
    """Shows how far bulk work has come."""

    def at(self, done: int) -> None:
        """So many have been looked at."""
        ...


@dataclass
class Tally:
    """How far it came.

    Attributes:
        done: how many were done.
        skipped: those that were not, as the API says: `id` and `because`.
        error: what ended it before its time; "" for nothing.
        interrupted: somebody has pressed Ctrl-C.
    """

    done: int = 0
    skipped: list[Json] = field(default_factory=list[Json])
    error: str = ""
    interrupted: bool = False

    @property
    def seen(self) -> int:
        """How many were looked at."""
        return self.done + len(self.skipped)

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left."""
        return not (self.error or self.interrupted)

    def reasons(self) -> dict[str, int]:
        """How many were skipped, by reason."""
        return dict(Counter(str(each["because"]) for each in self.skipped))


def by_ids(api: ControlApi, path: Path, ids: Sequence[str], shown: Shown) -> Tally:
    """Do it for deliveries by their ids.

    Args:
        api: who is asked.
        path: the resource that takes the calls.
        ids: the deliveries.
        shown: shows how far it has come.
    """
    tally = Tally()
    with _interruptible(tally):
        for first in range(0, len(ids), BATCH):
            if _call(api, path, {"deliveries": list(ids[first : first + BATCH])}, tally) is None:
                return tally
            shown.at(tally.seen)
            if tally.interrupted and first + BATCH < len(ids):
                return tally
    tally.interrupted = False
    return tally


def by_filter(api: ControlApi, path: Path, wish: Json, shown: Shown) -> Tally:
    """Do it for all deliveries of a filter that were dead when it began.

    Args:
        api: who is asked.
        path: the resource that takes the calls.
        wish: the filter; {} means all.
        shown: shows how far it has come.
    """
    tally = Tally()
    cursor, until = None, None
    with _interruptible(tally):
        while True:
            # What dies again meanwhile is later than `until`, so it is not done twice.
            body: Json = {"filter": wish, "limit": BATCH, "cursor": cursor, "until": until}
            answer = _call(api, path, body, tally)
            if answer is None:
                return tally
            shown.at(tally.seen)
            cursor, until = answer["next"], answer["until"]
            if cursor is None:
                break
            if tally.interrupted:
                return tally
    tally.interrupted = False
    return tally


def _call(api: ControlApi, path: Path, body: Json, tally: Tally) -> Json | None:
    """One call, counted in; None, and the tally says why, when it failed."""
    try:
        answer = _patiently(api, path, body, tally)
    except ApiError as error:
        tally.error = str(error)
        return None
    tally.done += answer["done"]
    tally.skipped += answer["skipped"]
    return answer


def _patiently(api: ControlApi, path: Path, body: Json, tally: Tally) -> Json:
    """The answer, although the relay may be away for a while. To ask twice does nothing twice."""
    for pause_s in _PAUSES_S:
        try:
            return api.ask("POST", *path, body=body)
        except AwayError:
            if tally.interrupted:
                raise
            time.sleep(pause_s)
    return api.ask("POST", *path, body=body)


@contextmanager
def _interruptible(tally: Tally) -> Generator[None]:
    """The first Ctrl-C lets the call under way end, so that the tally is exact; a second one ends all."""

    def stop(*_: object) -> None:
        tally.interrupted = True
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def progress(what: str, total: int) -> Generator[Shown]:
    """A bar on a terminal, a line every few seconds otherwise; both on standard error.

    Args:
        what: what is done, such as "Retrying".
        total: how many there will be, as far as it is known.
    """
    if not sys.stderr.isatty():
        yield _Lines(what, total)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as bars:
        yield _Bar(bars, what, total)


class _Bar:
    def __init__(self, bars: Progress, what: str, total: int) -> None:
        self._bars = bars
        self._total = total
        self._task = bars.add_task(what, total=total)

    def at(self, done: int) -> None:
        self._bars.update(self._task, completed=done, total=max(done, self._total))


class _Lines:
    def __init__(self, what: str, total: int) -> None:
        self._what = what
        self._total = total
        self._told_at = time.monotonic()

    def at(self, done: int) -> None:
        if done < self._total and time.monotonic() - self._told_at >= _REPORT_S:
            self._told_at = time.monotonic()
            complain(f"{self._what}: {done} of {self._total} ...")
