"""Meters: what workers and the sweeper tell of themselves in numbers."""

from collections.abc import Iterable, Mapping


class Meters:
    """Is told what happens and counts nothing; the composition root gives one that does. Must not block.

    Polls call it from several threads.
    """

    def ended(self, duration_s: float, *, is_done: bool) -> None:
        """A job has ended: done, or failed."""

    def decided(self, fates: Iterable[tuple[str, str]]) -> None:
        """Events were decided: the state of each, and why it was rejected ("" when it was not)."""

    def judged(self, outcome: str) -> None:
        """An expression was evaluated: "true", "false", or why it came to no answer (`Failure`)."""

    def attempted(self, outcomes: Mapping[str, int]) -> None:
        """Jobs for deliveries were done: how many ended how (`store.deliveries.Attempted`)."""

    def polled(self, outcome: str, duration_s: float) -> None:
        """A poll of a repo has ended (`store.polls.Ended`)."""

    def swept(self, looked_at: int, *, on_duty: bool) -> None:
        """A sweep has ended; it looked at so many members of the due-set."""

    def missed(self) -> None:
        """An attempt was not answered in time."""

    def lapsed(self) -> None:
        """The lease of a tunnel ended."""
