"""Whether the services that have no door of their own are at work."""

import os

from redis.exceptions import RedisError

from store import presence
from store.connect import SyncStore


def worker_is_here(url: str, queue: str) -> bool:
    """Whether a worker of this machine serves a queue. A worker that was killed is registered for a while."""
    store = SyncStore(url)
    try:
        names = store.run(presence.workers(queue))
        return any(_is_alive(pid) for pid in store.run(presence.pids(names)))
    except RedisError:
        return False
    finally:
        store.close()


def sweeper_is_here(url: str) -> bool:
    """Whether some sweeper is on duty."""
    store = SyncStore(url)
    try:
        return store.run(presence.sweeper_on_duty())
    except RedisError:
        return False
    finally:
        store.close()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True
