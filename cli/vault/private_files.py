"""Private files: read only when nobody else can read or write them, and replaced whole or not at all."""

import contextlib
import fcntl
import os
import stat
import time
from collections.abc import Generator
from pathlib import Path
from typing import Final

from cli.vault.vault import VaultError

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH
_POLL_S: Final = 0.02
PATIENCE_S: Final = 10.0
"""How long another process may have the lock, in seconds."""


def read(file: Path, limit: int, *, may_be_link: bool = False) -> bytes | None:
    """The content of a private file; None when there is none.

    Args:
        file: the file.
        limit: the most bytes that it may have.
        may_be_link: follow a symbolic link, as in the folders in which containers get their secrets.

    Raises:
        VaultError: it is a link or no file, others can read it, it is too large, or cannot be read.
    """
    # A pipe would be waited for without O_NONBLOCK.
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if may_be_link else os.O_NOFOLLOW)
    try:
        descriptor = os.open(file, flags)
    except FileNotFoundError:
        return None
    except OSError as error:
        if file.is_symlink():
            raise VaultError(
                f"{file} is a symbolic link; the vault follows none. Name the file itself."
            ) from None
        raise _unreadable(file, error) from None
    with os.fdopen(descriptor, "rb") as stream:
        _check_private(file, os.fstat(descriptor))
        try:
            content = stream.read(limit + 1)
        except OSError as error:
            raise _unreadable(file, error) from None
    if len(content) > limit:
        raise VaultError(f"{file} has more than {limit} bytes; it is nothing of ours.")
    return content


def check_folder(file: Path) -> None:
    """Whether nobody else can put another file in the place of this one.

    Raises:
        VaultError: somebody can.
    """
    folder = file.parent
    try:
        found = folder.stat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unreadable(folder, error) from None
    if not _is_ours(found) or found.st_mode & _OTHERS_WRITE:
        raise VaultError(
            f"Others can write to {folder}, so nothing in it can be trusted with secrets:"
            f" 'chmod 700 {folder}', or name another file in FLEET_VAULT_FILE."
        )


def write(file: Path, content: bytes) -> None:
    """Put a private file in place of what was there; whoever is killed leaves the old one whole.

    Only whoever has the lock may do this.

    Raises:
        VaultError: it cannot be written; what was there is unchanged.
    """
    draft = file.with_name(f".{file.name}.new")
    try:
        draft.unlink(missing_ok=True)
        descriptor = os.open(
            draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
        )
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(descriptor)
            draft.replace(file)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        _sync(file.parent)
    except OSError as error:
        raise VaultError(f"{file} cannot be written ({error.strerror}); nothing in it was changed.") from None


@contextlib.contextmanager
def locked(file: Path, patience_s: float = PATIENCE_S) -> Generator[None]:
    """Have a file and what stands beside it for oneself; its folder is made when it is missing.

    Args:
        file: the file; the lock is another one beside it, which stays.
        patience_s: how long to wait for whoever has it, in seconds.

    Raises:
        VaultError: somebody else has it, or the folder cannot be used.
    """
    lock = file.with_name(f"{file.name}.lock")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        check_folder(file)
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise VaultError(
            f"The folder {file.parent} cannot be used ({error.strerror}); make it writable for you,"
            " or name another file in FLEET_VAULT_FILE."
        ) from None
    try:
        _acquire(descriptor, file, time.monotonic() + patience_s)
        yield
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, file: Path, deadline: float) -> None:
    while True:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        if time.monotonic() >= deadline:
            raise VaultError(f"Another process is changing {file}; try again when it has ended.")
        time.sleep(_POLL_S)


def _check_private(file: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise VaultError(f"{file} is no regular file.")
    if not _is_ours(found):
        raise VaultError(f"{file} belongs to another user; the vault trusts only files of yours.")
    if found.st_mode & _OTHERS:
        raise VaultError(
            f"Other users can read or write {file}: 'chmod 600 {file}', if that is all there is to it."
        )


def _is_ours(found: os.stat_result) -> bool:
    return found.st_uid in {os.geteuid(), 0}


def _unreadable(file: Path, error: OSError) -> VaultError:
    return VaultError(f"{file} cannot be read ({error.strerror}).")


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
