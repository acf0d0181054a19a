"""The evaluator: a worker's side of the process that evaluates expressions, started when it is needed."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from domain.errors import FleetError
from domain.expression.facts import Facts
from domain.expression.failure import Failure
from workers.expressions.child import CPU_S
from workers.expressions.frames import (
    EXPRESSION,
    LENGTH_BYTES,
    MAX_FRAME_BYTES,
    READY,
    Judgement,
    framed,
    read_judgement,
    written_facts,
)

START_S: Final = 5.0
"""A process that is not ready after so long is given up."""

WALL_S: Final = 2.0
"""A process that says nothing for so long is ended, however little it has done."""

_PROGRAM: Final = "import sys; sys.path[:] = sys.argv[1:]; from workers.expressions.child import run; run()"
_PIECE_BYTES: Final = 64 * 1024
_ENDING_S: Final = 1.0
_TRIES: Final = 2
_MS: Final = 1000


class NotStartedError(FleetError):
    """No process that evaluates can be started here; that is no fault of an expression."""


class _GoneError(Exception):
    """The process has ended, or was ended; `is_spent` when it had used up its time."""

    def __init__(self, *, is_spent: bool) -> None:
        super().__init__()
        self.is_spent = is_spent


class Evaluator:
    """Judges events by expressions, one at a time, in a process of its own that lives as long as it can."""

    def __init__(self, wall_s: float = WALL_S) -> None:
        """No process is started yet.

        Args:
            wall_s: how long to wait for an answer, in seconds.
        """
        self._wall_s = wall_s
        self._process: subprocess.Popen[bytes] | None = None
        self._told: Facts | None = None

    @property
    def pid(self) -> int | None:
        """Id of the process; None: there is none."""
        return None if self._process is None else self._process.pid

    def judge(self, facts: Facts, expression: str) -> Judgement:
        """Whether an event fulfils an expression. Those about the same facts are best asked in a row.

        A process that dies for no reason of the expression's is replaced once: somebody may have ended it.
        When the second one dies, too, the expression fails: to try on would hold the event up for everybody.

        Raises:
            NotStartedError: there is no process to ask.
        """
        for _ in range(_TRIES):
            try:
                return self._judged(facts, expression)
            except _GoneError as gone:
                if gone.is_spent:
                    return Judgement(Failure.TOO_SLOW.value, CPU_S * _MS)
        return Judgement(Failure.CRASHED.value, CPU_S * _MS)

    def close(self) -> None:
        """End the process; the next expression starts another one."""
        process, self._process, self._told = self._process, None, None
        if process is not None:
            _end(process)

    def _judged(self, facts: Facts, expression: str) -> Judgement:
        self._process = self._process or _started()
        with self._asked(self._process) as line:
            if self._told is not facts:
                line.send(written_facts(facts))
                self._told = facts
            line.send(EXPRESSION + expression.encode())
            judgement = read_judgement(line.receive())
        if judgement.found == Failure.TOO_LARGE:
            self.close()  # what is left of a process that ran out of memory is not to be trusted
        return judgement

    @contextmanager
    def _asked(self, process: subprocess.Popen[bytes]) -> Generator["_Line"]:
        """The pipes to the process. What interrupts a question ends it: its answer would come too late."""
        try:
            yield _Line(process, self._wall_s)
        except (TimeoutError, ValueError):
            self.close()
            raise _GoneError(is_spent=False) from None
        except OSError:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_ENDING_S)
            self.close()
            raise _GoneError(is_spent=process.returncode == -signal.SIGPROF) from None
        except BaseException:
            self.close()
            raise


class _Line:
    """Frames to a process and from it, until a deadline."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self._to, self._from = _pipe(process.stdin), _pipe(process.stdout)
        self._deadline = time.monotonic() + seconds

    def send(self, content: bytes) -> None:
        """Send a frame.

        Raises:
            TimeoutError: it does not take it in time.
            OSError: it has ended.
        """
        left = memoryview(framed(content))
        while left:
            self._wait(self._to, select.POLLOUT)
            left = left[os.write(self._to, left[:_PIECE_BYTES]) :]

    def receive(self) -> bytes:
        """The next frame.

        Raises:
            TimeoutError: none comes in time.
            OSError: it has ended.
            ValueError: this is no frame.
        """
        length = int.from_bytes(self._read(LENGTH_BYTES))
        if length > MAX_FRAME_BYTES:
            raise ValueError("No frame is as long as that.")
        return self._read(length)

    def _read(self, length: int) -> bytes:
        found = b""
        while len(found) < length:
            self._wait(self._from, select.POLLIN)
            piece = os.read(self._from, length - len(found))
            if not piece:
                raise BrokenPipeError
            found += piece
        return found

    def _wait(self, pipe: int, until: int) -> None:
        waiting = select.poll()
        waiting.register(pipe, until)
        if not waiting.poll(max(0.0, self._deadline - time.monotonic()) * _MS):
            raise TimeoutError


def _pipe(pipe: IO[bytes] | None) -> int:
    if pipe is None:
        raise ValueError("This process has no pipes.")
    return pipe.fileno()


def _started() -> subprocess.Popen[bytes]:
    """A new process: the same modules, no environment, out of reach of the terminal's Ctrl-C.

    Raises:
        NotStartedError: there is none.
    """
    paths = [str(Path(path).absolute()) for path in sys.path]
    try:
        process = subprocess.Popen(  # noqa: S603 - our own program, in the interpreter that runs this
            [sys.executable, "-IB", "-c", _PROGRAM, *paths],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env={},
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        raise NotStartedError(f"Expressions cannot be evaluated: {error.strerror}.") from None
    try:
        line = _Line(process, START_S)
        is_ready = line.receive() == READY
    except (OSError, ValueError):
        is_ready = False
    except BaseException:
        _end(process)
        raise
    if not is_ready:
        _end(process)
        raise NotStartedError("The process that evaluates expressions does not start.")
    for pipe in (process.stdin, process.stdout):
        os.set_blocking(_pipe(pipe), False)
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
