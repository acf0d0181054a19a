"""The exec target: exit codes are answers, time and slots are held, and only what is verified is run."""

import asyncio
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

import pytest

from domain.delivery import Outcome
from relay.connector.target import Answer, Arrival
from relay.connector.targets.command import Command
from relay.connector.targets.exec import ExecTarget
from tests.http_arrival import arrival
from tests.run_programs import Alive, Heard, command, numbers, runs, shell
from tests.waiting import until


async def answer_of(wanted: Command, sent: Arrival | None = None, heard: Heard | None = None) -> Answer:
    return await ExecTarget(wanted, heard or Heard()).deliver(sent or arrival(), Alive())


@pytest.mark.parametrize(
    ("script", "on_failure", "answer"),
    [
        ("exit 0", Outcome.REFUSED, Answer(Outcome.DELIVERED, "exit 0")),
        ("exit 75", Outcome.REFUSED, Answer(Outcome.RETRY, "exit 75")),
        ("exit 1", Outcome.RETRY, Answer(Outcome.RETRY, "exit 1")),
        ("exit 1", Outcome.REFUSED, Answer(Outcome.REFUSED, "exit 1")),
        ("kill -9 $$", Outcome.RETRY, Answer(Outcome.RETRY, "signal 9")),
        ("kill -9 $$", Outcome.REFUSED, Answer(Outcome.REFUSED, "signal 9")),
    ],
)
async def test_the_exit_code_is_the_answer(script: str, on_failure: Outcome, answer: Answer) -> None:
    assert await answer_of(shell(script, on_failure=on_failure)) == answer


async def test_the_body_is_on_standard_input_and_the_output_stays_here() -> None:
    heard = Heard()
    given = await answer_of(shell("cat; printf '\\033[31mred\\n'; echo err >&2"), arrival(b"body\n"), heard)
    assert given == Answer(Outcome.DELIVERED, "exit 0")
    assert heard.lines == ["body", "red", "err"]


async def test_what_nobody_has_verified_is_not_run(tmp_path: Path) -> None:
    heard, ran = Heard(), tmp_path / "ran"
    target = ExecTarget(shell(f"touch {ran}"), heard)
    for _ in range(2):
        assert await target.deliver(arrival(scheme=""), Alive()) == Answer(Outcome.REFUSED, "not verified")
    assert not ran.exists()
    [sentence] = heard.troubles
    assert "allow_unverified = true" in sentence
    allowed = shell(f"touch {ran}", allow_unverified=True)
    assert (await answer_of(allowed, arrival(scheme=""))).outcome is Outcome.DELIVERED
    assert ran.exists()


@pytest.mark.parametrize("argv", [("./nope",), ("nope-at-all",), ("/",)])
async def test_what_cannot_be_started_is_tried_again_and_told_here(argv: tuple[str, ...]) -> None:
    heard = Heard()
    assert await answer_of(command(*argv), heard=heard) == Answer(Outcome.RETRY, "command cannot be started")
    [sentence] = heard.troubles
    assert sentence.startswith(f"{argv[0]} cannot be started in /: ")


async def test_its_own_time_is_what_counts_and_is_kept_alive() -> None:
    heard, alive = Heard(), Alive()
    sent = replace(arrival(), timeout_s=0.3)  # pyright: ignore[reportArgumentType]
    target = ExecTarget(shell("sleep 0.5; echo done", timeout_s=30.0), heard)
    assert await target.deliver(sent, alive) == Answer(Outcome.DELIVERED, "exit 0")
    assert alive.signs >= 4
    assert heard.lines == ["done"]


@pytest.mark.parametrize("own", [None, 0.1])
async def test_one_that_takes_too_long_ends_with_its_group(own: float | None) -> None:
    heard = Heard()
    sent = replace(arrival(), timeout_s=0.1 if own is None else 30)  # pyright: ignore[reportArgumentType]
    # Output is no excuse for a program that has so much time and no more.
    looping = shell("echo $$; sleep 60 & echo $!; while :; do echo on; sleep 0.01; done", timeout_s=own)
    assert await answer_of(looping, sent, heard) == Answer(Outcome.RETRY, "timeout")
    family = [int(line) for line in heard.lines if line.isdigit()]
    assert not any(map(runs, family))
    assert "it took longer than 0.1 s" in heard.troubles[0]


async def test_waiting_for_a_slot_takes_none_of_an_attempts_time(tmp_path: Path) -> None:
    heard, waiting = Heard(), Alive()
    target = ExecTarget(shell(f"echo $$; until [ -e {tmp_path}/go ]; do sleep 0.01; done"), heard)
    first = asyncio.create_task(target.deliver(arrival(), Alive()))
    await until(numbers(heard.lines, 1))
    sent = replace(arrival(), timeout_s=0.3)  # pyright: ignore[reportArgumentType]
    second = asyncio.create_task(target.deliver(sent, waiting))
    # It waits for more than all of its own time, and says meanwhile that it is not lost.
    await until(lambda: waiting.signs >= 6)
    (tmp_path / "go").touch()
    assert [(await each).note for each in (first, second)] == ["exit 0", "exit 0"]


async def test_a_slot_comes_back_whatever_becomes_of_a_run() -> None:
    heard = Heard()
    target = ExecTarget(shell("echo $$; sleep 60"), heard)
    running, waiting = (asyncio.create_task(target.deliver(arrival(), Alive())) for _ in range(2))
    await until(numbers(heard.lines, 1))
    waiting.cancel()
    running.cancel()
    await asyncio.wait([running, waiting])
    assert not runs(int(heard.lines[0]))
    again = asyncio.create_task(target.deliver(arrival(), Alive()))
    await until(numbers(heard.lines, 2))
    again.cancel()
    await asyncio.wait([again])


async def test_a_thousand_events_hold_the_concurrency(tmp_path: Path) -> None:
    heard = Heard()
    # A run says when it begins and when it ends, and the first ones wait for each other.
    script = f"echo begin; until [ -e {tmp_path}/go ]; do sleep 0.01; done; echo end"
    target = ExecTarget(shell(script, concurrency=3), heard)
    sent = [replace(arrival(), delivery=f"dlv_{number}") for number in range(1000)]
    answers = [asyncio.create_task(target.deliver(each, Alive())) for each in sent]
    await until(lambda: heard.lines == ["begin"] * 3)
    (tmp_path / "go").touch()
    assert {(await answer).note for answer in answers} == {"exit 0"}
    running = list(accumulate(1 if line == "begin" else -1 for line in heard.lines))
    assert len(running) == 2000
    assert (max(running), running[-1]) == (3, 0)
