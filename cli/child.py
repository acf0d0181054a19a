"""A child: one running process of a service, from its start to its end."""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections import deque
from collections.abc import Callable
from typing import Final

from cli.output import Output, lines
from cli.service import Service

_TAIL_LINES: Final = 20
_LAST_WORDS_S: Final = 1.0
_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h


class Child:
    """One process, leading a session of its own: the terminal's Ctrl-C reaches the supervisor only."""

    def __init__(self, service: Service, process: asyncio.subprocess.Process, output: Output) -> None:
        self.service = service
        self._process = process
        self._output = output
        self._tail = deque[str](maxlen=_TAIL_LINES)
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, service: Service, output: Output) -> "Child":
        """Starts the service's program.

        On Linux the kernel signals it when the *thread* that calls this ends (prctl(2), PR_SET_PDEATHSIG), so
        the thread must be one that lives as long as the supervisor, which the main thread does.

        Raises:
            OSError: the program cannot be started.
        """
        process = await asyncio.create_subprocess_exec(
            *service.argv,
            env=service.env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            pass_fds=service.keep_open,
            preexec_fn=_tie_to_parent(service.orphan_signal),
        )
        return cls(service, process, output)

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return None if self.has_ended else self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether it has ended."""
        return self._process.returncode is not None

    @property
    def tail(self) -> tuple[str, ...]:
        """The last lines it printed."""
        return tuple(self._tail)

    async def ended(self) -> str:
        """Waits for its end and what it printed last; says in words how it ended."""
        code = await self._process.wait()
        # Something that it left behind may keep the pipe open: that is not worth waiting for.
        await asyncio.wait({self._reading}, timeout=_LAST_WORDS_S)
        self._reading.cancel()
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    async def stop(self, hurry: asyncio.Event) -> None:
        """Asks it to stop; kills it, with all it started, when its time is over or somebody is in a hurry."""
        if not hurry.is_set():
            self._signal(self.service.stop_signal)
            await self._wait_for_end_or(hurry)
        if not self.has_ended:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        await self.ended()

    async def _wait_for_end_or(self, hurry: asyncio.Event) -> None:
        waits = {asyncio.create_task(self._process.wait()), asyncio.create_task(hurry.wait())}
        _, unfinished = await asyncio.wait(
            waits, timeout=self.service.stop_timeout_s, return_when=asyncio.FIRST_COMPLETED
        )
        for wait in unfinished:
            wait.cancel()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    async def _read(self) -> None:
        if self._process.stdout is not None:
            async for line in lines(self._process.stdout):
                self._tail.append(line)
                self._output.write(self.service.name, line)


def _tie_to_parent(orphan_signal: signal.Signals) -> Callable[[], None] | None:
    """What a child does before it becomes its program, so that it does not outlive its supervisor."""
    if sys.platform != "linux":
        return None
    # Looked up here: between fork and exec a child should do as little as it can.
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, int(orphan_signal), 0, 0, 0)
        if os.getppid() != parent:  # it was killed before the line above
            os._exit(1)

    return tie
