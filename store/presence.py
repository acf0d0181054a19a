"""Who is at work: the workers that RQ knows of, and the sweeper on duty."""

from collections.abc import Sequence

from store import keys, rq_names
from store.calls import Call, one, text


def workers(queue: str) -> Call[list[str]]:
    """The keys of the workers that serve a queue."""
    return one(("SMEMBERS", rq_names.WORKERS_PREFIX + queue), lambda reply: [text(key) for key in reply])


def pids(worker_keys: Sequence[str]) -> Call[list[int]]:
    """The process ids of these workers, as far as they are known."""
    commands = tuple(("HGET", key, "pid") for key in worker_keys)
    return Call(commands, lambda replies: [int(pid) for pid in replies if pid is not None])


def sweeper_on_duty() -> Call[bool]:
    """Whether a sweeper holds the duty."""
    return one(("EXISTS", keys.SWEEPER), bool)
