"""What the relay tells."""

from collections.abc import Sequence
from itertools import product
from typing import Final

from cli.metrics import catalogue
from cli.metrics.instruments import Book
from domain.delivery import Step
from domain.ids import event_of, made_at
from relay.mcp.outcomes import NAMES, OUTCOMES
from relay.server.meters import HUNG_UP, REFUSALS, Meters
from relay.tunnel.problem import ProblemCode
from store.deliveries import Settlement

_OUTCOMES: Final = {
    Step.DELIVER: "delivered",
    Step.REFUSE: "refused",
    Step.RETRY: "retry",
    Step.EXHAUST: "exhausted",
}


class RelayMeters(Meters):
    """Counts what happens at the owner's door."""

    def __init__(self, book: Book) -> None:
        """Nothing has happened yet.

        Args:
            book: where the numbers are read.
        """
        self._connected = book.number(catalogue.TUNNELS)
        self._opened = book.number(catalogue.TUNNELS_OPENED)
        reasons = (*ProblemCode, HUNG_UP)
        self._closed = book.number(catalogue.TUNNELS_CLOSED, *((reason,) for reason in reasons))
        self._refused = book.number(catalogue.TUNNELS_REFUSED, *((reason,) for reason in REFUSALS))
        self._sent = book.number(catalogue.SENT)
        self._bytes = book.number(catalogue.SENT_BYTES)
        self._attempts = book.number(catalogue.ATTEMPTS, *((each,) for each in _OUTCOMES.values()))
        self._seconds = book.spread(catalogue.DELIVERY_SECONDS)
        self._calls = book.number(catalogue.AGENT_CALLS, *product(NAMES, OUTCOMES))

    def opened(self) -> None:
        """A tunnel was opened."""
        self._opened.add(1)
        self._connected.add(1)

    def closed(self, reason: str) -> None:
        """A tunnel has ended."""
        self._closed.add(1, reason)
        self._connected.add(-1)

    def refused(self, reason: str) -> None:
        """A tunnel was not opened."""
        self._refused.add(1, reason)

    def sent(self, size: int) -> None:
        """A delivery went into a tunnel."""
        self._sent.add(1)
        self._bytes.add(size)

    def called(self, tool: str, outcome: str) -> None:
        """An agent called a tool."""
        self._calls.add(1, tool, outcome)

    def settled(self, settlements: Sequence[Settlement], now_ms: int) -> None:
        """Attempts were settled."""
        for item in settlements:
            self._attempts.add(1, _OUTCOMES[item.step])
            if item.step is Step.DELIVER:
                self._seconds.note(max(0, now_ms - made_at(event_of(item.delivery))) / 1000)
