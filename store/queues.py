"""RQ's queues and workers, as its own tools show them; and the switch that lets workers pause."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from store import keys, rq_names
from store.calls import Call, Reply, one, pairs, text
from store.rq_names import stamped
from store.scripts import load

MAX_SUSPENSION_S: Final = 86_400
"""How long workers can be made to pause with an end in sight: a day."""

_MOST_WORKERS: Final = 500
_FOREVER: Final = -1

WorkerState = Literal["idle", "busy", "suspended"]
_STATES: Final[dict[str, WorkerState]] = {"busy": "busy", "suspended": "suspended"}


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """One queue.

    Attributes:
        name: its name.
        depth: jobs that no worker has begun.
        oldest_at: when the first of them was enqueued, Unix ms; None when there is none.
        started: jobs under way.
        failed: jobs that failed, and are kept to be requeued: of `deliveries`, what is dead.
    """

    name: str
    depth: int
    oldest_at: int | None
    started: int
    failed: int


@dataclass(frozen=True, slots=True)
class WorkerFacts:
    """One worker. Times are Unix ms.

    Attributes:
        name: its random name.
        queue: what it serves.
        state: what it does; one that has only just started is idle. While workers are suspended, those that
            wait for a job are, too, although RQ calls them idle: each may still take one.
        doing: its job in words; "" when it has none.
        since: when it began that; None when it has none.
        host: the machine.
        pid: its process id there.
        started_at: when it started.
        seen_at: its last sign of life; an idle one gives one every 5 s.
        done: jobs it has done.
        failed: jobs it has failed at; of `deliveries`, that is how deliveries die.
    """

    name: str
    queue: str
    state: WorkerState
    doing: str
    since: int | None
    host: str
    pid: int
    started_at: int | None
    seen_at: int | None
    done: int
    failed: int


@dataclass(frozen=True, slots=True)
class Suspension:
    """Whether workers begin jobs.

    Attributes:
        is_on: they begin none.
        ends_in_ms: milliseconds until they do again; None: when somebody says so.
    """

    is_on: bool
    ends_in_ms: int | None


@dataclass(frozen=True, slots=True)
class Machinery:
    """What stands between the doors.

    Attributes:
        queues: in the order in which an event may come to them.
        workers: of all queues.
        has_sweeper: whether a sweeper is on duty.
        suspension: whether workers pause.
        waiting: events that wait for a worker, over all gateways.
        retrying: deliveries that wait for their next attempt, likewise.
    """

    queues: tuple[QueueFacts, ...]
    workers: tuple[WorkerFacts, ...]
    has_sweeper: bool
    suspension: Suspension
    waiting: int
    retrying: int


def look(now_ms: int) -> Call[Machinery]:
    """The queues, and who works on them."""
    names = rq_names.ALL_QUEUES
    script = load("read_queues").command(keys.GATEWAYS, now_ms // 1000, _MOST_WORKERS, *names)

    def parse(replies: Sequence[Reply]) -> Machinery:
        queues, workers, has_sweeper, retrying = replies[0]
        pause = _suspension(replies[1])
        return Machinery(
            tuple(_queue(name, row) for name, row in zip(names, queues, strict=True)),
            tuple(_worker(row, "suspended" if pause.is_on else "idle") for row in workers),
            bool(has_sweeper),
            pause,
            int(replies[2] or 0),
            retrying,
        )

    return Call((script, ("PTTL", rq_names.SUSPENDED), ("GET", keys.WAITING)), parse)


def suspension() -> Call[Suspension]:
    """Whether workers pause."""
    return one(("PTTL", rq_names.SUSPENDED), _suspension)


def suspend(for_s: int | None) -> Call[None]:
    """Let workers rest, as `rq suspend` does; what is under way is finished. Nothing is lost.

    A worker that is just waiting for a job takes one more: RQ looks for the switch between two jobs only.

    Args:
        for_s: for how many seconds; None: until `resume`.
    """
    end = () if for_s is None else ("EX", for_s)
    return one(("SET", rq_names.SUSPENDED, 1, *end), lambda _: None)


def resume() -> Call[None]:
    """Let workers begin jobs again, as `rq resume` does."""
    return one(("DEL", rq_names.SUSPENDED), lambda _: None)


def _queue(name: str, row: Reply) -> QueueFacts:
    depth, enqueued_at, started, failed = row
    return QueueFacts(name, depth, stamped(text(enqueued_at)), started, failed)


def _worker(row: Reply, at_rest: WorkerState) -> WorkerFacts:
    key, flat, doing, since = row
    facts = {name: text(value) for name, value in pairs(flat).items()}
    return WorkerFacts(
        name=text(key).removeprefix(rq_names.WORKER_PREFIX),
        queue=facts.get("queues", ""),
        state=_STATES.get(facts.get("state", ""), at_rest),
        doing=text(doing),
        since=stamped(text(since)),
        host=facts.get("hostname", ""),
        pid=int(facts.get("pid", 0)),
        started_at=stamped(facts.get("birth", "")),
        seen_at=stamped(facts.get("last_heartbeat", "")),
        done=int(facts.get("successful_job_count", 0)),
        failed=int(facts.get("failed_job_count", 0)),
    )


def _suspension(ends_in_ms: int) -> Suspension:
    """From the reply of PTTL: -2 there is no such key, -1 it has no end."""
    return Suspension(ends_in_ms >= _FOREVER, ends_in_ms if ends_in_ms > _FOREVER else None)
