"""What the canary tells."""

from typing import Final

from cli.metrics import catalogue
from cli.metrics.instruments import Book
from domain.canary import Failure, Report

_GOOD: Final = "good"


class CanaryMeters:
    """Counts the walks of a canary."""

    def __init__(self, book: Book) -> None:
        """It has not walked yet.

        Args:
            book: where the numbers are read.
        """
        self._is_ok = book.number(catalogue.CANARY_OK)
        self._seconds = book.number(catalogue.CANARY_SECONDS)
        self._good_at = book.number(catalogue.CANARY_GOOD_AT)
        self._walks = book.number(catalogue.CANARY_WALKS, *((each,) for each in (_GOOD, *Failure)))
        self.report: Report | None = None

    def walked(self, report: Report) -> None:
        """A walk has ended."""
        self.report = report
        self._is_ok.put(int(report.failure is None))
        self._seconds.put((report.latency_ms or 0) / 1000)
        self._good_at.put((report.good_at or 0) / 1000)
        self._walks.add(1, report.failure or _GOOD)
