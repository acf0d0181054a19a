"""Bulk work survives a relay that is away, ends exactly when it is interrupted, and shows how far it is."""

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cli import bulk
from cli.client import ControlApi
from cli.exits import Exit
from tests.owner_door import serving

PATH = ("deliveries", "retry")
UNTIL = "2026-01-31T12:00:00.000Z"
AWAY = JSONResponse({"detail": "Redis is away; come back."}, 503)
REFUSED = JSONResponse({"detail": "Something is wrong."}, 409)

Reply = Callable[[dict[str, Any]], Response]


def part(number: int, of: int) -> Reply:
    """So many calls do 200 each."""
    cursor = None if number == of else str(number)
    return lambda _: JSONResponse({"done": 200, "skipped": [], "next": cursor, "until": UNTIL})


@contextmanager
def relay(*replies: Response | Reply) -> Iterator[tuple[ControlApi, list[dict[str, Any]]]]:
    """Answers calls one after the other; gives what was asked."""
    left, asked = list(replies), []

    async def answer(request: Request) -> Response:
        body = await request.json()
        asked.append(body)
        reply = left.pop(0)
        return reply if isinstance(reply, Response) else reply(body)

    with serving(Starlette(routes=[Route("/{rest:path}", answer, methods=["POST"])])) as address:
        yield ControlApi(f"http://{address}", "fleet_x"), asked


class Seen:
    """Remembers how far it was said to be."""

    def __init__(self) -> None:
        self.points: list[int] = []

    def at(self, done: int) -> None:
        self.points.append(done)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "_PAUSES_S", (0, 0))


def test_each_call_goes_on_where_the_last_one_ended_within_the_first_ones_time() -> None:
    seen = Seen()
    with relay(part(1, 3), part(2, 3), part(3, 3)) as (api, asked):
        tally = bulk.by_filter(api, PATH, {"type": "push"}, seen)
    assert (tally.done, tally.is_complete, seen.points) == (600, True, [200, 400, 600])
    assert [(each["cursor"], each["until"]) for each in asked] == [(None, None), ("1", UNTIL), ("2", UNTIL)]
    assert {each["filter"]["type"] for each in asked} == {"push"}


def test_ids_are_sent_in_parts_that_the_api_takes() -> None:
    with relay(part(1, 1), part(1, 1), part(1, 1)) as (api, asked):
        bulk.by_ids(api, PATH, [f"dlv_{number}" for number in range(401)], Seen())
    assert [len(each["deliveries"]) for each in asked] == [200, 200, 1]


def test_a_relay_that_is_away_for_a_while_is_waited_for() -> None:
    with relay(part(1, 2), AWAY, AWAY, part(2, 2)) as (api, _):
        tally = bulk.by_filter(api, PATH, {}, Seen())
    assert (tally.done, tally.is_complete) == (400, True)


@pytest.mark.parametrize("refusals", [[AWAY] * 3, [REFUSED]], ids=["away", "refused"])
def test_what_ends_it_is_told_with_how_far_it_came(refusals: list[Response]) -> None:
    with relay(part(1, 3), *refusals) as (api, _):
        tally = bulk.by_filter(api, PATH, {}, Seen())
    assert (tally.done, tally.is_complete, tally.interrupted) == (200, False, False)
    assert tally.error


def interrupting(reply: Reply) -> Reply:
    """Somebody presses Ctrl-C while this call is under way."""

    def answer(body: dict[str, Any]) -> Response:
        os.kill(os.getpid(), signal.SIGINT)
        return reply(body)

    return answer


def test_an_interrupted_call_is_counted_and_none_follows() -> None:
    before = signal.getsignal(signal.SIGINT)
    with relay(part(1, 3), interrupting(part(2, 3))) as (api, asked):
        tally = bulk.by_filter(api, PATH, {}, Seen())
    assert (tally.done, tally.interrupted, tally.is_complete, len(asked)) == (400, True, False, 2)
    assert signal.getsignal(signal.SIGINT) is before


def test_who_interrupts_the_last_call_has_interrupted_nothing() -> None:
    with relay(interrupting(part(1, 1))) as (api, _):
        assert bulk.by_filter(api, PATH, {}, Seen()).is_complete


PROGRAM = """
from cli import bulk
from cli.bulk import Tally
with bulk.progress("Retrying", 400) as shown:
    shown.at(200)
    shown.at(400)
"""


def test_a_terminal_gets_a_bar_and_a_pipe_gets_no_control_codes() -> None:
    ours, theirs = pty.openpty()
    try:
        environ = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
        done = subprocess.run([sys.executable, "-c", PROGRAM], stderr=theirs, env=environ, check=False)  # noqa: S603 - our own program
        os.write(theirs, b"end\n")
        screen = b""
        while b"end" not in screen:
            screen += os.read(ours, 4096)
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == 0
    assert b"400/400" in screen
    piped = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=False)  # noqa: S603 - likewise
    assert (piped.stderr, piped.stdout) == (b"", b"")


def test_lines_tell_a_log_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bulk, "_REPORT_S", 0)
    with bulk.progress("Retrying", 400) as shown:
        shown.at(200)
        shown.at(400)
    assert capsys.readouterr().err == "Retrying: 200 of 400 ...\n"


def test_an_interruption_has_an_exit_code_of_its_own() -> None:
    assert Exit.INTERRUPTED == 128 + signal.SIGINT
