"""Tasks: how to end them for certain."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

_PATIENCE_S: Final = 0.05


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks, and again, until all of them have ended.

    Once is not enough: Python 3.11's `asyncio.wait_for`, which redis-py waits with, swallows a cancellation
    that arrives together with the result (https://github.com/python/cpython/issues/86296).
    """
    left = [task for task in tasks if not task.done()]
    while left:
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=_PATIENCE_S)
        left = [task for task in left if not task.done()]
