"""Secret files: whole or not there, and readable by their owner alone."""

import os
from pathlib import Path
from typing import Final

_MODE: Final = 0o600


def keep(file: Path, content: str) -> None:
    """Write a secret file in place of what was there.

    Raises:
        OSError: the folder cannot be written to.
    """
    # Written aside and renamed: whoever is killed leaves no half of a secret, and nobody reads one.
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _MODE)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)
