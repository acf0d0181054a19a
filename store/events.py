"""Events in Redis: accepted by the ingress, gathered in batches, decided by workers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, get_args

from domain.errors import FleetError
from domain.limits import DEFAULTS, Limits
from store import keys
from store.calls import Call, Command, Reply, one, text
from store.rq_names import stamp
from store.scripts import load

RATE_WINDOW_MS: Final = 3_600_000
"""The hourly limit counts from the first event of a window (fixed window)."""

LARGE_BODY_BYTES: Final = 16 * 1024
"""Bodies above this are set before the accept script: large script arguments are slow."""

FAIR_EVENTS: Final = 1000
"""A gateway with fewer events waiting joins the queue of all; five full batches are soon done."""

_SET_AHEAD_S: Final = 60
_GONE: Final = "gone"

Verdict = Literal[
    "accepted", "stale", "limited", "full", "lost", "queue_share", "stored_events", "stored_mib", "deliveries"
]
_VERDICTS: Final[dict[bytes, Verdict]] = {verdict.encode(): verdict for verdict in get_args(Verdict)}


class Candidate(NamedTuple):
    """A request that asks to be accepted. A tuple, in the order of the script: one is made for every event.

    Attributes:
        event: its fresh event id.
        gateway: the Gateway ID.
        webhook: the webhook's id.
        version: the version of the webhook it was checked against.
        hourly_limit: accepted events per hour of that webhook.
        received_at: Unix ms.
        size: bytes of the body as it was sent.
        sealed: the sealed envelope.
    """

    event: str
    gateway: str
    webhook: str
    version: int
    hourly_limit: int
    received_at: int
    size: int
    sealed: bytes


class Acceptance(NamedTuple):
    """What the accept script said of one candidate.

    Attributes:
        verdict: accepted, or why not; the last four are limits of the gateway.
        remaining: events that this webhook may still accept in this window.
        reset_ms: milliseconds until the window ends.
    """

    verdict: Verdict
    remaining: int
    reset_ms: int


@dataclass(frozen=True, slots=True)
class LogBounds:
    """What the event log of a gateway, or of a webhook, remembers.

    Attributes:
        length: events; 0: none.
        life_ms: for how long, in milliseconds.
    """

    length: int = 10_000
    life_ms: int = 168 * 3_600_000


_LOG: Final = LogBounds()


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """When a batch is full, and how large the queue may grow.

    Attributes:
        events: events after which a batch is full.
        size_bytes: bytes of bodies after which a batch is full.
        age_ms: milliseconds after which nothing is appended to a batch.
        queue: waiting events beyond which nothing is accepted.
        recovery_ms: after how long an event that still waits is looked at.
        retention_ms: how long a body is kept at most.
        job_timeout_s: how long a job may run.
        gateway: what a gateway without limits of its own may have.
        fair: waiting events of a gateway beyond which its further ones stand in a line of their own.
        log: what the event log remembers.
    """

    events: int
    size_bytes: int
    age_ms: int
    queue: int
    recovery_ms: int
    retention_ms: int
    job_timeout_s: int
    gateway: Limits = DEFAULTS
    fair: int = FAIR_EVENTS
    log: LogBounds = _LOG


def accept(
    candidates: Sequence[Candidate], limits: BatchLimits, job: str, now_ms: int
) -> Call[list[Acceptance]]:
    """Accept candidates, in one round trip.

    Args:
        candidates: what asks to be accepted.
        limits: of batches and the queue.
        job: a fresh job id, used when no open batch can take them.
        now_ms: Unix time in milliseconds.
    """
    ahead: list[Command] = []
    flat: list[bytes | str | int] = []
    for item in candidates:
        if len(item.sealed) > LARGE_BODY_BYTES:
            # NX: a repeated call must not give an accepted body its short life back.
            ahead.append(("SET", keys.body(item.event), item.sealed, "EX", _SET_AHEAD_S, "NX"))
            flat += (*item[:-1], b"")
        else:
            flat += item
    command = load("accept").command(
        now_ms,
        stamp(now_ms),
        limits.recovery_ms,
        RATE_WINDOW_MS,
        limits.queue,
        limits.events,
        limits.size_bytes,
        limits.age_ms,
        limits.retention_ms,
        limits.job_timeout_s,
        job,
        limits.gateway.stored_events,
        limits.gateway.stored_mib,
        limits.gateway.deliveries,
        limits.gateway.queue_share,
        limits.fair,
        limits.log.length,
        limits.log.life_ms,
        *flat,
    )
    return Call(
        (*ahead, command),
        lambda replies: [Acceptance(_VERDICTS[row[0]], row[1], row[2]) for row in replies[-1]],
    )


def close_batch(job: str, limits: BatchLimits, job_base: str, now_ms: int) -> Call[tuple[int, list[str]]]:
    """Close the batch of a job: how often the job has run, and the ids of its events.

    The queue is fed from the lines meanwhile. The events of a batch that runs again are handed on, one new
    job each; then there are no ids.
    """
    command = load("close_batch").command(
        job,
        now_ms,
        stamp(now_ms),
        limits.recovery_ms,
        limits.job_timeout_s,
        limits.retention_ms,
        job_base,
        limits.events,
        limits.size_bytes,
    )
    return one(command, lambda reply: (reply[0], [text(event) for event in reply[1:]]))


class NotSetAsideError(FleetError):
    """Only what is set aside can be retried."""

    def __init__(self, event: str, state: str) -> None:
        super().__init__(
            f"The body of {event} is gone; there is nothing to retry."
            if state == _GONE
            else f"{event} is {state}, not set_aside; there is nothing to retry."
        )


def retry(gateway: str, event: str, mark: str, now_ms: int) -> Call[bool]:
    """Let an event that was set aside wait again. False: the gateway has no such event.

    Args:
        gateway: the Gateway ID.
        event: its id.
        mark: a fresh id, by which a repeated call is known.
        now_ms: Unix time in milliseconds.

    Raises:
        NotSetAsideError: it is in another state, or its body is gone (when the reply is parsed).
    """

    def parse(reply: Reply) -> bool:
        if (answer := text(reply)) not in {"", "retried"}:
            raise NotSetAsideError(event, answer)
        return bool(reply)

    return one(load("retry_event").command(gateway, event, mark, now_ms), parse)


def mark_test(gateway: str, event: str) -> Call[bool]:
    """Remember of an event that its owner had it sent. False: the gateway has no such event."""
    return one(load("mark_test").command(gateway, event), bool)
