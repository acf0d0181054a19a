"""Real child processes: started, crashed, stopped."""

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.supervisor import BackOff, Service, Supervisor
from tests.supervised import QUICK, SLEEPER, Heard, is_gone, obedient, python, until, written


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


async def test_the_services_stop_when_the_block_fails_or_is_cancelled(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    with pytest.raises(ZeroDivisionError):
        async with Supervisor([obedient("a", journal)], Heard()):
            _ = 1 / 0
    assert written(journal) == ["a starts", "a stops"]

    entered = asyncio.Event()

    async def body() -> None:
        async with Supervisor([obedient("b", journal)], Heard()) as running:
            entered.set()
            await running.wait()

    task = asyncio.create_task(body())
    await entered.wait()
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
