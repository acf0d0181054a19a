"""What a connector tells."""

from cli.metrics import catalogue
from cli.metrics.instruments import Book
from domain.delivery import Outcome
from relay.connector.observer import Observer
from relay.connector.target import Answer, Arrival
from relay.tunnel.messages import Welcome


class ConnectorMeters(Observer):
    """Counts what a connector does, and passes it on to another observer."""

    def __init__(self, book: Book, others: Observer) -> None:
        """Nothing has happened yet.

        Args:
            book: where the numbers are read.
            others: who wants to know, too.
        """
        self._others = others
        self._connected = book.number(catalogue.CONNECTED)
        self._opened = book.number(catalogue.CONNECTOR_OPENED)
        self._attempts = book.number(catalogue.CONNECTOR_ATTEMPTS, *((outcome,) for outcome in Outcome))
        self._seconds = book.spread(catalogue.CONNECTOR_SECONDS)
        self.is_connected = False

    def _put(self, *, connected: bool) -> None:
        self.is_connected = connected
        self._connected.put(int(connected))

    def on_connected(self, welcome: Welcome) -> None:
        """The tunnel is open."""
        self._put(connected=True)
        self._opened.add(1)
        self._others.on_connected(welcome)

    def on_disconnected(self, reason: str, next_try_s: float) -> None:
        """There is no tunnel."""
        self._put(connected=False)
        self._others.on_disconnected(reason, next_try_s)

    def on_moved(self, reason: str, next_try_s: float) -> None:
        """The relay asked to connect again."""
        self._put(connected=False)
        self._others.on_moved(reason, next_try_s)

    def on_stopping(self, under_way: int) -> None:
        """It was asked to stop, and finishes what is under way."""
        self._others.on_stopping(under_way)

    def on_delivery(self, arrival: Arrival, answer: Answer, duration_ms: float) -> None:
        """An attempt has ended."""
        self._attempts.add(1, answer.outcome)
        self._seconds.note(duration_ms / 1000)
        self._others.on_delivery(arrival, answer, duration_ms)

    def on_output(self, arrival: Arrival, line: str) -> None:
        """A program has printed this; nobody counts it."""
        self._others.on_output(arrival, line)

    def on_trouble(self, arrival: Arrival, sentence: str) -> None:
        """A target cannot be reached as its owner wished; its attempts are counted."""
        self._others.on_trouble(arrival, sentence)
