"""Why a server closes a tunnel, as it tells the connector."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class ProblemCode(StrEnum):
    """Why a server closes a tunnel."""

    VERSION = "version"
    PROTOCOL = "protocol"
    UNKNOWN_SUBSCRIPTION = "unknown_subscription"
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - a reason, not a secret
    LEASE_LOST = "lease_lost"
    OVERLOADED = "overloaded"
    UNAVAILABLE = "unavailable"
    MOVED = "moved"

    @property
    def is_final(self) -> bool:
        """Whether asking again is pointless until somebody has changed something."""
        return self in _FINAL


_FINAL: Final = frozenset(
    {
        ProblemCode.VERSION,
        ProblemCode.PROTOCOL,
        ProblemCode.UNKNOWN_SUBSCRIPTION,
        ProblemCode.TOKEN_REFUSED,
    }
)


@dataclass(frozen=True, slots=True)
class Problem:
    """The last word of a server before it closes the tunnel."""

    code: ProblemCode
    sentence: str
