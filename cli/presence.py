"""Whether the services that have no door of their own are at work."""

import os
import socket

from redis.exceptions import RedisError

from cli.surroundings import clock_ms, redis_url
from config.settings import load
from store import canary, presence
from store.connect import SyncStore


def is_here(name: str) -> bool:
    """Whether a service without a door is at work, as the settings of this process say where.

    Args:
        name: `sweeper`, `canary`, or the queue of a worker.
    """
    url = redis_url(load(os.environ))
    match name:
        case "sweeper":
            return sweeper_is_here(url)
        case "canary":
            return canary_is_well(url)
        case queue:
            return worker_is_here(url, queue)


def worker_is_here(url: str, queue: str) -> bool:
    """Whether a worker of this machine serves a queue. A worker that was killed is registered for a while."""
    store, here = SyncStore(url), socket.gethostname()
    try:
        names = store.run(presence.workers(queue))
        return any(host == here and _is_alive(pid) for host, pid in store.run(presence.processes(names)))
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


def canary_is_well(url: str) -> bool:
    """Whether the canary came back from its last walk, and that was not too long ago."""
    store = SyncStore(url)
    try:
        report = store.run(canary.last())
    except RedisError:
        return False
    finally:
        store.close()
    return report is not None and report.is_well(clock_ms())


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True
