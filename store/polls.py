"""Polls of Git repos: begun under a lease, ended with what was found. Pushes are reasons to make one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, cast

from store.calls import Call, Reply, one, pairs, text
from store.events import BatchLimits
from store.repos import StoredRepo, of_row
from store.rq_names import stamp
from store.scripts import load

LEASE_MS: Final = 45_000
"""How long a poll may take before another worker may make it: longer than a poll is given."""

Noted = Literal["triggered", "known", "gone"]
Source = Literal["webhook", "polling"]

Ended = Literal[
    "announced",
    "seen",
    "failed",
    "stale",
    "void",
    "no_receiver",
    "paused",
    "full",
    "stored_events",
    "stored_mib",
    "deliveries",
    "queue_share",
]
"""How a poll ended: see `end`. From "no_receiver" on, why a new head could not be announced yet."""


@dataclass(frozen=True, slots=True)
class PollLimits:
    """How many polls may be under way at once.

    Attributes:
        all: of all gateways together, over all processes.
        gateway: of one gateway.
    """

    all: int
    gateway: int


@dataclass(frozen=True, slots=True)
class Begun:
    """A poll that may be made now.

    Attributes:
        repo: what is polled; its `status.commit` is what the head is compared with.
        source: who asked for it; polls that a person asked for are "polling".
        receiver: id of the gateway's Git webhook, None when it has none.
        client_secret: name of the Secret that opens its server.
        sealed_secret: that Secret, sealed; None when it is not there.
    """

    repo: StoredRepo
    source: Source
    receiver: str | None
    client_secret: str
    sealed_secret: bytes | None


PutOff = Literal["busy", "waits", "void"]
"""Why a poll did not begin: too many are under way; its host failed lately; it is not this job's to make."""


class Head(NamedTuple):
    """What a poll found.

    Attributes:
        commit: the head.
        branch: the branch that it is the head of, where that was to be found out; else "".
        event: a fresh event id, for the event that announces it.
        size: bytes of that event's body.
        sealed: that event, sealed for the Git webhook; b"" when the head is the commit already announced, or
            there is no Git webhook.
        tag: the object of an annotated tag that leads to the head; "" when none does.
        moved_to: where its server says that the repository is now; "" when it says nothing of the kind.
    """

    commit: str
    branch: str
    event: str
    size: int
    sealed: bytes
    tag: str = ""
    moved_to: str = ""


class Failure(NamedTuple):
    """Why a poll found nothing.

    Attributes:
        sentence: for the owner.
        is_host_fault: whether its host is down rather than this repo wrong: then all repos there wait.
    """

    sentence: str
    is_host_fault: bool


class Poll(NamedTuple):
    """A poll that is under way.

    Attributes:
        repo: the repo's id.
        job: the job that holds its lease.
        version: of the repo that is polled.
        previous: the commit that the head is compared with.
        receiver: id of the Git webhook that an event of it is for; "" when there was none.
    """

    repo: str
    job: str
    version: int
    previous: str
    receiver: str


def note_push(
    gateway: str, repo: str, commit: str, before: str, job: str, now_ms: int, *, is_proven: bool
) -> Call[Noted]:
    """Note that a push names a commit as the new head of a repo, and have it looked at.

    Args:
        gateway: the Gateway ID.
        repo: the repo's id.
        commit: what the push says.
        before: the head before the push; "" when it does not say.
        job: a fresh job id.
        now_ms: Unix time in milliseconds.
        is_proven: whether a secret vouches for the push. Only then the repo is polled seldom from now on: its
            host calls, and not somebody who would like to have it left alone.
    """
    command = load("note_push").command(
        gateway, repo, commit, before, job, now_ms, stamp(now_ms), int(is_proven)
    )
    return one(command, lambda reply: cast("Noted", text(reply)))


def begin(
    repo: str, job: str, limits: PollLimits, now_ms: int, dice: float, lease_ms: int = LEASE_MS
) -> Call[Begun | PutOff]:
    """Begin a poll. What may not be made now is due again later, and not this job's any more.

    Args:
        repo: the repo's id.
        job: the job that was given the poll.
        limits: polls at once.
        now_ms: Unix time in milliseconds.
        dice: a random number in [0, 1).
        lease_ms: after how long another worker may poll it.
    """
    command = load("begin_poll").command(repo, job, now_ms, lease_ms, limits.all, limits.gateway, dice)

    def parse(reply: Reply) -> Begun | PutOff:
        if text(reply[0]) != "begun":
            return cast("PutOff", text(reply[0]))
        fields = pairs(reply[1])
        source = "webhook" if fields.get("source") == b"webhook" else "polling"
        name = text(fields["client_secret"])
        return Begun(of_row((repo, fields)), source, text(reply[2]) or None, name, reply[3] or None)

    return one(command, parse)


def end(
    poll: Poll, found: Head | Failure, limits: BatchLimits, next_job: str, now_ms: int, dice: float
) -> Call[Ended]:
    """End a poll. A head that subscribers do not know of becomes an event in the same step.

    Args:
        poll: which one.
        found: what it found.
        limits: of the queue and of gateways, as for every event.
        next_job: a fresh job id.
        now_ms: Unix time in milliseconds.
        dice: a random number in [0, 1), for the jitter of the next poll.
    """
    place = (poll.repo, poll.job, poll.version)
    if isinstance(found, Head):
        said = ("head", found.commit, "", poll.previous, found.branch)
        event = (found.event, found.size, found.sealed, found.tag, poll.receiver, found.moved_to)
    else:
        said = ("host_failed" if found.is_host_fault else "failed", "", found.sentence, poll.previous, "")
        event = ("", 0, b"", "", poll.receiver, "")
    command = load("end_poll").command(
        *place,
        *said,
        now_ms,
        stamp(now_ms),
        next_job,
        dice,
        limits.retention_ms,
        limits.recovery_ms,
        limits.job_timeout_s,
        limits.queue,
        limits.gateway.stored_events,
        limits.gateway.stored_mib,
        limits.gateway.deliveries,
        limits.gateway.queue_share,
        *event,
        limits.log.length,
        limits.log.life_ms,
    )
    return one(command, lambda reply: cast("Ended", text(reply)))


def give_up(polls: Sequence[Poll], now_ms: int) -> Call[None]:
    """Leave polls that are under way to other workers, at once: this process ends."""
    held = [part for each in polls for part in (each.repo, each.job)]
    return one(load("give_up_polls").command(now_ms, *held), lambda _: None)
