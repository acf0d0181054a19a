"""The room: how many bytes of bodies one ingress holds at a time, however many come while Redis stalls."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.types import ASGIApp, Receive, Scope, Send

STATE_KEY: Final = "share"
"""Where the share of a request stands in the state of its scope."""

_COPIES: Final = 2  # as it was sent, and sealed


class Room:
    """The room of one process. For one event loop."""

    __slots__ = ("held", "size")

    def __init__(self, size: int) -> None:
        """An empty room.

        Args:
            size: how many bytes it has.
        """
        self.size = size
        self.held = 0


class Share:
    """What one request holds of the room: what arrived of its body, as it was sent and as it is sealed."""

    __slots__ = ("_held", "_is_over", "_room", "is_refused")

    def __init__(self, room: Room) -> None:
        self._room = room
        self._held = 0
        self._is_over = False
        self.is_refused = False

    def take(self, arrived: int) -> bool:
        """Whether there is room for so many bytes more. Who was refused once is refused ever after."""
        size = arrived * _COPIES
        if self.is_refused or self._room.held + size > self._room.size:
            self.is_refused = True
            return False
        if not self._is_over:
            self._held += size
            self._room.held += size
        return True

    def leave(self) -> None:
        """Give everything back, for good."""
        self._room.held -= self._held
        self._held = 0
        self._is_over = True

    async def serve(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Let an application answer the request, and give back what it held, however that ends."""
        try:
            await app(scope, receive, send)
        finally:
            self.leave()


def share_in(scope: Mapping[str, Any]) -> Share:
    """The share of a request."""
    return scope["state"][STATE_KEY]
