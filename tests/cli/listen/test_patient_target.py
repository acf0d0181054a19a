"""A program that is restarted costs no attempt: what comes meanwhile waits, and nothing is sent twice."""

import asyncio
from collections.abc import Callable

import pytest

from cli.listen import patient_target
from cli.listen.patient_target import PatientTarget
from domain.delivery import Outcome
from relay.connector.target import Answer, Arrival, KeepAlive
from tests.http_arrival import arrival
from tests.waiting import until

NOBODY = Answer(Outcome.RETRY, "connection refused")
DONE = Answer(Outcome.DELIVERED, "200")


class Program:
    """Answers one thing after the other, the last one for ever."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def deliver(self, arrival: Arrival, keep_alive: KeepAlive) -> Answer:
        del arrival, keep_alive
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Heard:
    """What was told, in order."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def note(self, word: str) -> Callable[[], None]:
        return lambda: self.words.append(word)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patient_target, "POLL_S", 0.001)


def patient(program: Program, heard: Heard) -> PatientTarget:
    return PatientTarget(program, heard.note("away"), heard.note("back"))


async def test_a_program_that_is_there_is_asked_once(heard: Heard) -> None:
    program = Program(DONE)
    assert await patient(program, heard).deliver(arrival(), heard.note("alive")) == DONE
    assert (program.asked, heard.words) == (1, [])


async def test_one_that_comes_later_gets_it_then_in_the_same_attempt(heard: Heard) -> None:
    program = Program(NOBODY, Answer(Outcome.RETRY, "no connection"), DONE)
    assert await patient(program, heard).deliver(arrival(), heard.note("alive")) == DONE
    assert heard.words == ["away", "alive", "alive", "back"]


@pytest.mark.parametrize(
    "answer",
    [Answer(Outcome.RETRY, note) for note in ("500", "timeout", "connection lost", "TLS failed")]
    + [Answer(Outcome.REFUSED, "410"), Answer(Outcome.DELIVERED, "connection refused")],
)
async def test_what_may_have_been_seen_is_not_sent_again(heard: Heard, answer: Answer) -> None:
    program = Program(answer)
    assert await patient(program, heard).deliver(arrival(), heard.note("alive")) == answer
    assert (program.asked, heard.words) == (1, [])


async def test_many_that_wait_are_told_of_once(heard: Heard) -> None:
    program = Program(*[NOBODY] * 20, DONE)
    target = patient(program, heard)
    await asyncio.gather(*(target.deliver(arrival(), lambda: None) for _ in range(5)))
    assert heard.words == ["away", "back"]


async def test_who_stops_gets_back_what_waits_at_once(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patient_target, "POLL_S", 60)
    target = patient(Program(NOBODY), heard)
    waiting = asyncio.create_task(target.deliver(arrival(), heard.note("alive")))
    await until(lambda: heard.words)
    target.stop()
    assert await asyncio.wait_for(waiting, 10) == NOBODY


async def test_patience_ends(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patient_target, "LONGEST_WAIT_S", 0.02)
    program = Program(NOBODY)
    assert await patient(program, heard).deliver(arrival(), heard.note("alive")) == NOBODY
    assert program.asked > 1
