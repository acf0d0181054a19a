"""Small real programs for supervisors to run, and an output that remembers."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

from cli.service import Service
from cli.supervisor import BackOff

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
import signal
def write(line):
    with open({str(journal)!r}, "a") as file: file.write(line + "\\n")
signal.pthread_sigmask(signal.SIG_BLOCK, {{signal.SIGTERM}})
write("{name} starts")
signal.sigwait({{signal.SIGTERM}})
write("{name} stops")
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
