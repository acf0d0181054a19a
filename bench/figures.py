"""Figures: what runs of a measurement say together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

_NS_PER_MS = 1_000_000


def percentile_ms(values_ns: Sequence[int], percent: float) -> float:
    """The smallest value that `percent` per cent of the values do not exceed, in milliseconds; 0 of none."""
    if not values_ns:
        return 0.0
    place = max(0, -(-len(values_ns) * percent // 100) - 1)
    return sorted(values_ns)[int(place)] / _NS_PER_MS


@dataclass(frozen=True, slots=True)
class Sample:
    """What one run of one side gave.

    Attributes:
        value: the figure that is compared.
        details: other figures by name.
    """

    value: float
    details: dict[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True)
class Side:
    """The runs of one side.

    Attributes:
        name: what was measured.
        samples: one per run.
    """

    name: str
    samples: tuple[Sample, ...]

    @property
    def value(self) -> float:
        """The median of the figure."""
        return median(sample.value for sample in self.samples)

    @property
    def details(self) -> dict[str, float]:
        """The medians of the other figures."""
        names = dict.fromkeys(name for sample in self.samples for name in sample.details)
        return {
            name: median(sample.details[name] for sample in self.samples if name in sample.details)
            for name in names
        }


def ratios(ours: Side, reference: Side) -> list[float]:
    """How often one side contains the other, run by run: only what ran side by side is compared."""
    pairs = zip(ours.samples, reference.samples, strict=True)
    return [mine.value / other.value for mine, other in pairs]
