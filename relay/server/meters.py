"""Meters: what the relay tells of itself in numbers."""

from collections.abc import Sequence
from typing import Final

from store.deliveries import Settlement

HUNG_UP: Final = "hung_up"
"""Why a tunnel ended when its connector, or the network between, did that."""

REFUSALS: Final = ("no_access", "stopping", "redis_unavailable")
"""Codes of the problems for which a tunnel is not opened."""


class Meters:
    """Is told what happens and counts nothing; the composition root gives one that does. Must not block."""

    def opened(self) -> None:
        """A tunnel was opened."""

    def closed(self, reason: str) -> None:
        """A tunnel that was open has ended; the reason is a problem code, or HUNG_UP."""

    def refused(self, reason: str) -> None:
        """A tunnel was not opened; the reason is one of REFUSALS."""

    def sent(self, size: int) -> None:
        """A delivery went into a tunnel, as so many bytes."""

    def called(self, tool: str, outcome: str) -> None:
        """An agent called a tool; the outcome is one of `relay.mcp.outcomes.OUTCOMES`."""

    def settled(self, settlements: Sequence[Settlement], now_ms: int) -> None:
        """Attempts were settled in one round trip, all of them for the first time."""
