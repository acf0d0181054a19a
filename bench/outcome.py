"""The outcome of a load: every latency, every status."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

NS_PER_S: Final = 1_000_000_000


@dataclass(slots=True)
class Outcome:
    """What a generator saw.

    Attributes:
        began_ns: when the first request was sent, CLOCK_MONOTONIC.
        ended_ns: when the last answer had come.
        latencies_ns: of every answer.
        late_ns: how late the generator sent each request (open loop).
        statuses: status -> how many answers had it.
    """

    began_ns: int = 0
    ended_ns: int = 0
    latencies_ns: list[int] = field(default_factory=list[int])
    late_ns: list[int] = field(default_factory=list[int])
    statuses: Counter[int] = field(default_factory=Counter[int])

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.ended_ns - self.began_ns) / NS_PER_S
