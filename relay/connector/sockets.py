"""Sockets: those of a session, so that none outlives it."""

import asyncio
import socket
from contextlib import suppress
from typing import Final
from weakref import WeakSet

_POLITE_S: Final = 0.25
_CUT_S: Final = 1.0
_LOOK_S: Final = 0.002
_CLOSED: Final = -1


class Sockets:
    """Makes the sockets of an aiohttp session, and ends what is left of them.

    Over TLS, aiohttp hangs up politely and does not wait for the other side; a connection whose making was
    cancelled hangs up later still. When the loop ends before, the socket stays open.
    """

    def __init__(self) -> None:
        self._made: WeakSet[socket.socket] = WeakSet()

    def make(self, address: tuple[int, int, int, object, object]) -> socket.socket:
        """A socket for an address; aiohttp's `socket_factory`."""
        made = socket.socket(*address[:3])
        made.setblocking(False)  # noqa: FBT003 - the standard library's own signature
        self._made.add(made)
        return made

    async def ended(self) -> None:
        """Wait until every socket is closed; after a moment those that are still open are cut."""
        if await self._closed_within(_POLITE_S):
            return
        for each in self._open():
            with suppress(OSError):  # not connected, or gone in the meantime
                each.shutdown(socket.SHUT_RDWR)
        await self._closed_within(_CUT_S)

    async def _closed_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._open():  # noqa: ASYNC110 - transports tell nobody when they close
                    await asyncio.sleep(_LOOK_S)
                return True
        return False

    def _open(self) -> list[socket.socket]:
        return [each for each in self._made if each.fileno() != _CLOSED]
