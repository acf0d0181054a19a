"""Vitals: what can be seen from Redis of how the whole server does. Reads only, a bounded part at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

from store import keys, rq_names
from store.calls import Call, Command, Reply, one, text
from store.scripts import load


@dataclass(frozen=True, slots=True)
class QueueVitals:
    """One of RQ's queues.

    Attributes:
        name: its name.
        depth: jobs that wait.
        oldest: id of the one that waits longest; "" when none does.
        failed: jobs in its FailedJobRegistry.
        workers: workers that RQ knows to serve it.
    """

    name: str
    depth: int
    oldest: str
    failed: int
    workers: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """The stream of a subscription.

    Attributes:
        waiting: deliveries that no tunnel has taken.
        taken: deliveries that one has, and has not answered.
    """

    waiting: int
    taken: int


def queues() -> Call[list[QueueVitals]]:
    """RQ's queues."""
    commands: list[Command] = []
    for name in rq_names.ALL:
        queue = rq_names.QUEUE_PREFIX + name
        commands += (
            ("LLEN", queue),
            ("LINDEX", queue, 0),
            ("ZCARD", rq_names.FAILED_PREFIX + name),
            ("SCARD", rq_names.WORKERS_PREFIX + name),
        )

    def parse(replies: Sequence[Reply]) -> list[QueueVitals]:
        rows = [replies[start : start + 4] for start in range(0, len(replies), 4)]
        return [
            QueueVitals(name, depth, text(oldest), failed, workers)
            for name, (depth, oldest, failed, workers) in zip(rq_names.ALL, rows, strict=True)
        ]

    return Call(tuple(commands), parse)


def enqueued_at(job: str) -> Call[int | None]:
    """When a job was put into its queue, Unix ms; None when it is gone, or does not say."""

    def parse(reply: Reply) -> int | None:
        try:
            return rq_names.moment_ms(text(reply))
        except ValueError:
            return None

    return one(("HGET", rq_names.JOB_PREFIX + job, "enqueued_at"), parse)


def gateways() -> Call[list[str]]:
    """The ids of all gateways."""
    return one(("HVALS", keys.GATEWAYS), lambda reply: sorted(map(text, reply)))


def subscriptions(gateway: str) -> Call[list[str]]:
    """The ids of a gateway's subscriptions."""
    return one(("HVALS", keys.subscriptions(gateway)), lambda reply: sorted(map(text, reply)))


def backlogs(subscription_ids: Sequence[str]) -> Call[list[Backlog]]:
    """The streams of these subscriptions."""
    command = load("list_backlogs").command(*subscription_ids)
    return one(command, lambda reply: [Backlog(*row) for row in reply])


def served(gateway: str, tunnel: str) -> Call[list[str]]:
    """The subscriptions that a tunnel serves; none when its lease has ended."""
    return one(("HGET", keys.tunnel(gateway, tunnel), "subscriptions"), lambda reply: text(reply).split())


def due() -> Call[tuple[int, int | None]]:
    """How many members the due-set has, and when the first is due, Unix ms; None when it is empty."""
    return Call(
        (("ZCARD", keys.DUE), ("ZRANGE", keys.DUE, 0, 0, "WITHSCORES")),
        lambda replies: (replies[0], round(float(replies[1][1])) if replies[1] else None),
    )
