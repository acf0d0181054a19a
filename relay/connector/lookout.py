"""The lookout: sees that this machine slept, or has another network, sooner than a heartbeat would tell."""

import asyncio
from collections.abc import Callable
from enum import Enum, auto
from typing import Final, NoReturn

from relay.connector.network import Address, Network

LOOK_S: Final = 1.0
"""Seconds between two looks."""

SLEPT_S: Final = 10.0
"""A gap of so many seconds between two looks is a sleep; a shorter one ends no lease and no connection."""


class Sight(Enum):
    """What is seen."""

    SLEPT = auto()
    ADDRESS_GONE = auto()
    OTHER_WAY = auto()


class Lookout:
    """Compares what two clocks and the network say with what they said before."""

    def __init__(self, clock_ms: Callable[[], int], network: Network) -> None:
        """A lookout.

        Args:
            clock_ms: Unix time in milliseconds.
            network: of this machine.
        """
        self._clock_ms = clock_ms
        self._network = network
        self._own: Address | None = None
        self._peer: Address | None = None
        self._ways = network.ways()

    def connected(self, own: Address, peer: Address) -> None:
        """There is a connection, between these two addresses."""
        self._own, self._peer = own, peer
        self._ways = self._network.ways(peer)

    def disconnected(self) -> None:
        """There is none any more; the way to its peer is still of interest."""
        self._own = None

    async def run(self, tell: Callable[[Sight], None]) -> NoReturn:
        """Look for ever, and tell what is seen."""
        while True:
            wall_ms, monotonic_s = self._clock_ms(), self._monotonic_s()
            await asyncio.sleep(LOOK_S)
            # The monotonic clock stands still in a sleep on Linux and macOS, the wall clock does not; on
            # Windows both go on, and so they do when only this process was stopped.
            passed_s = max((self._clock_ms() - wall_ms) / 1000, self._monotonic_s() - monotonic_s)
            sight = self.look(passed_s - LOOK_S)
            if sight is not None:
                tell(sight)

    def look(self, missed_s: float) -> Sight | None:
        """What is to be seen now, after so many seconds in which nothing could be seen."""
        ways = self._network.ways(self._peer)
        is_other, self._ways = ways != self._ways, ways
        if missed_s >= SLEPT_S:
            return Sight.SLEPT
        if self._own is not None and not self._network.has(self._own):
            return Sight.ADDRESS_GONE
        return Sight.OTHER_WAY if is_other else None

    def _monotonic_s(self) -> float:
        return asyncio.get_running_loop().time()
