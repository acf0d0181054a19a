"""Looking: how far into a long list one request looks. Whoever wants more goes on with its cursor."""

import asyncio
from collections.abc import Iterator
from typing import Final

LOOKS: Final = 20_000
"""Entries that one request looks at, at most."""

PART: Final = 1000
"""Entries at a time: Redis serves nobody else meanwhile, some milliseconds."""

_PATIENCE_S: Final = 0.035


def parts() -> Iterator[int]:
    """How many entries to look at next, again and again: LOOKS in all, or fewer when Redis is slow."""
    clock = asyncio.get_running_loop().time
    end = clock() + _PATIENCE_S
    for _ in range(LOOKS // PART):
        yield PART
        if clock() > end:
            return
