"""A child: one run of a program, in a session of its own, which leaves nothing behind.

What it starts is in its process group and ends with it; only what makes a session of its own gets away. On
Linux the kernel kills the child, too, when this process dies without a word.
"""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

from relay.connector.targets.pipes import Pipes

GRACE_S: Final = 3.0
"""How long a group may take to end after SIGTERM."""
_KILLED_S: Final = 1.0
_LOOK_S: Final = 0.01
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
        child = _Child(await _started(argv, environment, directory, pipes))
        pipes.hand_over()
        try:
            pipes.feed(stdin)
            code = await child.ended()
        finally:
            # What it left running would go on beside the next run.
            await _certainly(child.end_group())
        await pipes.last_words()
        return code
    finally:
        await _certainly(pipes.close())


async def _started(
    argv: Sequence[str], environment: Mapping[str, str], directory: Path, pipes: Pipes
) -> asyncio.subprocess.Process:
    starting = asyncio.create_task(
        asyncio.create_subprocess_exec(
            *argv,
            env=environment,
            cwd=directory,
            stdin=pipes.stdin,
            stdout=pipes.stdout,
            stderr=pipes.stdout,
            close_fds=True,
            start_new_session=True,
            preexec_fn=_tie_to_parent(),
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        starting.add_done_callback(_kill_unwanted)
        raise


def _kill_unwanted(starting: asyncio.Task[asyncio.subprocess.Process]) -> None:
    if not starting.cancelled() and starting.exception() is None:
        with suppress(ProcessLookupError):
            os.killpg(starting.result().pid, signal.SIGKILL)


class _Child:
    """A running child and its group."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._is_gone = False

    async def ended(self) -> int:
        return await self._process.wait()

    async def end_group(self) -> None:
        """Ask all of it to end; kill what is left after a short grace."""
        self._signal(signal.SIGTERM)
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_S):
                while not self._is_gone:
                    await asyncio.sleep(_LOOK_S)
                    self._signal(0)
        self._signal(signal.SIGKILL)
        with suppress(TimeoutError):
            async with asyncio.timeout(_KILLED_S):
                await self._process.wait()

    def _signal(self, number: int) -> None:
        # Once it is gone, its number may become somebody else's.
        if self._is_gone:
            return
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            self._is_gone = True
        except PermissionError:
            pass  # macOS says so of a group in which everybody has ended


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
