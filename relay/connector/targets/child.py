"""A child: one run of a program, in a session of its own, which leaves nothing behind.

What it starts is in its process group and ends with it; only what makes a session of its own gets away, and
where /proc does not tell of sessions a group of its own, too. On Linux the kernel kills the child, too, when
this process dies without a word.

It is started by the standard library and not by the loop: uvloop lets children inherit files that are open.
"""

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any, Final, TypeVar

from relay.connector.targets.group import Group
from relay.connector.targets.pipes import Pipes

_KILLED_S: Final = 1.0
_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h

Result = TypeVar("Result")


async def run_child(
    argv: Sequence[str],
    environment: Mapping[str, str],
    directory: Path,
    stdin: bytes,
    take: Callable[[bytes], None],
) -> int:
    """Run a program to its end; when cancelled, end it with all of its group first.

    To be called in the main thread: the kernel takes the end of the thread that starts a child for ours.

    Args:
        argv: the program and its arguments.
        environment: its whole environment.
        directory: where it runs.
        stdin: what it can read. Whether it does is its own business.
        take: gets what it prints, on standard output and standard error, as it comes; must not fail.

    Returns:
        Its exit code; of one that a signal ended, the signal's number, negative.

    Raises:
        OSError: it cannot be started.
    """
    pipes = Pipes(take)
    try:
        await _certainly(pipes.connect())
        child = _Child(argv, environment, directory, pipes)
        pipes.hand_over()
        try:
            pipes.feed(stdin)
            await asyncio.shield(child.ended)
        finally:
            # What it left running would go on beside the next run.
            await _certainly(child.end())
        await pipes.last_words()
        return child.code
    finally:
        await _certainly(pipes.close())


class _Child:
    """A running child and its group."""

    def __init__(
        self, argv: Sequence[str], environment: Mapping[str, str], directory: Path, pipes: Pipes
    ) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - what its owner wrote, as a list, without a shell
            argv,
            env=environment,
            cwd=directory,
            stdin=pipes.stdin,
            stdout=pipes.stdout,
            stderr=pipes.stdout,
            close_fds=True,
            start_new_session=True,
            preexec_fn=_tie_to_parent(),  # noqa: PLW1509 - one call of the C library, looked up before
        )
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._group = Group(self._process.pid, self._reap)
        Thread(target=_wait, args=(self._process, self.ended), daemon=True).start()

    @property
    def code(self) -> int:
        return self._process.returncode

    async def end(self) -> None:
        await self._group.end()
        await asyncio.wait({self.ended}, timeout=_KILLED_S)
        self._reap()

    def _reap(self) -> None:
        # Not before its group has been told to end: until then nobody else can have its number.
        if self.ended.done():
            self._process.poll()


def _wait(process: subprocess.Popen[bytes], ended: asyncio.Future[None]) -> None:
    """Wait for the end of a process without taking note of it, where that is possible."""
    loop = ended.get_loop()
    if sys.platform == "darwin":
        process.wait()
    else:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    with suppress(RuntimeError):  # the loop is closed: nobody waits any more
        loop.call_soon_threadsafe(_note, ended)


def _note(ended: asyncio.Future[None]) -> None:
    if not ended.done():
        ended.set_result(None)


async def _certainly(doing: Coroutine[Any, Any, Result]) -> Result:
    """Carry something short out to its end, however often this is cancelled meanwhile."""
    task = asyncio.create_task(doing)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
    return task.result()


def _tie_to_parent() -> Callable[[], None] | None:
    """What a child does before it becomes its program, so that it does not outlive us."""
    if sys.platform != "linux":
        return None
    # Looked up here: between fork and exec a child should do as little as it can.
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent:  # it was killed before the line above
            os._exit(1)

    return tie
