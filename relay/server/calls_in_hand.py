"""Calls in hand: how many requests of agents a relay works on, and how many of them a gateway may make."""

from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

from relay.server.api.problems import Problem

MOST: Final = 500
"""At a time, of all gateways: each of them may wait for minutes."""

MOST_OF_A_GATEWAY: Final = 20
MOST_A_MINUTE: Final = 300
"""Of a gateway. A client that waits makes one or two a minute."""

_MINUTE_MS: Final = 60_000


class CallsInHand:
    """Counts requests by gateway; remembers nothing longer than a minute."""

    def __init__(self, clock_ms: Callable[[], int]) -> None:
        """Nobody has called yet.

        Args:
            clock_ms: Unix time in milliseconds.
        """
        self._clock_ms = clock_ms
        self._open: Counter[str] = Counter()
        self._begun: Counter[str] = Counter()
        self._minute = 0

    def may_begin(self, gateway: str) -> bool:
        """Whether a gateway may make one more request now."""
        minute = self._clock_ms() // _MINUTE_MS
        if minute != self._minute:
            self._minute = minute
            self._begun.clear()
        return (
            self._open.total() < MOST
            and self._open[gateway] < MOST_OF_A_GATEWAY
            and self._begun[gateway] < MOST_A_MINUTE
        )

    @contextmanager
    def one_of(self, gateway: str) -> Generator[None]:
        """A request of a gateway, for the length of the block."""
        self._open[gateway] += 1
        self._begun[gateway] += 1
        try:
            yield
        finally:
            self._open[gateway] -= 1
            if not self._open[gateway]:
                del self._open[gateway]


def too_many() -> Problem:
    """A gateway has no call left."""
    return Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too_many_calls",
        f"A gateway may have {MOST_OF_A_GATEWAY} calls under way, and make {MOST_A_MINUTE} a minute;"
        " try again later.",
        headers={"retry-after": "10"},
    )


def foreign_page() -> Problem:
    """A page of another origin is at work."""
    return Problem(
        HTTPStatus.FORBIDDEN,
        "foreign_origin",
        "This comes from a web page of another origin; agents' clients call without one.",
    )
