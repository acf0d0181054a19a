"""Streams: how much waits for each subscription, and for how long."""

from dataclasses import dataclass

from store.calls import Call, Reply, one, text
from store.scripts import load


@dataclass(frozen=True, slots=True)
class Backlog:
    """What one subscription is owed and can be taken now. Retries that are not due yet are not in it.

    Attributes:
        subscription: its id.
        name: its name.
        waiting: deliveries that no tunnel has taken.
        in_tunnel: deliveries that tunnels hold.
        oldest_at: since when the first that waits stands there, Unix ms; None when none waits.
    """

    subscription: str
    name: str
    waiting: int
    in_tunnel: int
    oldest_at: int | None


def backlogs(gateway: str) -> Call[list[Backlog]]:
    """The backlog of each subscription of a gateway, oldest subscription first."""

    def backlog(row: Reply) -> Backlog:
        subscription, name, waiting, in_tunnel, first = row
        since = text(first).partition("-")[0]
        return Backlog(text(subscription), text(name), waiting, in_tunnel, int(since) if since else None)

    return one(load("read_streams").command(gateway), lambda reply: [backlog(row) for row in reply])
