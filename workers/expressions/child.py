"""The process that evaluates: it reads frames from its input, answers on its output, and does nothing else.

It has no keys, no environment and no connection. The kernel ends it when an evaluation uses up its time
(setitimer(2), ITIMER_PROF counts the processor's, so that a busy machine ends nobody), and gives it no more
memory than its limit.
"""

import resource
import signal
import sys
import time
from contextlib import suppress
from typing import BinaryIO, Final

from domain.expression.failure import Failure
from domain.expression.judging import Judge
from workers.expressions.frames import (
    EXPRESSION,
    FACTS,
    LENGTH_BYTES,
    MAX_FRAME_BYTES,
    READY,
    Judgement,
    framed,
    read_facts,
    written_judgement,
)

MEMORY_BYTES: Final = 256 * 1024 * 1024
CPU_S: Final = 0.25
"""What one evaluation may take of a processor."""

READING_CPU_S: Final = 0.25
"""What reading the body of an event may take: 0.08 s for the worst that is read, on an ordinary machine."""

_MS: Final = 1000


def run() -> None:
    """Evaluate until the input ends, as it does with the worker."""
    limit_resources()
    sys.stdout.buffer.write(framed(READY))
    sys.stdout.buffer.flush()
    serve(sys.stdin.buffer, sys.stdout.buffer)


def limit_resources() -> None:
    """Take from this process what evaluating does not need, for ever."""
    limits = (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CORE, 0),  # a core file would have payload in it
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
    )
    for kind, most in limits:
        # Not every system has all of them; the limits of time hold everywhere.
        with suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, most))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)


def serve(given: BinaryIO, told: BinaryIO) -> None:
    """Answer frames until there are no more."""
    judge: Judge | None = None
    reading_ms = 0.0
    while frame := _read(given):
        mark, content = frame[:1], frame[1:]
        if mark == FACTS:
            judge, reading_ms = _prepared(content)
        elif mark == EXPRESSION and judge is not None:
            found = _judged(judge, content.decode())
            told.write(framed(written_judgement(Judgement(found.found, found.cpu_ms + reading_ms))))
            told.flush()
            reading_ms = 0.0  # the first expression about an event is charged with it


def _read(given: BinaryIO) -> bytes:
    """The next frame; b"" at the end."""
    length = int.from_bytes(given.read(LENGTH_BYTES))
    return given.read(length) if length <= MAX_FRAME_BYTES else b""


def _prepared(content: bytes) -> tuple[Judge, float]:
    """Who judges an event, and how many milliseconds of a processor it took to read it."""
    began = time.process_time()
    _set_alarm(READING_CPU_S)
    judge = Judge(read_facts(content))
    with suppress(MemoryError):  # then it fails again when it is asked for, and says so
        judge.prepare()
    _set_alarm(0)
    return judge, _since(began)


def _judged(judge: Judge, expression: str) -> Judgement:
    began = time.process_time()
    _set_alarm(CPU_S)
    try:
        found = judge.judge(expression)
    except MemoryError:
        found = Failure.TOO_LARGE.value
    _set_alarm(0)
    return Judgement(found, _since(began))


def _since(began: float) -> float:
    return (time.process_time() - began) * _MS


def _set_alarm(seconds: float) -> None:
    """End this process after so much time of a processor; 0: not any more."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
