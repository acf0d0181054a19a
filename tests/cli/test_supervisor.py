"""Real child processes, started, crashed and stopped."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.supervisor import BackOff, Service, StartError, StartInterruptedError, Supervisor

SLEEPER = "import signal; signal.pause()"
QUICK = BackOff(first_s=0.01, most_s=0.05, healthy_s=60)


class Heard:
    """An output that remembers, and may answer."""

    def __init__(self, answer: Callable[[str], None] = lambda _line: None) -> None:
        self.lines: list[tuple[str, str]] = []
        self.closed = False
        self._answer = answer

    def write(self, name: str, line: str) -> None:
        self.lines.append((name, line))
        self._answer(line)

    def close(self) -> None:
        self.closed = True

    def of(self, name: str) -> list[str]:
        return [line for own, line in self.lines if own == name]


def python(name: str, code: str, **facts: object) -> Service:
    return Service(name=name, argv=(sys.executable, "-ISc", code), env=dict(os.environ), **facts)


def obedient(name: str, journal: Path) -> Service:
    """Writes down when it starts and when it is asked to stop; ready from then on."""
    code = f"""
import signal, sys
def write(line):
    with open({str(journal)!r}, "a") as file: file.write(line + "\\n")
def stop(*_):
    write("{name} stops"); sys.exit()
signal.signal(signal.SIGTERM, stop)
write("{name} starts")
while True: signal.pause()
"""

    async def ready() -> bool:
        return f"{name} starts" in written(journal)

    return python(name, code, ready=ready)


def written(journal: Path) -> list[str]:
    return journal.read_text().splitlines() if journal.exists() else []


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while True:
            if condition():
                return
            await asyncio.sleep(0.005)


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def test_services_start_in_order_and_stop_in_reverse_order(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    output = Heard()
    async with Supervisor([obedient(name, journal) for name in "abc"], output):
        assert written(journal) == ["a starts", "b starts", "c starts"]
    assert written(journal)[3:] == ["c stops", "b stops", "a stops"]
    assert output.closed


async def test_a_killed_service_is_started_again(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    output = Heard()
    async with Supervisor([obedient("a", journal), obedient("b", journal)], output, QUICK) as running:
        other, first = running.pid("a"), running.pid("b")
        os.kill(first, signal.SIGKILL)
        await until(lambda: written(journal).count("b starts") == 2)
        assert running.pid("b") not in {None, first}
        assert running.restarts("b") == 1
        assert (running.pid("a"), running.restarts("a")) == (other, 0)
    assert output.of("fleet") == ["b ended (signal 9); starting it again in 0.01 s."]
    assert written(journal)[-2:] == ["b stops", "a stops"]


async def test_a_service_that_keeps_ending_is_started_with_growing_pauses() -> None:
    output = Heard()
    async with Supervisor([python("a", "import sys; sys.exit(3)")], output, QUICK) as running:
        await until(lambda: running.restarts("a") >= 5)
    said = [line.rpartition("again ")[2] for line in output.of("fleet")]
    assert said[:5] == ["in 0.01 s.", "in 0.02 s.", "in 0.04 s.", "in 0.05 s.", "in 0.05 s."]
    assert all("exit code 3" in line for line in output.of("fleet"))


async def test_a_service_that_lived_long_enough_starts_without_a_long_pause() -> None:
    output = Heard()
    calm = BackOff(first_s=0.01, most_s=60, healthy_s=0)
    async with Supervisor([python("a", "")], output, calm) as running:
        await until(lambda: running.restarts("a") >= 3)
    assert {line.rpartition("again ")[2] for line in output.of("fleet")} == {"in 0.01 s."}


@given(st.integers(1, 10_000))
def test_pauses_grow_up_to_their_limit(ends: int) -> None:
    back_off = BackOff()
    assert back_off.first_s <= back_off.pause_s(ends) <= back_off.pause_s(ends + 1) <= back_off.most_s


async def test_a_program_that_goes_missing_is_tried_again(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.symlink_to(sys.executable)
    service = Service(name="a", argv=(str(program), "-ISc", SLEEPER), env={})
    output = Heard()
    async with Supervisor([service], output, QUICK) as running:
        program.unlink()
        os.kill(running.pid("a"), signal.SIGKILL)
        await until(lambda: any("cannot be started" in line for line in output.of("fleet")))
        assert running.pid("a") is None
        program.symlink_to(sys.executable)
        await until(lambda: running.pid("a") is not None)
        assert running.restarts("a") == 1


async def test_a_service_that_ignores_the_request_to_stop_is_killed() -> None:
    code = (
        f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); {SLEEPER}"
    )
    output = Heard()
    service = python("a", code, stop_timeout_s=0.05)
    async with Supervisor([service], output) as running:
        await until(lambda: output.of("a") == ["deaf"])
        pid = running.pid("a")
    assert is_gone(pid)


async def test_killing_takes_along_what_the_service_started() -> None:
    code = f"""
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = os.fork()
if child: print(child, flush=True)
{SLEEPER}
"""
    output = Heard()
    async with Supervisor([python("a", code, stop_timeout_s=0.05)], output):
        await until(lambda: output.of("a"))
    grandchild = int(output.of("a")[0])
    # Reparented, so that somebody else reaps it: a zombie counts as gone.
    stat = Path(f"/proc/{grandchild}/stat")
    await until(
        lambda: (
            is_gone(grandchild) or (stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] == "Z")
        )
    )


async def test_a_failed_start_says_why_and_stops_what_was_up(tmp_path: Path) -> None:
    journal = tmp_path / "journal"

    async def never() -> bool:
        return False

    broken = python("b", "import sys; print('no such thing'); sys.exit(4)", ready=never)
    with pytest.raises(StartError) as caught:
        async with Supervisor([obedient("a", journal), broken], Heard()):
            pytest.fail("the block must not be entered")
    assert str(caught.value) == "b ended while it was starting (exit code 4). It printed:\n  no such thing"
    assert written(journal) == ["a starts", "a stops"]


async def test_a_service_that_is_never_ready_fails_the_start() -> None:
    async def never() -> bool:
        return False

    service = python("a", f"print('thinking', flush=True); {SLEEPER}", ready=never, ready_timeout_s=0.5)
    with pytest.raises(StartError, match=r"a was not ready within 0\.5 s\."):
        async with Supervisor([service], Heard()):
            pytest.fail("the block must not be entered")


async def test_a_missing_program_fails_the_start() -> None:
    service = Service(name="a", argv=("/nonexistent/program",), env={})
    with pytest.raises(StartError, match=r"a cannot be started: .*No such file"):
        async with Supervisor([service], Heard()):
            pytest.fail("the block must not be entered")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_a_taken_address_fails_the_start_before_anything_runs(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as taken:
        port = taken.getsockname()[1]
        output = Heard()
        service = python("a", "print('started')", address=(host, port))
        with pytest.raises(
            StartError, match=f"a cannot listen on {host} port {port}: Address already in use"
        ):
            async with Supervisor([service], output):
                pytest.fail("the block must not be entered")
    assert output.lines == []


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
signal.signal(signal.SIGTERM, lambda *_: print("no", flush=True))
print("up", flush=True)
while True: signal.pause()
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
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        async with Supervisor([python("a", SLEEPER)], Heard()) as running:
            os.kill(os.getpid(), signal.SIGHUP)
            await asyncio.to_thread(lambda: None)
            assert not running.interrupted
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


async def test_the_services_stop_when_the_block_fails_or_is_cancelled(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    with pytest.raises(ZeroDivisionError):
        async with Supervisor([obedient("a", journal)], Heard()):
            _ = 1 / 0
    assert written(journal) == ["a starts", "a stops"]

    async def body() -> None:
        async with Supervisor([obedient("b", journal)], Heard()) as running:
            await running.wait()

    task = asyncio.create_task(body())
    await until(lambda: "b starts" in written(journal))
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert task.cancelled()
    assert written(journal)[2:] == ["b starts", "b stops"]


async def test_the_environment_of_a_service_is_what_it_was_given() -> None:
    output = Heard()
    code = "import os; print(os.environ.get('OWN'), os.environ.get('HOME'))"
    service = Service(name="a", argv=(sys.executable, "-ISc", code), env={"OWN": "yes"})
    async with Supervisor([service], output, QUICK):
        await until(lambda: output.of("a"))
    assert output.of("a")[0] == "yes None"
