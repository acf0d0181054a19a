"""Processor time: what one event costs each process. On few cores this, not waiting, bounds throughput."""

from types import TracebackType
from typing import Final, Self

from bench.load import Report
from bench.stack import Stack

_US_PER_S: Final = 1_000_000


class Processor:
    """Reads the processor time of a stack's processes at the beginning and at the end of a block."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._before: dict[str, float] = {}
        self._after: dict[str, float] = {}

    def __enter__(self) -> Self:
        """Read."""
        self._before = self._stack.cpu_s()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Read again."""
        self._after = self._stack.cpu_s()

    def per_event(self, events: int, report: Report) -> dict[str, float]:
        """Microseconds per event by process, the generator included."""
        return {**self.per(events), "cpu_us generator": report.cpu_s * _US_PER_S / events}

    def per(self, number: int) -> dict[str, float]:
        """Microseconds by process for each of so many things that were done in the block."""
        return {
            f"cpu_us {name}": (self._after[name] - before) * _US_PER_S / number
            for name, before in self._before.items()
        }
