"""A line between two ends of TCP with the troubles of a real one: cut, silent, slow, open at one end only."""

import asyncio
import socket
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from store.tasks import end

CHUNK = 8 * 1024
BUFFER = 32 * 1024
NO_LINGER = struct.pack("ii", 1, 0)
"""SO_LINGER of no seconds: closing sends RST in place of FIN (socket(7))."""


def _open_gate() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate


@dataclass(eq=False)
class _Carried:
    """One connection: the writers towards who called and who was called, and whether anything passes."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter
    up: asyncio.Event = field(default_factory=_open_gate)
    down: asyncio.Event = field(default_factory=_open_gate)

    def stall(self, *, up: bool = True, down: bool = True) -> None:
        for gate, is_shut in ((self.up, up), (self.down, down)):
            if is_shut:
                gate.clear()


class TroubledLine:
    """Carries TCP to a port, as well or as badly as it is told to; trouble is of what it carries now."""

    def __init__(self, port: int) -> None:
        self.port = 0
        self.opened = 0
        self.carried_bytes = 0
        self.rate: float | None = None
        self.is_answering = True
        self._target = port
        self._carried: set[_Carried] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def standing(self) -> int:
        """How many connections there are, whether or not anything passes."""
        return len(self._carried)

    def stall(self, *, up: bool = True, down: bool = True) -> None:
        """Carry nothing more in these directions, not even the end of a connection: nobody is told."""
        for each in self._carried:
            each.stall(up=up, down=down)

    def flow(self) -> None:
        """Carry again what was held up."""
        for each in self._carried:
            each.up.set()
            each.down.set()

    def reset(self) -> None:
        """Cut with RST, at both ends."""
        for each in set(self._carried):
            _reset(each.near)
            _reset(each.far)

    def close(self) -> None:
        """Cut with FIN, at both ends."""
        for each in set(self._carried):
            each.near.close()
            each.far.close()

    def lose_far(self) -> None:
        """Cut at the end that was called; who called is told nothing: half-open."""
        for each in self._carried:
            each.stall()
            _reset(each.far)

    def lose_near(self) -> None:
        """Cut at the end that called; who was called is told nothing."""
        for each in self._carried:
            each.stall()
            _reset(each.near)

    async def join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection to its end."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.opened += 1
        try:
            if not self.is_answering:
                await asyncio.Event().wait()
            with suppress(OSError):  # nobody listens there
                await self._carry_both(reader, writer)
        finally:
            writer.transport.abort()
            self._tasks.discard(task)

    async def _carry_both(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target, limit=BUFFER)
        carried = _Carried(writer, far_writer)
        self._carried.add(carried)
        try:
            await asyncio.gather(
                self._carry(reader, far_writer, carried.up, is_slow=False),
                self._carry(far_reader, writer, carried.down, is_slow=True),
            )
        finally:
            self._carried.discard(carried)
            far_writer.transport.abort()

    async def _carry(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        gate: asyncio.Event,
        *,
        is_slow: bool,
    ) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(CHUNK):
                await gate.wait()
                self.carried_bytes += len(data)
                writer.write(data)
                await writer.drain()
                if is_slow and self.rate is not None:
                    await asyncio.sleep(len(data) / self.rate)
        await gate.wait()
        writer.close()

    async def ended(self) -> None:
        """End what still stands."""
        await end(set(self._tasks))


def _reset(writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):  # it is gone already
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
    writer.transport.abort()


@asynccontextmanager
async def troubled_line(port: int) -> AsyncGenerator[TroubledLine]:
    """A line to a port, in good order at first."""
    line = TroubledLine(port)
    async with await asyncio.start_server(line.join, "127.0.0.1", 0, limit=BUFFER) as server:
        line.port = server.sockets[0].getsockname()[1]
        yield line
        # One that came as the test ended is ended, too.
        await line.ended()
