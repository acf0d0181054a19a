"""The lock of a state folder: one embedded Redis, one supervisor, at a time."""

import contextlib
import fcntl
import os
import time
from collections.abc import Generator
from pathlib import Path
from typing import Final

from domain.errors import FleetError

_POLL_S: Final = 0.05


class StateDirTakenError(FleetError):
    """Another process works in this state folder."""

    def __init__(self, state_dir: Path, holder: int | None) -> None:
        who = f"the running `fleet` with process id {holder}" if holder else "another running `fleet`"
        super().__init__(
            f"The state folder {state_dir} is in use by {who}. "
            "Stop it first, or set FLEET_STATE_DIR to another folder."
        )
        self.holder = holder


class StateDirUnusableError(FleetError):
    """The state folder cannot be made or written."""

    def __init__(self, state_dir: Path, reason: str) -> None:
        super().__init__(
            f"The state folder {state_dir} cannot be used: {reason}. "
            "Make it writable for you, or set FLEET_STATE_DIR to another folder."
        )


@contextlib.contextmanager
def hold(state_dir: Path, patience_s: float = 10.0) -> Generator[int]:
    """Holds the lock of a state folder, which is made when it is missing.

    The descriptor that it yields is given to the embedded Redis as well, which then holds the lock until it
    has really ended: nobody opens its files while a Redis that lost its supervisor is still closing them.

    Args:
        state_dir: the folder.
        patience_s: seconds to wait for such a Redis. A supervisor that is alive is not waited for.

    Raises:
        StateDirTakenError: somebody else holds it.
        StateDirUnusableError: it cannot be made or written.
    """
    try:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(state_dir / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StateDirUnusableError(state_dir, error.strerror or str(error)) from None
    try:
        _acquire(lock, state_dir, time.monotonic() + patience_s)
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        yield lock
    finally:
        os.close(lock)


def _acquire(lock: int, state_dir: Path, deadline: float) -> None:
    while not _try(lock):
        holder = _holder(lock)
        if (holder and _is_alive(holder)) or time.monotonic() >= deadline:
            raise StateDirTakenError(state_dir, holder)
        time.sleep(_POLL_S)


def _try(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(lock: int) -> int | None:
    text = os.pread(lock, 20, 0)
    return int(text) if text.isdigit() else None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
