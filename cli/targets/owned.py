"""Files that say what is run: nobody but their owner may have written them."""

import os
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


def _require_own(path: Path, facts: os.stat_result, *, is_chosen: bool) -> None:
    if not stat.S_ISREG(facts.st_mode):
        raise TargetsError(f"{path} is no file.")
    if facts.st_mode & _OTHERS_MAY_WRITE:
        raise TargetsError(
            f"Everybody on this machine can write {path}, and so say what is run here; 'chmod o-w' ends that."
        )
    if not is_chosen and facts.st_uid not in {os.geteuid(), 0}:
        raise TargetsError(
            f"{path} belongs to another user, who could say what is run here; if you trust it, name it with"
            " --file."
        )
