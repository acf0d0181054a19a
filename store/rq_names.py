"""What RQ calls things in Redis (rq.job.Job, rq.queue.Queue), for the scripts that enqueue."""

from datetime import UTC, datetime
from typing import Final

JOB_PREFIX: Final = "rq:job:"
QUEUE_PREFIX: Final = "rq:queue:"
QUEUES: Final = "rq:queues"
WORKERS_PREFIX: Final = "rq:workers:"
FAILED_PREFIX: Final = "rq:failed:"

EVENTS: Final = "events"
"""The queue whose jobs verify and fan out."""

DELIVERIES: Final = "deliveries"
"""The queue whose jobs bring due retries back to their streams, or mark a delivery dead."""

GIT: Final = "git"
"""The queue whose jobs poll Git repos."""

VERIFY_JOB: Final = "workers.jobs.verify_batch"
ATTEMPT_JOB: Final = "workers.jobs.attempt"
POLL_JOB: Final = "workers.git.jobs.poll"
JOB_FUNCTIONS: Final = frozenset({VERIFY_JOB, ATTEMPT_JOB, POLL_JOB})
"""The allow-list: a worker runs these and nothing else."""

ALL: Final = (EVENTS, DELIVERIES, GIT)
"""The queues."""

_STAMP: Final = "%Y-%m-%dT%H:%M:%S.%fZ"


def stamp(now_ms: int) -> str:
    """A moment as RQ writes it (rq.utils.utcformat)."""
    return datetime.fromtimestamp(now_ms / 1000, UTC).strftime(_STAMP)


def moment_ms(stamped: str) -> int:
    """Unix ms of a moment as RQ writes it.

    Raises:
        ValueError: it is none.
    """
    return round(datetime.strptime(stamped, _STAMP).replace(tzinfo=UTC).timestamp() * 1000)
