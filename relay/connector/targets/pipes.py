"""Pipes to and from a child, of our own: asyncio's would have it wait for whoever else holds them."""

import asyncio
import os
from collections.abc import Callable
from typing import Final, cast

_LAST_WORDS_S: Final = 1.0


class Pipes:
    """What a child reads, and what it prints.

    Attributes:
        stdin: the child's end of its standard input.
        stdout: the child's end of its standard output and standard error.
    """

    def __init__(self, take: Callable[[bytes], None]) -> None:
        """Two pipes; no other child inherits them.

        Args:
            take: gets what the child prints, as it comes; must not fail.
        """
        self.stdin, feeding = os.pipe()
        reading, self.stdout = os.pipe()
        self._childs = [self.stdin, self.stdout]
        self._ours = (os.fdopen(feeding, "wb", 0), os.fdopen(reading, "rb", 0))
        self._feeder = _Feeder()
        self._reader = _Reader(take)

    async def connect(self) -> None:
        """Bring our ends into the loop."""
        loop = asyncio.get_running_loop()
        feeding, reading = self._ours
        await loop.connect_write_pipe(lambda: self._feeder, feeding)
        await loop.connect_read_pipe(lambda: self._reader, reading)

    def hand_over(self) -> None:
        """The child has its ends now, or never will."""
        while self._childs:
            os.close(self._childs.pop())

    def feed(self, content: bytes) -> None:
        """Write all of it, as fast as it is read, then the end; the child need not want it."""
        self._feeder.feed(content)

    async def last_words(self) -> None:
        """Wait for what was printed last, a moment: something that got away may hold the pipe open."""
        await asyncio.wait({self._reader.ended}, timeout=_LAST_WORDS_S)

    async def close(self) -> None:
        """Nothing more is written or read."""
        self.hand_over()
        await self._feeder.end()
        await self._reader.end()
        for end in self._ours:
            end.close()


class _End(asyncio.Protocol):
    """One of our ends in the loop."""

    def __init__(self) -> None:
        self.transport: asyncio.BaseTransport | None = None
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        del exc  # the child has closed its end
        self.ended.set_result(None)

    async def end(self) -> None:
        if self.transport is None:
            return
        if not self.ended.done():
            self.hang_up(self.transport)
        await self.ended

    def hang_up(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


class _Feeder(_End):
    def feed(self, content: bytes) -> None:
        if self.transport is not None and not self.ended.done():
            writing = cast("asyncio.WriteTransport", self.transport)
            writing.write(content)
            writing.close()

    def hang_up(self, transport: asyncio.BaseTransport) -> None:
        # What the child has not read it never will.
        cast("asyncio.WriteTransport", transport).abort()


class _Reader(_End):
    def __init__(self, take: Callable[[bytes], None]) -> None:
        super().__init__()
        self._take = take

    def data_received(self, data: bytes) -> None:
        self._take(data)
