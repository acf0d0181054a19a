"""A metric: what one number is called, what it means, and who tells it."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How Prometheus reads a metric."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """One row of the catalogue.

    Attributes:
        name: as Prometheus knows it; counters end with `_total`.
        kind: how it is read.
        unit: of its value, in words.
        exporters: the processes that tell it.
        meaning: a sentence for people, without a full stop.
        labels: their names, in the order in which values are given.
        buckets: of a histogram, upper bounds in the unit of its value.
    """

    name: str
    kind: Kind
    unit: str
    exporters: tuple[str, ...]
    meaning: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()

    @property
    def series(self) -> tuple[str, ...]:
        """The names under which its values can be queried."""
        if self.kind is Kind.HISTOGRAM:
            return (f"{self.name}_bucket", f"{self.name}_sum", f"{self.name}_count")
        return (self.name,)
