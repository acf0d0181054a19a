"""Views of the machinery: queues, workers and the Redis behind them, as operators see them."""

from relay.server.api.views import View, moment, moment_or_none
from store.memory import RedisFacts
from store.queues import Machinery, QueueFacts, WorkerFacts


def of_machinery(machinery: Machinery, redis: RedisFacts, now_ms: int) -> View:
    """What all gateways share.

    Args:
        machinery: queues and workers.
        redis: what the server says of itself.
        now_ms: Unix time in milliseconds.
    """
    suspension = machinery.suspension
    ends_in_ms = suspension.ends_in_ms
    return {
        "queues": [_of_queue(each) for each in machinery.queues],
        "workers": [_of_worker(each) for each in machinery.workers],
        "retries": machinery.retrying,
        "suspended": suspension.is_on,
        "suspended_until": None if ends_in_ms is None else moment(now_ms + ends_in_ms),
        "sweeper": machinery.has_sweeper,
        "redis": {
            "version": redis.version,
            "used_bytes": redis.used_bytes,
            "max_bytes": redis.max_bytes,
            "share": redis.share,
        },
        "events_waiting": machinery.waiting,
    }


def _of_queue(queue: QueueFacts) -> View:
    return {
        "name": queue.name,
        "depth": queue.depth,
        "oldest_at": moment_or_none(queue.oldest_at),
        "started": queue.started,
        "failed": queue.failed,
    }


def _of_worker(worker: WorkerFacts) -> View:
    return {
        "name": worker.name,
        "queue": worker.queue,
        "state": worker.state,
        "doing": worker.doing or None,
        "since": moment_or_none(worker.since),
        "host": worker.host,
        "pid": worker.pid,
        "started_at": moment_or_none(worker.started_at),
        "seen_at": moment_or_none(worker.seen_at),
        "done": worker.done,
        "failed": worker.failed,
    }
