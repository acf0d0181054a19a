"""What the tests of programs as targets need: commands, an observer that remembers, a look at processes."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from relay.connector.observer import Observer
from relay.connector.target import Arrival
from relay.connector.targets.command import Command

PYTHON = (sys.executable, "-I", "-S", "-c")
ENVIRONMENT = {"PATH": os.environ["PATH"]}


@dataclass
class Heard(Observer):
    """Remembers what programs print, and what is wrong with them."""

    lines: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def on_output(self, arrival: Arrival, line: str) -> None:
        assert arrival.delivery
        self.lines.append(line)

    def on_trouble(self, arrival: Arrival, sentence: str) -> None:
        assert arrival.delivery
        self.troubles.append(sentence)


def command(*argv: str, **changes: Any) -> Command:
    return Command(**{"argv": argv, "directory": Path("/"), "environment": ENVIRONMENT, **changes})


def shell(script: str, **changes: Any) -> Command:
    return command("sh", "-c", script, **changes)


class Alive:
    """Counts signs of life."""

    def __init__(self) -> None:
        self.signs = 0

    def __call__(self) -> None:
        self.signs += 1


def runs(process: int) -> bool:
    """Whether a process runs; one that has ended and that nobody took note of does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False


def numbers(lines: list[str], count: int) -> Callable[[], bool]:
    """Whether so many programs have told their process ids."""
    return lambda: sum(line.isdigit() for line in lines) >= count
