"""What programs are told of a tunnel: a JSON document on each line."""

from collections.abc import Callable, Mapping

from cli.telling.lines import Lines
from relay.connector.observer import Observer
from relay.connector.target import Answer, Arrival
from relay.tunnel.messages import Welcome


class Programs(Observer):
    """Tells programs. Each document has `at`, Unix time in milliseconds, and `what`."""

    def __init__(self, lines: Lines, clock_ms: Callable[[], int]) -> None:
        """Nothing has happened yet.

        Args:
            lines: where it is said.
            clock_ms: Unix time in milliseconds.
        """
        self._lines = lines
        self._clock_ms = clock_ms

    def on_connected(self, welcome: Welcome) -> None:
        """The tunnel is open."""
        self.say("connected", {"subscriptions": [served.name for served in welcome.subscriptions]})

    def on_disconnected(self, reason: str, next_try_s: float) -> None:
        """There is no tunnel."""
        self.say("disconnected", {"reason": reason, "next_try_s": round(next_try_s, 3)})

    def on_moved(self, reason: str, next_try_s: float) -> None:
        """The relay asked to connect again."""
        self.say("moved", {"reason": reason, "next_try_s": round(next_try_s, 3)})

    def on_stopping(self, under_way: int) -> None:
        """It was asked to stop, and finishes what is under way."""
        self.say("stopping", {"under_way": under_way})

    def on_delivery(self, arrival: Arrival, answer: Answer, duration_ms: float) -> None:
        """An attempt has ended."""
        self.say(
            "delivery",
            {
                **_whose(arrival),
                "webhook": arrival.webhook,
                "sender": arrival.sender,
                "type": arrival.event_type,
                "verified_by": answer.verified_by or arrival.scheme or None,
                "received_at": arrival.received_at,
                "outcome": answer.outcome,
                "note": answer.note,
                "ms": round(duration_ms, 1),
            },
        )

    def on_output(self, arrival: Arrival, line: str) -> None:
        """A program that was run for a delivery has printed this."""
        self.say("output", {**_whose(arrival), "line": line})

    def on_trouble(self, arrival: Arrival, sentence: str) -> None:
        """A target cannot be reached as its owner wished."""
        self.say("trouble", {**_whose(arrival), "sentence": sentence})

    def say(self, what: str, facts: Mapping[str, object]) -> None:
        """A document."""
        self._lines.put_json({"at": self._clock_ms(), "what": what, **facts})


def _whose(arrival: Arrival) -> Mapping[str, object]:
    return {
        "event": arrival.event,
        "delivery": arrival.delivery,
        "attempt": arrival.attempt,
        "subscription": arrival.subscription,
    }
