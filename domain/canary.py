"""The canary: an event of our own that walks the whole way, and what is known of its last walk."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

NAME: Final = "canary"
"""What its gateway, its webhook and its subscription are called."""

BOUND_S: Final = 10.0
"""Seconds within which it has to be back; what comes later counts as lost."""


class Failure(StrEnum):
    """Why it did not come back."""

    RELAY_AWAY = "relay_away"
    """The control API did not answer, or not as it should."""

    TOKEN_REFUSED = "token_refused"  # noqa: S105 - not a token
    """The relay does not know its access token."""

    NO_TUNNEL = "no_tunnel"
    """Its connector holds no tunnel."""

    UNREACHABLE = "unreachable"
    """Nobody answered at the public URL."""

    DISTRUSTED = "distrusted"
    """The certificate at the public URL is not trusted."""

    NOT_ACCEPTED = "not_accepted"
    """The public URL answered something else than 202."""

    LOST = "lost"
    """It was accepted, and did not come through the tunnel in time."""

    UNVERIFIED = "unverified"
    """It came back, and nothing had verified its signature."""


@dataclass(frozen=True, slots=True)
class Report:
    """What is known after a walk.

    Attributes:
        at: when the walk ended, Unix ms.
        interval_s: seconds between the beginnings of two walks.
        failure: why it did not come back; None: it did.
        status: what the public URL answered instead of 202; None: nothing, or 202.
        good_at: when it came back last, Unix ms; None: it never did.
        latency_ms: how long it was on its way then, from its post to its arrival; None: it never came back.
    """

    at: int
    interval_s: float
    failure: Failure | None = None
    status: int | None = None
    good_at: int | None = None
    latency_ms: float | None = None

    def is_fresh(self, now_ms: int) -> bool:
        """Whether the next report is not overdue at a time, Unix ms."""
        return now_ms - self.at <= (self.interval_s + 2 * BOUND_S) * 1000

    def is_well(self, now_ms: int) -> bool:
        """Whether the way was whole when it was last walked, and that was not too long before, Unix ms."""
        return self.failure is None and self.is_fresh(now_ms)
