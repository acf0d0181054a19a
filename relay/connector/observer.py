"""Observers: whoever wants to know what a connector does, a command line that prints it for example."""

from relay.connector.target import Answer, Arrival
from relay.tunnel.messages import Welcome


class Observer:
    """Is told what happens and does nothing about it; override what is of interest. Must not block."""

    def on_connected(self, welcome: Welcome) -> None:
        """The tunnel is open."""

    def on_disconnected(self, reason: str, next_try_s: float) -> None:
        """There is no tunnel, and why; the next try begins in so many seconds."""

    def on_moved(self, reason: str, next_try_s: float) -> None:
        """The relay asked to connect again, which begins in so many seconds; attempts go on meanwhile."""

    def on_stopping(self, under_way: int) -> None:
        """It was asked to stop; so many attempts are finished first, for as long as the grace lasts."""

    def on_delivery(self, arrival: Arrival, answer: Answer, duration_ms: float) -> None:
        """An attempt has ended; it took so many milliseconds."""

    def on_output(self, arrival: Arrival, line: str) -> None:
        """A program that was run for a delivery has printed this; nothing in it commands a terminal."""

    def on_trouble(self, arrival: Arrival, sentence: str) -> None:
        """A target cannot be reached as its owner wished; the sentence says why, and what to do."""
