"""Room: the memory that bodies on their way to connectors may fill, shared by all tunnels of this process."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

ROOM_BYTES: Final = 64 * 1024 * 1024
SHARE_BYTES: Final = 16 * 1024 * 1024
"""What one gateway may fill, however many tunnels it has: those that do not read hold up only their own."""

_LOOK_UP_S: Final = 1.0


@dataclass(eq=False)
class _Place:
    gateway: str
    size: int
    given: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Room:
    """Gives places in the order of asking, but passes over gateways that have their share."""

    def __init__(self, most: int = ROOM_BYTES, share: int = SHARE_BYTES) -> None:
        """An empty room.

        Args:
            most: bytes that fit.
            share: bytes that one gateway may fill. A larger wish counts as one for the whole share.
        """
        self._left = most
        self._share = share
        self._filled: dict[str, int] = {}
        self._waiting: deque[_Place] = deque()

    @property
    def left(self) -> int:
        """Bytes that are free."""
        return self._left

    @asynccontextmanager
    async def place(
        self, gateway: str, size: int, meanwhile: Callable[[], Awaitable[None]]
    ) -> AsyncGenerator[None]:
        """Have room for so many bytes.

        Args:
            gateway: the Gateway ID.
            size: bytes; at most a gateway's share is asked for.
            meanwhile: is called once in a while as long as there is no room.
        """
        place = _Place(gateway, min(size, self._share))
        self._waiting.append(place)
        self._give()
        try:
            while not place.given.done():
                await asyncio.wait([place.given], timeout=_LOOK_UP_S)
                await meanwhile()
            yield
        finally:
            self._leave(place)
            self._give()

    def _give(self) -> None:
        passed_over: deque[_Place] = deque()
        while self._waiting:
            place = self._waiting.popleft()
            filled = self._filled.get(place.gateway, 0)
            if filled + place.size > self._share:
                passed_over.append(place)
                continue
            if place.size > self._left:
                # Nobody overtakes it, or a large one would never have its turn.
                passed_over.append(place)
                break
            self._left -= place.size
            self._filled[place.gateway] = filled + place.size
            place.given.set_result(None)
        self._waiting = passed_over + self._waiting

    def _leave(self, place: _Place) -> None:
        if not place.given.done():
            self._waiting.remove(place)
            return
        self._left += place.size
        self._filled[place.gateway] -= place.size
        if not self._filled[place.gateway]:
            del self._filled[place.gateway]
