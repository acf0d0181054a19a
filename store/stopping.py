"""Stopping: how a door ends when a signal asks it to, so that nobody who came in is turned out."""

import asyncio
import math
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Final

import structlog
import uvicorn

_SIGNALLED: Final = 128
"""What a shell adds to the number of a signal for the exit code of a process that it ended."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a stop may take.

    Attributes:
        notice_s: for load balancers to learn from /readyz that we stop, while everything is still answered.
        drain_s: for what is under way then.
    """

    notice_s: float = 0.0
    drain_s: float = 8.0


PATIENCE: Final = Patience()


class StoppingServer(uvicorn.Server):
    """uvicorn that says first that it stops, and ends with exit code 0. A second signal ends it at once."""

    def __init__(
        self, config: uvicorn.Config, patience: Patience, announce: Callable[[], None], door: str
    ) -> None:
        """A server that is not running yet.

        Args:
            config: what it serves, and how.
            patience: how long its stop may take.
            door: its name in the log.
            announce: is called when the stop begins, in a signal handler: /readyz is to say no from then on.
        """
        super().__init__(config)
        self._patience = patience
        self._announce = announce
        self._door = door

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop, or end at once when that has begun. uvicorn would end by the signal at last."""
        del frame
        if self.should_exit:
            # Nothing here outlives a process but in Redis, which copes with kill -9.
            os._exit(_SIGNALLED + sig)
        self._announce()
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the door, and say so: it is how whoever reads the log knows that we live."""
        await super().startup(sockets)
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        _log.info("door_open", door=self._door, host=host, port=port, tls=self.config.is_ssl)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Give notice, say farewell, close the door, finish what is under way."""
        self._announce()
        # Connections that would be kept alive end with an answer, not under the next request.
        state = self.server_state
        state.default_headers = [*state.default_headers, (b"connection", b"close")]
        await asyncio.sleep(self._patience.notice_s)
        clock = asyncio.get_running_loop().time
        ends = clock() + self._patience.drain_s
        await self.farewell(self._patience.drain_s)
        self.config.timeout_graceful_shutdown = max(1, math.ceil(ends - clock()))
        await super().shutdown(sockets)

    async def farewell(self, patience_s: float) -> None:
        """Whatever is to be said before the door closes, within so many seconds. Nothing, here."""
