"""How tests of the tunnel wait: for a condition, never for a time."""

import asyncio
from typing import Any

WAIT_S = 10.0


async def until(holds: Any, wait_s: float = WAIT_S) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(wait_s):
        while not holds():  # noqa: ASYNC110 - what is waited for happens in other processes, too
            await asyncio.sleep(0.005)
