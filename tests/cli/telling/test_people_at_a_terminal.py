"""What people see of a tunnel: in colours and in lines that fit on a terminal, plain and whole elsewhere."""

import io
from typing import Any

import pytest

from cli.telling.lines import Lines
from cli.telling.people import People, both_ends
from cli.telling.programs import Programs
from domain.delivery import Outcome
from relay.connector.target import Answer
from relay.tunnel.messages import Served, Welcome
from tests.http_arrival import NOW_MS, arrival

WELCOME = Welcome("session", 15.0, 5.0, (Served("sub_1", "app", 30),))
ESCAPE = "\x1b["


class Screen(io.StringIO):
    """Standard output, as a terminal or not."""

    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


class Clock:
    def __init__(self) -> None:
        self.now_ms = NOW_MS

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Screen:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return Screen(is_terminal=True)


@pytest.fixture
def pipe() -> Screen:
    return Screen(is_terminal=False)


def people(screen: Screen, clock: Clock, **wishes: Any) -> People:
    return People(Lines(screen), clock, **wishes)


def plain(screen: Screen) -> list[str]:
    """The lines without their colours."""
    text, _, rest = screen.getvalue().partition(ESCAPE)
    while rest:
        more, _, rest = rest.partition("m")[2].partition(ESCAPE)
        text += more
    return text.splitlines()


OUTCOMES = [
    (Answer(Outcome.DELIVERED, "200"), []),
    (Answer(Outcome.RETRY, "500"), ["attempt 3", "will retry"]),
    (Answer(Outcome.REFUSED, "410"), ["attempt 3", "refused"]),
]


@pytest.mark.parametrize(("answer", "remarks"), OUTCOMES)
def test_a_line_on_a_terminal_is_coloured_and_fits(
    terminal: Screen, clock: Clock, answer: Answer, remarks: list[str]
) -> None:
    people(terminal, clock, route=lambda _: "").on_delivery(arrival(), answer, 12.4)
    assert ESCAPE in terminal.getvalue()
    first, *hints = plain(terminal)
    assert len(first) <= 80
    assert [part for part in remarks if part not in first] == []
    assert "  github    push  " in first
    assert f"  {answer.note}    12 ms" in first
    assert bool(hints) is (answer.outcome is not Outcome.DELIVERED)
    assert all("why evt_1' tells more" in hint for hint in hints)


def test_elsewhere_it_is_one_plain_line(pipe: Screen, clock: Clock) -> None:
    people(pipe, clock, route=both_ends).on_delivery(arrival(), Answer(Outcome.RETRY, "timeout"), 30_000)
    [line] = pipe.getvalue().splitlines()
    assert ESCAPE not in line
    assert "my-hook -> ci  timeout  30000 ms" in line


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_can_be_refused(
    terminal: Screen, clock: Clock, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    people(terminal, clock).on_delivery(arrival(), Answer(Outcome.RETRY, "500"), 1)
    assert "\x1b[3" not in terminal.getvalue()


def test_what_was_not_verified_is_loud(terminal: Screen, clock: Clock) -> None:
    people(terminal, clock).on_delivery(arrival(scheme=""), Answer(Outcome.DELIVERED, "200"), 1)
    assert "UNVERIFIED" in plain(terminal)[0]


def test_what_is_late_says_how_long_ago_it_came(pipe: Screen, clock: Clock) -> None:
    clock.now_ms += 59_999
    teller = people(pipe, clock)
    teller.on_delivery(arrival(), Answer(Outcome.DELIVERED, "200"), 1)
    assert " ago" not in pipe.getvalue()
    clock.now_ms += 2 * 3_600_000
    teller.on_delivery(arrival(), Answer(Outcome.DELIVERED, "200"), 1)
    assert "came 2 h ago" in pipe.getvalue()


def test_a_tunnel_that_stays_down_does_not_fill_the_screen(pipe: Screen, clock: Clock) -> None:
    teller = people(pipe, clock, what="events")
    teller.on_connected(WELCOME)
    for _ in range(600):  # ten minutes
        teller.on_disconnected("The relay cannot be reached.", 1)
        clock.now_ms += 1000
    teller.on_disconnected("The relay closed the connection.", 1)  # another reason is told at once
    teller.on_connected(WELCOME)
    lines = pipe.getvalue().splitlines()
    assert sum("DISCONNECTED" in line for line in lines) == 11
    assert "CONNECTED     again, after 10 m: events arrive here." in lines[-1]
    teller.on_disconnected("The relay cannot be reached.", 1)
    assert "DISCONNECTED" in pipe.getvalue().splitlines()[-1]


def test_a_relay_that_is_killed_is_told_once(pipe: Screen, clock: Clock) -> None:
    teller = people(pipe, clock)
    teller.on_connected(WELCOME)
    teller.on_disconnected("The connection was lost.", 0.2)
    clock.now_ms += 200
    for _ in range(20):
        teller.on_disconnected("The relay cannot be reached.", 0.4)
        clock.now_ms += 400
    told = [line for line in pipe.getvalue().splitlines() if "DISCONNECTED" in line]
    assert ["lost." in told[0], "reached." in told[1], len(told)] == [True, True, 2]


@pytest.mark.parametrize(("number", "what"), [(1, "1 attempt"), (3, "3 attempts")])
def test_a_stop_that_waits_says_for_what(pipe: Screen, clock: Clock, number: int, what: str) -> None:
    people(pipe, clock).on_stopping(0)
    assert pipe.getvalue() == ""
    people(pipe, clock).on_stopping(number)
    assert f"finishing {what} under way, for up to 10 s; Ctrl-C again ends it now." in pipe.getvalue()


def test_a_trouble_breaks_between_words_on_a_terminal(terminal: Screen, clock: Clock) -> None:
    people(terminal, clock).on_trouble(arrival(), "It cannot be reached, for this and that reason. " * 3)
    lines = plain(terminal)
    assert "  ci: It cannot be reached" in lines[0]
    assert [len(line) <= 80 for line in lines] == [True] * 3
    assert all(line.startswith(" " * 10) for line in lines[1:])


def test_sentences_break_between_words_on_a_terminal(terminal: Screen, clock: Clock) -> None:
    people(terminal, clock).on_disconnected("The relay cannot be reached, for one reason or another.", 1)
    lines = plain(terminal)
    assert len(lines) == 2
    assert all(len(line) <= 80 for line in lines)
    assert lines[1].startswith(" " * 24)


def test_what_strangers_name_cannot_command_the_terminal(terminal: Screen, clock: Clock) -> None:
    people(terminal, clock, route=lambda _: "\x1b]0;owned\x07").on_delivery(
        arrival(), Answer(Outcome.DELIVERED, "200"), 1
    )
    assert "\x07" not in terminal.getvalue()
    assert "\x1b]" not in terminal.getvalue()


def test_programs_get_a_document_a_line_whatever_is_in_it(terminal: Screen, clock: Clock) -> None:
    teller = Programs(Lines(terminal), clock)
    teller.say("trouble", {"sentence": "[bold]x[/bold] \x1b[31m \u4e16" * 50})
    teller.on_connected(WELCOME)
    lines = terminal.getvalue().splitlines()
    assert len(lines) == 2
    assert all(line.startswith('{"at": ') for line in lines)
