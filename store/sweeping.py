"""Sweeping: the due-set turned into RQ jobs, state changes and work for the sweeper."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from store import due, keys
from store.calls import Call, Command, Reply, one, text
from store.events import BatchLimits
from store.rq_names import stamp
from store.scripts import load

MAX_CRASHES: Final = 3
"""An event whose worker crashed this often is set aside."""

_SCAN_COUNT: Final = 1000
_MEMBERS: Final = {
    "tunnel": due.tunnel,
    "webhook": due.deleted_webhook,
    "subscription": due.removed_subscription,
}


@dataclass(frozen=True, slots=True)
class Deadline:
    """An attempt that was not answered in time."""

    delivery: str
    attempt: int
    tries: int


@dataclass(frozen=True, slots=True)
class Ended:
    """A lease that ended, or a webhook or subscription that was deleted."""

    kind: Literal["tunnel", "webhook", "subscription"]
    gateway: str
    name: str

    @property
    def member(self) -> str:
        """What stands for it in the due-set."""
        return _MEMBERS[self.kind](self.gateway, self.name)


@dataclass(frozen=True, slots=True)
class Unfit:
    """A member of the due-set that nothing can be done with.

    Attributes:
        member: the member as it is written.
        error: why a look at it failed; it will be looked at again. "" when it was taken out: it has no known
            form, or its record lacks what it needs.
    """

    member: str
    error: str


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep found.

    Attributes:
        on_duty: False when another sweeper holds the lease.
        looked_at: members of the due-set that were due, and looked at.
        next_due: when the earliest member is due, Unix ms; -1 when there is none. Overdue when the sweep
            ended before it had looked at everything; the caller sweeps again at once.
        items: what the caller must see to.
    """

    on_duty: bool
    looked_at: int
    next_due: int
    items: tuple[Deadline | Ended | Unfit, ...]


@dataclass(frozen=True, slots=True)
class Duty:
    """How a sweeper sweeps.

    Attributes:
        sweeper: its id; only one is on duty.
        lease_ms: how long it stays on duty without sweeping again, in milliseconds.
        limit: members of the due-set looked at in one sweep.
    """

    sweeper: str
    lease_ms: int
    limit: int


def sweep(duty: Duty, limits: BatchLimits, job_base: str, now_ms: int) -> Call[Swept]:
    """Look at due members.

    Args:
        duty: who sweeps, and how much at a time.
        limits: when what is not settled is looked at again, and how long bodies are kept.
        job_base: a fresh job id; new jobs are named after it.
        now_ms: Unix time in milliseconds.
    """
    command = load("sweep").command(
        duty.sweeper,
        duty.lease_ms,
        now_ms,
        stamp(now_ms),
        duty.limit,
        limits.recovery_ms,
        limits.job_timeout_s,
        limits.retention_ms,
        MAX_CRASHES,
        job_base,
        limits.events,
        limits.size_bytes,
    )
    return one(
        command,
        lambda reply: Swept(bool(reply[0]), reply[1], reply[2], tuple(_item(row) for row in reply[3:])),
    )


def leave_duty(sweeper: str) -> Call[bool]:
    """Let another sweeper go on duty at once. False: this one was not on duty."""
    return one(load("leave_duty").command(sweeper), bool)


def _item(row: Reply) -> Deadline | Ended | Unfit:
    # Whoever wrote a member of no known form need not have written text.
    kind, *facts = (part.decode(errors="backslashreplace") for part in row)
    if kind in {"unknown", "broken"}:
        return Unfit(facts[0], "".join(facts[1:]))
    if kind == "deadline":
        return Deadline(facts[0], int(facts[1]), int(facts[2]))
    return Ended(kind, facts[0], facts[1])  # pyright: ignore[reportArgumentType]


def live_events(cursor: int) -> Call[tuple[int, list[str]]]:
    """Some events that have a future, and the cursor to go on with; 0 at the end (as ZSCAN)."""

    def parse(reply: Reply) -> tuple[int, list[str]]:
        members = (text(member) for member in reply[1][::2])
        return int(reply[0]), [member[2:] for member in members if member.startswith("e:")]

    return one(("ZSCAN", keys.DUE, cursor, "COUNT", _SCAN_COUNT), parse)


def cancel(gone: Sequence[str], events: Sequence[str], now_ms: int) -> Call[int]:
    """Cancel what these events owe to deleted webhooks and removed subscriptions; how much that was."""
    return one(load("cancel").command(now_ms, len(gone), *gone, *events), int)


def forget(ended: Ended) -> Call[None]:
    """Delete what is left of it once nothing is owed, its place in the due-set included."""
    left = keys.routes(ended.name) if ended.kind == "webhook" else keys.stream(ended.name)
    commands: tuple[Command, ...] = (("DEL", left), ("ZREM", keys.DUE, ended.member))
    return Call(commands, lambda _: None)
