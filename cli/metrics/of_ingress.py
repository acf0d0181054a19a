"""What the ingress tells."""

import time

from cli.metrics import catalogue
from cli.metrics.instruments import Book
from ingress.meters import REFUSALS, Meters


class IngressMeters(Meters):
    """Counts what happens at the public door."""

    def __init__(self, book: Book, *, names_webhooks: bool) -> None:
        """Nothing has happened yet.

        Args:
            book: where the numbers are read.
            names_webhooks: whether the ids of webhooks become labels.
        """
        self._names_webhooks = names_webhooks
        nameless = [] if names_webhooks else [("",)]
        self._accepted = book.number(catalogue.ACCEPTED, *nameless)
        self._bytes = book.number(catalogue.ACCEPTED_BYTES, *nameless)
        self._seconds = book.spread(catalogue.ACCEPT_SECONDS)
        self._limited = book.number(catalogue.RATE_LIMITED, *nameless)
        self._refused = book.number(catalogue.REFUSED, *((reason,) for reason in REFUSALS))
        self._answered = book.number(catalogue.ANSWERED, ("202",), ("503",))

    def clock_s(self) -> float:
        """Seconds on a clock that never goes back."""
        return time.perf_counter()

    def accepted(self, webhook: str, size: int, began_s: float) -> None:
        """An event was accepted."""
        label = webhook if self._names_webhooks else ""
        self._accepted.add(1, label)
        self._bytes.add(size, label)
        self._seconds.note(time.perf_counter() - began_s)

    def limited(self, webhook: str) -> None:
        """The events of the hour are spent."""
        self._limited.add(1, webhook if self._names_webhooks else "")

    def answered(self, status: int, reason: str) -> None:
        """A request was answered."""
        self._answered.add(1, str(status))
        if reason:
            self._refused.add(1, reason)
