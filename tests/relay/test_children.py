"""A child gets what its owner gave it and nothing else, and leaves nothing behind, whatever it does."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import uvloop

from relay.connector.targets import group, pipes
from relay.connector.targets.child import run_child
from tests.run_programs import ENVIRONMENT, PYTHON, runs
from tests.waiting import until

MIB = b"x" * 1024 * 1024
SILENT = "import os; print(sorted(os.listdir('/proc/self/fd')), os.getsid(0) == os.getpgrp() == os.getpid())"
# Two that ignore SIGTERM, or do not; both tell who they are.
FAMILY = "{trap} (echo $(exec sh -c 'echo $PPID'); sleep 60) & echo $$; wait"


class Child:
    """A child under way, and what it has printed."""

    def __init__(self, *argv: str, stdin: bytes = b"", environment: dict[str, str] | None = None) -> None:
        self.printed = bytearray()
        given = ENVIRONMENT if environment is None else environment
        self.task = asyncio.ensure_future(run_child(argv, given, Path("/"), stdin, self.printed.extend))

    async def told(self, count: int) -> list[int]:
        """Process ids, as soon as so many were printed."""
        await until(lambda: self.printed.count(b"\n") >= count)
        return [int(line) for line in self.printed.split()]


def files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_it_inherits_no_file_and_leads_a_session_of_its_own(loop: Any) -> None:
    running, (left, right) = loop(), os.pipe()
    os.set_inheritable(left, True)  # noqa: FBT003 - the standard library's own signature

    async def printed() -> bytes:
        child = Child(*PYTHON, SILENT)
        assert await child.task == 0
        return bytes(child.printed)

    running.run_until_complete(printed())
    before = files()
    assert running.run_until_complete(printed()) == b"['0', '1', '2', '3'] True\n"  # 3 is the folder it lists
    assert files() == before
    running.close()
    os.close(left)
    os.close(right)


async def test_its_environment_is_what_was_given() -> None:
    child = Child("/usr/bin/env", environment={"A": "1\n2=3", "B": "\udcff"})
    assert await child.task == 0
    assert bytes(child.printed) == b"A=1\n2=3\nB=\xff\n"


@pytest.mark.parametrize(
    ("script", "code", "printed"),
    [
        ("cat", 0, MIB),
        ("exit 3", 3, b""),
        ("exec <&-; echo closed", 0, b"closed\n"),
        ("head -c 5", 0, b"xxxxx"),
        ("echo out; echo err >&2; kill -9 $$", -9, b"out\nerr\n"),
    ],
)
async def test_whether_it_reads_is_its_own_business(script: str, code: int, printed: bytes) -> None:
    child = Child("sh", "-c", script, stdin=MIB)
    assert await child.task == code
    assert bytes(child.printed) == printed


async def test_one_that_hangs_ends_with_all_that_it_has_started() -> None:
    child = Child("sh", "-c", FAMILY.format(trap=""), stdin=MIB)
    family = await child.told(2)
    assert all(map(runs, family))
    child.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await child.task
    assert not any(map(runs, family))


async def test_what_does_not_listen_is_killed_after_a_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group, "GRACE_S", 0.1)
    child = Child("sh", "-c", FAMILY.format(trap="trap '' TERM;"))
    family = await child.told(2)
    child.task.cancel()
    # Whoever ends tasks cancels them again and again; the grace is kept all the same.
    for _ in range(3):
        await asyncio.sleep(0)
        child.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await child.task
    assert not any(map(runs, family))


async def test_it_is_asked_before_it_is_killed() -> None:
    child = Child("sh", "-c", "trap 'echo bye; exit 0' TERM; echo $$; sleep 60 & wait")
    await child.told(1)
    child.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await child.task
    assert child.printed.endswith(b"bye\n")


async def test_what_it_leaves_running_ends_with_it() -> None:
    child = Child("sh", "-c", "sleep 60 & echo $!; exit 4")
    assert await child.task == 4
    [left] = await child.told(1)
    assert not runs(left)


async def test_jobs_of_a_shell_with_job_control_end_with_it() -> None:
    child = Child("bash", "-c", "set -m; sleep 60 & echo $!; disown; exit 0")
    assert await child.task == 0
    [job] = await child.told(1)
    assert not runs(job)


async def test_jobs_that_do_not_listen_are_killed_after_a_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group, "GRACE_S", 0.1)
    child = Child("bash", "-c", "set -m; (trap '' TERM; echo $BASHPID; while :; do sleep 60; done) & wait")
    [job] = await child.told(1)
    child.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await child.task
    assert not runs(job)


async def test_nobody_waits_for_what_got_away_and_holds_the_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipes, "_LAST_WORDS_S", 0.01)
    # Who has started it goes when it has got away, not before.
    away = (
        "import os, time; r, w = os.pipe(); os.fork() and os.read(r, 1) and os._exit(0); os.setsid();"
        " print(os.getpid(), flush=True); os.write(w, b'.'); time.sleep(60)"
    )
    child = Child("sh", "-c", f'"{sys.executable}" -I -S -c "{away}" & wait')
    assert await child.task == 0
    [escaped] = await child.told(1)
    assert runs(escaped)
    os.kill(escaped, 9)


async def test_what_cannot_be_started_leaves_nothing_open() -> None:
    before = files()
    for argv in (("./nope",), ("/",), ("sh", "-c", "\0")):
        with pytest.raises((OSError, ValueError)):
            await Child(*argv).task
    assert files() == before
