"""A process group: a program and all that it has started, but for what made a session of its own."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

GRACE_S: Final = 3.0
"""How long it may take to end after SIGTERM."""
_KILLED_S: Final = 1.0
_FIRST_LOOK_S: Final = 0.005
_PROC: Final = Path("/proc")
_DEAD: Final = frozenset({"Z", "X"})


class Group:
    """The group that a process leads."""

    def __init__(self, leader: int, reap: Callable[[], None]) -> None:
        """A group with somebody in it.

        Args:
            leader: the process id of its leader, and so its own.
            reap: takes note of the leader's death, if it is dead.
        """
        self._id = leader
        self._reap = reap
        self._is_gone = False

    async def end(self) -> None:
        """Ask all of it to end; kill what is left after a short grace."""
        for number, patience_s in ((signal.SIGTERM, GRACE_S), (signal.SIGKILL, _KILLED_S)):
            self._signal(number)
            if await self._ended_within(patience_s):
                return

    async def _ended_within(self, seconds: float) -> bool:
        pause_s = _FIRST_LOOK_S
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self._has_ended():
                    await asyncio.sleep(pause_s)
                    pause_s *= 1.5
                return True
        return False

    def _signal(self, number: int) -> None:
        # When it is gone, its number may become somebody else's. While the session has somebody, it cannot.
        try:
            if not self._is_gone:
                os.killpg(self._id, number)
        except ProcessLookupError:
            self._is_gone = True
        except PermissionError:
            pass  # macOS says so of a group in which everybody has ended
        # A shell with job control (`set -m`) gives each of its jobs a group of its own.
        for process in self._others() if number else ():
            with suppress(OSError):
                os.kill(process, number)

    def _others(self) -> list[int]:
        """Who left the group and is in its session still, and runs."""
        if sys.platform != "linux":
            return []
        return [
            int(each.name)
            for each in _PROC.iterdir()
            for state, group, session in [_state(each)]
            if session == self._id != group and state not in _DEAD
        ]

    def _has_ended(self) -> bool:
        self._reap()
        self._signal(0)
        return (self._is_gone or self._is_of_zombies()) and not self._others()

    def _is_of_zombies(self) -> bool:
        """Whether nobody in it runs: where there is no init, nobody takes note of the death of orphans."""
        return sys.platform == "linux" and not any(
            group == self._id and state not in _DEAD for state, group, _ in map(_state, _PROC.iterdir())
        )


def _state(process: Path) -> tuple[str, int, int]:
    """State, group and session of a process, by proc_pid_stat(5); of what is none, or has gone, nothing."""
    if process.name.isdigit():
        with suppress(OSError):
            state, _, group, session, *_ = (process / "stat").read_bytes().rpartition(b")")[2].split()
            return state.decode(), int(group), int(session)
    return "", 0, 0
