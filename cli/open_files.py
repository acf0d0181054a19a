"""Open files: a door that thousands connect to needs one for each, and many systems give a process 1,024."""

import contextlib
import sys
from typing import Final

WANTED: Final = 16_384
"""More than a door takes connections."""


def allow_many() -> None:
    """Let this process have WANTED files open, or as many as it may allow itself. Never fewer than before."""
    if sys.platform == "win32":
        return  # there is no such limit
    import resource  # noqa: PLC0415 - not there on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    if soft == resource.RLIM_INFINITY or soft >= allowed:
        return
    # macOS may have a lower bound of its own than it says; then it stays as it was.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
