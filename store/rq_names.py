"""What RQ calls things in Redis (rq.job.Job, rq.queue.Queue), for the scripts that enqueue."""

from datetime import UTC, datetime
from typing import Final

JOB_PREFIX: Final = "rq:job:"
QUEUE_PREFIX: Final = "rq:queue:"
QUEUES: Final = "rq:queues"
WORKERS_PREFIX: Final = "rq:workers:"
WORKERS: Final = "rq:workers"
WORKER_PREFIX: Final = "rq:worker:"
STARTED_PREFIX: Final = "rq:wip:"
FAILED_PREFIX: Final = "rq:failed:"
RESULTS_PREFIX: Final = "rq:results:"

SUSPENDED: Final = "rq:suspended"
"""Is there while workers begin no jobs (rq.suspension)."""

EVENTS: Final = "events"
"""The queue whose jobs verify and fan out."""

DELIVERIES: Final = "deliveries"
"""The queue whose jobs bring due retries back to their streams, or mark a delivery dead."""

GIT: Final = "git"
"""The queue whose jobs poll Git repos."""

ALL_QUEUES: Final = (EVENTS, DELIVERIES, GIT)

VERIFY_JOB: Final = "workers.jobs.verify_batch"
ATTEMPT_JOB: Final = "workers.jobs.attempt"
POLL_JOB: Final = "workers.git.jobs.poll"
JOB_FUNCTIONS: Final = frozenset({VERIFY_JOB, ATTEMPT_JOB, POLL_JOB})
"""The allow-list: a worker runs these and nothing else."""


def stamp(now_ms: int) -> str:
    """A moment as RQ writes it (rq.utils.utcformat)."""
    return datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def stamped(text: str) -> int | None:
    """The moment that RQ, or `stamp`, wrote, as Unix ms; None for none ("")."""
    return int(datetime.fromisoformat(text).timestamp() * 1000) if text else None
