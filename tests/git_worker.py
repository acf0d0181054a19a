"""A worker of the queue `git` in this process: makes the polls that wait, and ends."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from domain.ids import new_id
from store import repo_secrets
from store.connect import SyncStore
from store.polls import PollLimits
from store.repo_secrets import SecretData
from tests.git_asker import LOOPBACK
from tests.git_receiver import Place
from tests.public_door import RING, now_ms
from tests.world import LIMITS
from workers.git.context import GitContext, installed
from workers.git.pool import Pool
from workers.git.sealing import SharedSealer
from workers.git.way import GitWay
from workers.worker import work

WAIT_S = 20.0


def credentials(place: Place, name: str, kind: str, **data: bytes) -> None:
    """Apply a Secret that opens Git servers; `__` in the names of its keys is `-`."""
    content = SecretData(kind, {key.replace("__", "-"): value for key, value in data.items()})
    sealed = repo_secrets.seal(place.door.sealer, place.gateway, name, content, now_ms())
    job = new_id("job", now_ms(), os.urandom(9))
    place.door.store.run(repo_secrets.put(place.gateway, name, sealed, job, now_ms()))


@contextmanager
def git_context(redis_url: str, **changes) -> Iterator[GitContext]:
    """What polls are given; they end with the block."""
    made = {
        "store": SyncStore(redis_url),
        "sealer": SharedSealer(RING, os.urandom),
        "clock_ms": now_ms,
        "entropy": os.urandom,
        "dice": lambda: 0.5,
        "limits": LIMITS,
        "polls": PollLimits(32, 16),
        "way": GitWay(targets=LOOPBACK),
        "pool": Pool(4),
        "timeout_s": WAIT_S,
        **changes,
    }
    context = GitContext(**made)
    try:
        yield context
    finally:
        context.way.close()
        context.pool.close(WAIT_S)
        context.store.close()


def make_polls(redis_url: str, **changes) -> None:
    """Make the polls that wait, as RQ's worker does."""
    with git_context(redis_url, **changes) as context, installed(context):
        work(redis_url, "git", burst=True)
        assert context.pool.close(WAIT_S)
