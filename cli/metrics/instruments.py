"""Instruments: numbers that are cheap to move, and read only when somebody asks.

What moves them is on the way of every event, so they are plain dictionaries behind a lock, and become
Prometheus' families when they are read.
"""

import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Final

from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from cli.metrics.metric import Kind, Metric

MOST_SERIES: Final = 1000
"""Series of one metric; further ones are counted together."""

OTHERS: Final = "others"
Labels = tuple[str, ...]


class Number:
    """A counter or a gauge, one value for each combination of labels."""

    def __init__(self, metric: Metric, start: Iterable[Labels] = ()) -> None:
        """A number.

        Args:
            metric: which one it is.
            start: labels that are told as 0 from the beginning, so that the first change is seen as one.
        """
        self.metric = metric
        self._lock = threading.Lock()
        self._values: dict[Labels, float] = dict.fromkeys(start if metric.labels else [()], 0)

    def add(self, by: float, *labels: str) -> None:
        """Move a value."""
        with self._lock:
            try:
                self._values[labels] += by
            except KeyError:
                self._add_new(by, labels)

    def _add_new(self, by: float, labels: Labels) -> None:
        values = self._values
        if len(values) >= MOST_SERIES:
            labels = (OTHERS,) * len(labels)
        values[labels] = values.get(labels, 0) + by

    def put(self, value: float) -> None:
        """Set the value of a gauge without labels."""
        self._values[()] = value

    def family(self) -> Family:
        """What Prometheus is told."""
        with self._lock:
            rows = list(self._values.items())
        return family_of(self.metric, rows)


class Spread:
    """A histogram, one for each combination of labels."""

    def __init__(self, metric: Metric, start: Iterable[Labels] = ()) -> None:
        """A histogram without values.

        Args:
            metric: which one it is.
            start: all the labels that it will have.
        """
        self.metric = metric
        self._lock = threading.Lock()
        self._bounds = metric.buckets
        known = list(start) if metric.labels else [()]
        self._rows = {labels: [0] * (len(metric.buckets) + 1) for labels in known}
        self._sums = dict.fromkeys(known, 0.0)

    def note(self, value: float, *labels: str) -> None:
        """Take one value in.

        Raises:
            KeyError: it has no such labels.
        """
        with self._lock:
            self._rows[labels][bisect_left(self._bounds, value)] += 1
            self._sums[labels] += value

    def family(self) -> Family:
        """What Prometheus is told."""
        family = HistogramMetricFamily(self.metric.name, self.metric.meaning, labels=self.metric.labels)
        bounds = [*(str(float(bound)) for bound in self.metric.buckets), "+Inf"]
        with self._lock:
            rows = [(labels, list(row), self._sums[labels]) for labels, row in self._rows.items()]
        for labels, row, total in rows:
            family.add_metric(labels, list(zip(bounds, accumulate(row), strict=True)), total)
        return family


def family_of(metric: Metric, rows: Iterable[tuple[Sequence[str], float]]) -> Family:
    """A counter or gauge as Prometheus is told it."""
    make = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
    family = make(metric.name, metric.meaning, labels=metric.labels)
    for labels, value in rows:
        family.add_metric(labels, value)
    return family


class Book(Collector):
    """The instruments of one process."""

    def __init__(self) -> None:
        self._instruments: list[Number | Spread] = []

    def number(self, metric: Metric, *start: Labels) -> Number:
        """A counter or gauge of this process."""
        made = Number(metric, start)
        self._instruments.append(made)
        return made

    def spread(self, metric: Metric, *start: Labels) -> Spread:
        """A histogram of this process."""
        made = Spread(metric, start)
        self._instruments.append(made)
        return made

    def collect(self) -> Iterator[Family]:
        """All of them, as Prometheus is told."""
        for instrument in self._instruments:
            yield instrument.family()
