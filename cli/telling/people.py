"""What people are told of a tunnel: a line for each event, and loudly when it is down and when it is back."""

import time
from collections.abc import Callable
from typing import Final

from cli.durations import about
from cli.telling.lines import Lines, Span
from domain.delivery import Outcome
from relay.connector.connector import DEFAULT_GRACE_S
from relay.connector.observer import Observer
from relay.connector.target import Answer, Arrival
from relay.tunnel.messages import Welcome

GOOD: Final = "green"
BAD: Final = "bold red"
LOUD: Final = "bold white on red"
CAREFUL: Final = "bold yellow"
QUIET: Final = "dim"

_REMINDER_MS: Final = 60_000
"""A tunnel that stays down is told again so often: a night must not fill the screen."""
_CALM_MS: Final = 5_000
"""A line that is cut and then refused is one trouble, whatever the second try says at once."""
_LATE_MS: Final = 60_000
"""What waited longer than this says so."""
_PROMISE: Final = "nothing is lost meanwhile"
_SENDER_CHARS: Final = 8
_TYPE_CHARS: Final = 28
_LEAST_TYPE_CHARS: Final = 12
_REST_CHARS: Final = 60
"""What a line needs besides the event type when all is well, and what is said of a failure fits."""
_MARK_CHARS: Final = 14
_TIME_CHARS: Final = 10
_HEAD_CHARS: Final = _TIME_CHARS + _MARK_CHARS
_STYLES: Final = {Outcome.DELIVERED: GOOD, Outcome.RETRY: BAD, Outcome.REFUSED: CAREFUL}

Route = Callable[[Arrival], str]
"""What a line says of where an event came from and went to."""


def both_ends(arrival: Arrival) -> str:
    """The webhook and the subscription of an event."""
    return f"{arrival.webhook} -> {arrival.subscription}"


class People(Observer):
    """Tells people."""

    def __init__(
        self,
        lines: Lines,
        clock_ms: Callable[[], int],
        route: Route = both_ends,
        what: str = "",
        promise: str = _PROMISE,
    ) -> None:
        """Nothing has happened yet.

        Args:
            lines: where it is said.
            clock_ms: Unix time in milliseconds.
            route: what each event's line says of its way; "" for nothing.
            what: what arrives through the tunnel; "": it is named by its subscriptions.
            promise: what becomes of events while there is no tunnel.
        """
        self._what = what
        self._promise = promise
        self._lines = lines
        self._clock_ms = clock_ms
        self._route = route
        self._lost_at: int | None = None
        self._said = ("", 0)

    def on_connected(self, welcome: Welcome) -> None:
        """The tunnel is open."""
        names = ", ".join(served.name for served in welcome.subscriptions)
        what = self._what or f"events of {names}"
        if self._lost_at is None:
            self.tell("CONNECTED", GOOD, f"{what} arrive here now. Ctrl-C stops.")
        else:
            away = about(self._clock_ms() - self._lost_at)
            self.tell("CONNECTED", GOOD, f"again, after {away}: {what} arrive here.")
        self._lost_at, self._said = None, ("", 0)

    def on_disconnected(self, reason: str, next_try_s: float) -> None:
        """There is no tunnel."""
        now_ms = self._clock_ms()
        self._lost_at = self._lost_at or now_ms
        said, said_at = self._said
        if now_ms - said_at >= (_REMINDER_MS if reason == said else _CALM_MS):
            self._said = (reason, now_ms)
            self.tell(
                "DISCONNECTED",
                LOUD,
                f"{reason} Trying again in {next_try_s:.1f} s; {self._promise}.",
            )

    def on_moved(self, reason: str, next_try_s: float) -> None:
        """The relay asked to connect again."""
        self._lost_at = self._lost_at or self._clock_ms()
        self.tell(
            "MOVING",
            CAREFUL,
            f"The relay asks to move: {reason} That begins in {next_try_s:.1f} s; what is under way goes on.",
        )

    def on_delivery(self, arrival: Arrival, answer: Answer, duration_ms: float) -> None:
        """An attempt has ended."""
        now_ms = self._clock_ms()
        self.say(*self._columns(arrival, answer, duration_ms), *_remarks(arrival, answer, now_ms))
        if answer.outcome is not Outcome.DELIVERED and self._lines.is_terminal:
            self._lines.put((f"          'fleet why {arrival.event}' tells more", QUIET))

    def on_output(self, arrival: Arrival, line: str) -> None:
        """A program has printed this. The bar tells its words from ours."""
        self.say((f"{arrival.subscription} | ", QUIET), line)

    def on_trouble(self, arrival: Arrival, sentence: str) -> None:
        """A target cannot be reached as its owner wished."""
        name = f"{arrival.subscription}: "
        first, *others = self._lines.wrapped(name + sentence, _TIME_CHARS)
        self.say((name, BAD), first.removeprefix(name))
        for line in others:
            self._lines.put(" " * _TIME_CHARS, line)

    def on_stopping(self, under_way: int) -> None:
        """It was asked to stop, and finishes what is under way."""
        if under_way:
            attempts = "1 attempt" if under_way == 1 else f"{under_way} attempts"
            self.tell(
                "STOPPING",
                CAREFUL,
                f"finishing {attempts} under way, for up to {DEFAULT_GRACE_S:g} s; Ctrl-C again ends it now.",
            )

    def say(self, *spans: Span) -> None:
        """A line that begins with the time."""
        self._lines.put(_now(), *spans)

    def tell(self, mark: str, style: str, sentence: str) -> None:
        """A mark that nobody overlooks, and a sentence; on a terminal in lines that fit.

        Args:
            mark: a word in capitals.
            style: of the mark.
            sentence: what it means.
        """
        first, *others = self._lines.wrapped(sentence, _HEAD_CHARS)
        self._lines.put(_now(), (mark, style), " " * (_MARK_CHARS - len(mark)), first)
        for line in others:
            self._lines.put(" " * _HEAD_CHARS, line)

    def _columns(self, arrival: Arrival, answer: Answer, duration_ms: float) -> list[Span]:
        route = self._route(arrival)
        return [
            f"{arrival.sender or '-':<{_SENDER_CHARS}}  ",
            self._label(arrival.event_type or "-", len(route)),
            *([f"  {route}"] if route else []),
            "  ",
            (f"{answer.note or '-':>3}", _STYLES[answer.outcome]),
            f"  {duration_ms:>4.0f} ms",
        ]

    def _label(self, event_type: str, taken: int) -> str:
        """An event type in its column; cut where the line would break on a narrow terminal."""
        if not self._lines.is_terminal:
            return f"{event_type:<{_TYPE_CHARS}}"
        room = max(_LEAST_TYPE_CHARS, min(_TYPE_CHARS, self._lines.width - _REST_CHARS - taken))
        cut = event_type if len(event_type) <= room else f"{event_type[: room - 1]}\N{HORIZONTAL ELLIPSIS}"
        return f"{cut:<{room}}"


def _now() -> Span:
    return f"{time.strftime('%H:%M:%S')}  ", QUIET


def _remarks(arrival: Arrival, answer: Answer, now_ms: int) -> list[Span]:
    """What is unusual about an attempt."""
    waited_ms = now_ms - arrival.received_at
    found: list[Span] = []
    if not (answer.verified_by or arrival.scheme):
        found += ["  ", ("UNVERIFIED", CAREFUL)]
    if arrival.attempt > 1:
        found.append(f"  attempt {arrival.attempt}")
    if answer.outcome is Outcome.RETRY:
        found += ["  ", ("will retry", BAD)]
    if answer.outcome is Outcome.REFUSED:
        found += ["  ", ("refused", CAREFUL)]
    if waited_ms >= _LATE_MS:
        found += ["  ", (f"came {about(waited_ms)} ago", CAREFUL)]
    return found
