"""The watch over an open tunnel: its access token still opens, and its time has not come.

It is a task of its own, so that a tunnel whose other end does not read is closed as soon as any. A timer
waits for the end of the token that the connection came with; nothing is polled.
"""

import asyncio
from typing import NoReturn

from starlette.websockets import WebSocket

from relay.server.access import access_of
from relay.server.endings import EXPIRED, REVOKED, RefusedError


class Watch:
    """Watches over the token of one connection."""

    def __init__(self, websocket: WebSocket, ends_in_s: float | None) -> None:
        """Nothing is watched yet.

        Args:
            websocket: the connection; its token has opened.
            ends_in_s: seconds until the token ends; None: never.
        """
        self._websocket = websocket
        self._ends_in_s = ends_in_s
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
            is_over = not await self._is_doubted_in_time()
            access = await access_of(self._websocket)
            if access is None:
                raise RefusedError(EXPIRED if is_over else REVOKED)
            self._ends_in_s = access.ends_in_s

    async def _is_doubted_in_time(self) -> bool:
        try:
            async with asyncio.timeout(self._ends_in_s):
                await self._doubted.wait()
        except TimeoutError:
            return False
        self._doubted.clear()
        return True
