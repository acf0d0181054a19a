"""A service: what to run as one supervised process, and how to know that it is up."""

import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from domain.errors import FleetError


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A program that is to run as long as its supervisor does.

    Attributes:
        name: what people read in front of its lines.
        argv: the program and its arguments.
        env: its whole environment.
        address: host and port it will listen on; they must be free at the first start.
        port_setting: the setting that names another port, for the sentence that says so.
        ready: asks once whether it is up; without it, it counts as up at once.
        ready_timeout_s: seconds it has until `ready` says yes.
        stop_signal: asks it to stop.
        stop_timeout_s: seconds it has to do so before it is killed.
        orphan_signal: what it gets when its supervisor is killed (Linux).
        keep_open: file descriptors it inherits besides the standard ones.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    address: tuple[str, int] | None = None
    port_setting: str = ""
    ready: Callable[[], Awaitable[bool]] | None = None
    ready_timeout_s: float = 20.0
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout_s: float = 10.0
    orphan_signal: signal.Signals = signal.SIGKILL
    keep_open: tuple[int, ...] = ()


class StartError(FleetError):
    """A service did not come up; the text says which, why, and what it printed last."""


class StartInterruptedError(FleetError):
    """Somebody asked to stop before everything was up."""

    def __init__(self) -> None:
        super().__init__("Stopped before everything was up.")
