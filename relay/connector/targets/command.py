"""A command: a program that a target runs, and the rules that hold there. All of it is its owner's word."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from domain.delivery import Outcome


@dataclass(frozen=True, slots=True)
class Command:
    """What is run for a delivery, and how.

    Attributes:
        argv: the program and its arguments, as they are: no shell, and nothing of an event, ever.
        directory: where it runs; a relative program is looked for from here.
        environment: its environment but for the FLEET_* variables.
        headers: names of the headers that become variables or can stand in a prompt, in lower case.
        timeout_s: how long a run may take, in seconds; None: what the subscription says.
        concurrency: how many runs there may be at a time.
        on_failure: what it means when it fails: retry or refused.
        allow_unverified: run it for events that nobody has verified, too.
    """

    argv: tuple[str, ...]
    directory: Path
    environment: Mapping[str, str] = field(repr=False)
    headers: tuple[str, ...] = ()
    timeout_s: float | None = None
    concurrency: int = 1
    on_failure: Outcome = Outcome.RETRY
    allow_unverified: bool = False
