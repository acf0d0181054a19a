"""Limits: what one gateway may have on a server that it shares with others, and what it has."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Final

MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one gateway may have. At a limit, more is refused; what is there stays.

    Attributes:
        webhooks: how many webhooks.
        subscriptions: how many subscriptions.
        repos: how many Git repos.
        stored_events: events whose sealed request is still kept.
        stored_mib: MiB of their sealed requests.
        deliveries: deliveries in flight.
        queue_share: share of the queue's limit that its waiting events may take, 0 to 1.
    """

    webhooks: int = 1000
    subscriptions: int = 200
    repos: int = 1000
    stored_events: int = 100_000
    stored_mib: int = 256
    deliveries: int = 200_000
    queue_share: float = 0.5

    def with_own(self, own: Mapping[str, str]) -> "Limits":
        """These limits, but for those that a gateway has of its own; texts by name."""
        kinds = {"queue_share": float}
        return replace(self, **{name: kinds.get(name, int)(text) for name, text in own.items()})


DEFAULTS: Final = Limits()
LIMIT_NAMES: Final = tuple(field.name for field in fields(Limits))


@dataclass(frozen=True, slots=True)
class Use:
    """What one gateway has.

    Attributes:
        webhooks: how many webhooks.
        subscriptions: how many subscriptions.
        repos: how many Git repos.
        stored_events: events whose sealed request is still kept.
        stored_bytes: bytes of their sealed requests.
        deliveries: deliveries in flight.
        waiting: events that wait for a worker.
    """

    webhooks: int
    subscriptions: int
    repos: int
    stored_events: int
    stored_bytes: int
    deliveries: int
    waiting: int

    def beside(self, queue_limit: int) -> dict[str, int | float]:
        """The use under the names of `Limits` and in their units.

        Args:
            queue_limit: events that may wait on the whole server.
        """
        return {
            "webhooks": self.webhooks,
            "subscriptions": self.subscriptions,
            "repos": self.repos,
            "stored_events": self.stored_events,
            "stored_mib": round(self.stored_bytes / MIB, 3),
            "deliveries": self.deliveries,
            "queue_share": round(self.waiting / queue_limit, 6),
        }
