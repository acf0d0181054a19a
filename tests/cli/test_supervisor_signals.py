"""What Ctrl-C and its relatives do to a supervisor."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.supervisor import StartInterruptedError, Supervisor
from tests.supervised import SLEEPER, Heard, is_gone, obedient, python, until, written

DEFAULTS = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
    signal.SIGHUP: signal.SIG_DFL,
}


@pytest.fixture(autouse=True)
def nothing_is_ignored() -> Iterator[None]:
    """As in a terminal: under nohup SIGHUP is ignored from the start, in the background SIGINT."""
    before = {number: signal.signal(number, answer) for number, answer in DEFAULTS.items()}
    yield
    for number, answer in before.items():
        signal.signal(number, answer)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_ends_the_block_quietly(tmp_path: Path, number: signal.Signals) -> None:
    journal = tmp_path / "journal"
    before = signal.getsignal(signal.SIGTERM)
    supervisor = Supervisor([obedient("a", journal)], Heard())
    async with supervisor as running:
        os.kill(os.getpid(), number)
        await running.wait()
    assert supervisor.interrupted
    assert written(journal) == ["a starts", "a stops"]
    assert asyncio.current_task().cancelling() == 0
    assert signal.getsignal(signal.SIGTERM) is before


async def test_a_second_signal_kills() -> None:
    code = """
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
print("up", flush=True)
while signal.sigwait({signal.SIGTERM}): print("no", flush=True)
"""

    def insist(line: str) -> None:
        if line == "no":
            os.kill(os.getpid(), signal.SIGINT)

    output = Heard(insist)
    async with Supervisor([python("a", code, stop_timeout_s=100)], output) as running:
        pid = running.pid("a")
        await until(lambda: output.of("a") == ["up"])
        os.kill(os.getpid(), signal.SIGINT)
        await running.wait()
    assert is_gone(pid)
    assert output.of("fleet") == ["Stopping (once more kills).", "Killing what still runs."]


async def test_a_signal_during_the_start_stops_what_was_up(tmp_path: Path) -> None:
    journal = tmp_path / "journal"

    async def interrupted() -> bool:
        os.kill(os.getpid(), signal.SIGINT)
        return False

    waiting = python("b", SLEEPER, ready=interrupted)
    with pytest.raises(StartInterruptedError):
        async with Supervisor([obedient("a", journal), waiting], Heard()):
            pytest.fail("the block must not be entered")
    assert written(journal) == ["a starts", "a stops"]


async def test_an_ignored_signal_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    async with Supervisor([python("a", SLEEPER)], Heard()) as running:
        os.kill(os.getpid(), signal.SIGHUP)
        await asyncio.to_thread(lambda: None)
        assert not running.interrupted
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
