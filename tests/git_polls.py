"""Polls without a Git server: what a worker would record of a repo, as if it had found this."""

from domain.ids import new_id
from store import keys, polls
from store.connect import SyncStore
from store.polls import Begun, Failure, Head, Poll, PollLimits
from tests.owner_door import clock_ms
from tests.world import LIMITS

FIRST, SECOND = "1" * 40, "2" * 40
AWAY = Failure("The server does not answer.", is_host_fault=False)


def found(redis_url: str, repo: str, head: str | Failure, branch: str = "") -> str:
    """The poll that a repo waits for, made; how it ended."""
    now, store = clock_ms(), SyncStore(redis_url)
    job = store.client.hget(keys.repo(repo), "ticket")
    assert isinstance(job, bytes)
    begun = store.run(polls.begin(repo, job.decode(), PollLimits(10, 10), now, 0.5))
    assert isinstance(begun, Begun)
    previous = begun.repo.status.commit
    if isinstance(head, str):
        sealed = b"" if head == previous or begun.receiver is None else b"sealed"
        head = Head(head, branch, new_id("evt", now, bytes(9)), 6, sealed)
    poll = Poll(repo, job.decode(), begun.repo.version, previous, begun.receiver or "")
    ended = store.run(polls.end(poll, head, LIMITS, new_id("job", now, bytes(9)), now, 0.5))
    store.close()
    return ended


def pushed(redis_url: str, gateway: str, repo: str, commit: str) -> None:
    """A push that names a commit."""
    now, store = clock_ms(), SyncStore(redis_url)
    job = new_id("job", now, bytes(9))
    assert store.run(polls.note_push(gateway, repo, commit, "", job, now, is_proven=True)) == "triggered"
    store.close()
