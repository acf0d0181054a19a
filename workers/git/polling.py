"""Polling: one poll of one repo, from its lease to the event that tells of a new commit."""

from typing import Final

import structlog
from redis.exceptions import RedisError

from domain.envelope import pack
from domain.errors import InvalidInputError, SealBrokenError
from domain.git.address import read_address
from domain.git.repo import RepoSpec
from domain.ids import ENTROPY_BYTES, new_id
from store import polls, repo_secrets, repos
from store.polls import Begun, Ended, Failure, Head, Poll
from store.sealing import event_place
from workers.git import heads
from workers.git.commit import commit_request
from workers.git.context import GitContext
from workers.git.credentials import Credentials, of_secret
from workers.git.failure import AbandonedError, PollFailedError

_QUIET: Final = ("announced", "seen", "failed", "stale", "void")
_log = structlog.get_logger()


def poll(context: GitContext, repo: str, job: str) -> None:
    """Poll a repo, if it is this job's to poll and there is room.

    Args:
        context: what polls need.
        repo: its id.
        job: the id of the job that was given the poll.
    """
    began = context.clock_ms()
    try:
        begun = _begun(context, repo, job)
        if begun is None:
            return
        place = _place(begun, repo, job)
        try:
            found = _found(context, begun)
        except AbandonedError:
            _give_up(context, place)
            return
        ended = _end(context, begun, place, found)
        context.meters.polled(ended, max(0, context.clock_ms() - began) / 1000)
    except RedisError as error:
        # Its lease ends by itself, and then another worker takes it up.
        _log.warning("git_poll_lost", repo_id=repo, error=type(error).__name__)


def hand_back(context: GitContext, repo: str, job: str) -> None:
    """Leave a poll that this job was given, and nobody has begun, to another worker."""
    begun = _begun(context, repo, job)
    if begun is not None:
        _give_up(context, _place(begun, repo, job))


def _begun(context: GitContext, repo: str, job: str) -> Begun | None:
    answer = context.store.run(polls.begin(repo, job, context.polls, context.clock_ms(), context.dice()))
    if isinstance(answer, Begun):
        return answer
    _log.debug("git_poll_put_off", repo_id=repo, why=answer)
    return None


def _place(begun: Begun, repo: str, job: str) -> Poll:
    return Poll(repo, job, begun.repo.version, begun.repo.status.commit, begun.receiver or "")


def _give_up(context: GitContext, place: Poll) -> None:
    context.store.run(polls.give_up([place], context.clock_ms()))


def _found(context: GitContext, begun: Begun) -> Head | Failure:
    try:
        spec = repos.open_spec(context.sealer, begun.repo)
        credentials = _credentials(context, begun, spec)
        head = heads.resolve(read_address(spec.repo), spec, credentials, context.way, context.timeout_s)
        return _head(context, begun, spec, head)
    except PollFailedError as error:
        return Failure(str(error), error.is_host_fault)
    except (InvalidInputError, SealBrokenError) as error:
        return Failure(str(error), is_host_fault=False)
    except (AbandonedError, RedisError):
        raise
    except Exception as error:  # noqa: BLE001 - else it would be made again and again, each time a lease ends
        _log.error(
            "git_poll_crashed",
            repo=begun.repo.name,
            gateway=begun.repo.gateway,
            error=type(error).__name__,
        )
        return Failure("The poll crashed; the log of the gateway says more.", is_host_fault=False)


def _credentials(context: GitContext, begun: Begun, spec: RepoSpec) -> Credentials | None:
    name = begun.client_secret
    if begun.sealed_secret is None:
        if spec.client_secret:
            raise PollFailedError(
                f"There is no Secret {name}, which clientSecretName names; apply one, or leave that out."
            )
        return None
    secret = repo_secrets.unseal(context.sealer, begun.repo.gateway, name, begun.sealed_secret)
    return of_secret(name, secret.type, secret.data)


def _head(context: GitContext, begun: Begun, spec: RepoSpec, head: heads.Head) -> Head:
    now, repo = context.clock_ms(), begun.repo
    branch = "" if spec.branch or spec.revision else head.branch or ""
    event = new_id("evt", now, context.entropy(ENTROPY_BYTES))
    if begun.receiver is None or head.commit == repo.status.commit:
        return Head(head.commit, branch, event, 0, b"", head.tag, head.moved_to)
    request = commit_request(repo.name, spec, head.branch, head.commit, repo.status.commit, begun.source, now)
    place = event_place(repo.gateway, begun.receiver, event)
    sealed = context.sealer.seal(pack(request), place, now)
    return Head(head.commit, branch, event, len(request.body), sealed, head.tag, head.moved_to)


def _end(context: GitContext, begun: Begun, place: Poll, found: Head | Failure) -> Ended:
    now = context.clock_ms()
    next_job = new_id("job", now, context.entropy(ENTROPY_BYTES))
    ended = context.store.run(polls.end(place, found, context.limits, next_job, now, context.dice()))
    _tell(begun, found, ended)
    return ended


def _tell(begun: Begun, found: Head | Failure, ended: Ended) -> None:
    """Say what has changed. What is as it was the last time was said then."""
    repo, status = begun.repo, begun.repo.status
    log = _log.bind(repo=repo.name, gateway=repo.gateway)
    if isinstance(found, Failure):
        if ended == "failed" and found.sentence != status.error:
            log.warning("git_poll_failed", error=found.sentence)
        return
    if status.error:
        log.info("git_poll_recovered")
    if ended == "announced":
        log.info("git_commit", commit=found.commit, event_id=found.event, source=begun.source)
    elif ended not in _QUIET and ended != status.warning:
        log.warning("git_commit_waits", commit=found.commit, why=ended)
