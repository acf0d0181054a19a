"""Files that say what is run: nobody but their owner may have written them."""

import grp
import os
import pwd
import stat
from pathlib import Path

from cli.targets.wish import TargetsError

_OTHERS_MAY_WRITE = stat.S_IWOTH


def owned_text(path: Path, max_bytes: int, *, is_chosen: bool) -> str:
    """The text of a file that says what is run.

    Args:
        path: the file.
        max_bytes: how long it may be.
        is_chosen: somebody has named it; else it was only found here, and must be ours.

    Raises:
        TargetsError: it cannot be read, is no text, or others could have written it.
    """
    try:
        if not is_chosen:
            _require_own_place(path)
        with path.open("rb") as file:
            _require_own(path, os.fstat(file.fileno()), is_chosen=is_chosen)
            content = file.read(max_bytes + 1)
    except OSError as error:
        raise TargetsError(f"{path} cannot be read: {error.strerror}.") from None
    if len(content) > max_bytes:
        raise TargetsError(f"{path} is longer than {max_bytes // 1024} KiB.")
    try:
        return str(content, "utf-8-sig")
    except UnicodeDecodeError:
        raise TargetsError(f"{path} is no text in UTF-8.") from None


def _require_own_place(path: Path) -> None:
    """Nobody else may be able to put a file there, nor to lead to one of ours that is meant for elsewhere."""
    if path.is_symlink():
        raise TargetsError(f"{path} is a symbolic link; if you trust what it leads to, name it with --file.")
    folder = path.absolute().parent
    facts = folder.stat()
    if facts.st_uid not in {os.geteuid(), 0} or _others_may_write(facts):
        raise TargetsError(
            f"Others can write to {folder}, and so say what is run here; 'chmod go-w' ends that. If you trust"
            f" them, name {path} with --file."
        )


def _others_may_write(facts: os.stat_result) -> bool:
    if facts.st_mode & _OTHERS_MAY_WRITE:
        return True
    return bool(facts.st_mode & stat.S_IWGRP) and not _is_of_us_alone(facts.st_gid)


def _is_of_us_alone(group: int) -> bool:
    """Whether a group is our own, by its name and members; umasks let such a group write (pam_umask(8))."""
    try:
        own, found = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(group)
    except KeyError:
        return False
    return found.gr_name == own and set(found.gr_mem) <= {own}


def _require_own(path: Path, facts: os.stat_result, *, is_chosen: bool) -> None:
    if not stat.S_ISREG(facts.st_mode):
        raise TargetsError(f"{path} is no file.")
    if facts.st_mode & _OTHERS_MAY_WRITE:
        raise TargetsError(
            f"Everybody on this machine can write {path}, and so say what is run here; 'chmod o-w' ends that."
        )
    if not is_chosen and _others_may_write(facts):
        raise TargetsError(
            f"The group of {path} can write it, and so say what is run here; 'chmod g-w' ends that, or if you"
            " trust them, name it with --file."
        )
    if not is_chosen and facts.st_uid not in {os.geteuid(), 0}:
        raise TargetsError(
            f"{path} belongs to another user, who could say what is run here; if you trust it, name it with"
            " --file."
        )
