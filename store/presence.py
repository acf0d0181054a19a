"""Who is at work: the workers that RQ knows of, and the sweeper on duty."""

from collections.abc import Sequence

from store import keys, rq_names
from store.calls import Call, one, text


def workers(queue: str) -> Call[list[str]]:
    """The keys of the workers that serve a queue."""
    return one(("SMEMBERS", rq_names.WORKERS_PREFIX + queue), lambda reply: [text(key) for key in reply])


def processes(worker_keys: Sequence[str]) -> Call[list[tuple[str, int]]]:
    """Host name and process id of these workers, as far as they are known."""
    commands = tuple(("HMGET", key, "hostname", "pid") for key in worker_keys)
    return Call(
        commands, lambda replies: [(text(host), int(pid)) for host, pid in replies if pid is not None]
    )


def sweeper_on_duty() -> Call[bool]:
    """Whether a sweeper holds the duty."""
    return one(("EXISTS", keys.SWEEPER), bool)
