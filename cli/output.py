"""Where the lines go that services print: the terminal, behind the service's name, or a log file each."""

import contextlib
import os
from asyncio import StreamReader
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, Final, Protocol, TextIO

LONGEST_LINE_BYTES: Final = 65_536
_NAME_WIDTH: Final = 9


class Output(Protocol):
    """Takes lines; never fails, since a full disk or a closed pipe must not stop a service."""

    def write(self, name: str, line: str) -> None:
        """Takes one line, without its end, that the service `name` printed."""
        ...

    def close(self) -> None:
        """Nothing more will come."""
        ...


class Terminal:
    """Lines with their service's name in front."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, name: str, line: str) -> None:
        """Writes `NAME | LINE`."""
        with contextlib.suppress(OSError):
            self._stream.write(f"{name:<{_NAME_WIDTH}} | {line}\n")
            self._stream.flush()

    def close(self) -> None:
        """Leaves the stream to its owner."""


class LogFiles:
    """One file `NAME.log` per service; a full one becomes `NAME.log.1`, and the one before is dropped."""

    def __init__(self, folder: Path, limit_bytes: int = 10 * 1024 * 1024) -> None:
        self._folder = folder
        self._limit_bytes = limit_bytes
        self._files: dict[str, IO[bytes]] = {}

    def write(self, name: str, line: str) -> None:
        """Appends the line to the service's file."""
        with contextlib.suppress(OSError):
            file = self._file(name)
            file.write(line.encode(errors="replace") + b"\n")
            file.flush()

    def close(self) -> None:
        """Closes all files."""
        for file in self._files.values():
            with contextlib.suppress(OSError):
                file.close()
        self._files.clear()

    def _file(self, name: str) -> IO[bytes]:
        file = self._files.get(name) or self._open(name)
        if file.tell() >= self._limit_bytes:
            file.close()
            path = self._folder / f"{name}.log"
            path.replace(path.with_suffix(".log.1"))
            file = self._open(name)
        return file

    def _open(self, name: str) -> IO[bytes]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        file = os.fdopen(os.open(self._folder / f"{name}.log", flags, 0o600), "ab")
        self._files[name] = file
        return file


async def lines(stream: StreamReader) -> AsyncIterator[str]:
    """What a service prints, line by line; a line longer than 64 KiB comes in pieces."""
    rest = b""
    while chunk := await stream.read(LONGEST_LINE_BYTES):
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield _text(line)
        if len(rest) >= LONGEST_LINE_BYTES:
            yield _text(rest)
            rest = b""
    if rest:
        yield _text(rest)


def _text(line: bytes) -> str:
    return line.decode(errors="replace").rstrip("\r")
