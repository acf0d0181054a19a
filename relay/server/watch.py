"""The watch over an open tunnel: its access token still opens, and its time has not come.

It is a task of its own, so that a tunnel whose other end does not read is closed as soon as any. A timer
waits for the end of the token that the connection came with; nothing is polled.
"""

import asyncio
from contextlib import suppress
from typing import NoReturn

from starlette.websockets import WebSocket

from relay.server.access import access_of
from relay.server.endings import EXPIRED, REVOKED, RefusedError


class Watch:
    """Watches over the token of one connection."""

    def __init__(self, websocket: WebSocket, ends_in_s: float | None, asked_at_s: float) -> None:
        """Nothing is watched yet.

        Args:
            websocket: the connection; its token has opened.
            ends_in_s: seconds until the token ends; None: never.
            asked_at_s: when that was asked, on the clock of the event loop.
        """
        self._websocket = websocket
        self._loop = asyncio.get_running_loop()
        self._ends_at_s = _end(ends_in_s, asked_at_s)
        self._doubted = asyncio.Event()

    def doubt(self) -> None:
        """The token may have ended; look again."""
        self._doubted.set()

    async def run(self) -> NoReturn:
        """Watch for as long as the token opens.

        Raises:
            RefusedError: it does no longer.
            redis.exceptions.RedisError: nobody can tell.
        """
        while True:
            await self._doubted_or_over()
            asked_at_s = self._loop.time()
            access = await access_of(self._websocket)
            if access is None:
                # Its time may have come while somebody made us look for another reason.
                raise RefusedError(EXPIRED if self._is_over() else REVOKED)
            self._ends_at_s = _end(access.ends_in_s, asked_at_s)

    def _is_over(self) -> bool:
        return self._ends_at_s is not None and self._loop.time() >= self._ends_at_s

    async def _doubted_or_over(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self._ends_at_s):
                await self._doubted.wait()
        self._doubted.clear()


def _end(ends_in_s: float | None, asked_at_s: float) -> float | None:
    """When a token ends, and no later: counted from the question, since an answer takes a while."""
    return None if ends_in_s is None else asked_at_s + ends_in_s
