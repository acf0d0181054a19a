"""`fleet listen` as a process: what it says, and how it ends."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fleet_process import fleet_process

WAIT_S = 20.0


@dataclass
class Listening:
    """A running `fleet listen`."""

    process: asyncio.subprocess.Process
    said: list[str] = field(default_factory=list)

    async def line(self) -> str:
        assert self.process.stdout is not None
        try:
            raw = await asyncio.wait_for(self.process.stdout.readline(), WAIT_S)
        except TimeoutError:
            raise AssertionError(f"nothing more than {self.said}") from None
        assert raw, await self.errors()
        self.said.append(raw.decode().rstrip("\n"))
        return self.said[-1]

    async def line_with(self, part: str) -> str:
        """The next line that has this in it."""
        while part not in (line := await self.line()):
            pass
        return line

    async def fact(self, what: str) -> dict[str, Any]:
        """The next JSON line of that kind."""
        while (said := json.loads(await self.line()))["what"] != what:
            pass
        return said

    async def errors(self) -> str:
        assert self.process.stderr is not None
        return (await asyncio.wait_for(self.process.stderr.read(), WAIT_S)).decode()

    async def interrupted(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str, str]:
        """Exit code, what it still said, and standard error, after a signal."""
        self.process.send_signal(number)
        out, errors = await asyncio.wait_for(self.process.communicate(), WAIT_S)
        assert self.process.returncode is not None
        return self.process.returncode, out.decode(), errors.decode()

    async def ended(self) -> tuple[int, str]:
        """Exit code and standard error."""
        _, errors = await asyncio.wait_for(self.process.communicate(), WAIT_S)
        assert self.process.returncode is not None
        return self.process.returncode, errors.decode()


def private_side(folder: Path, url: str, token: str) -> dict[str, str]:
    """The environment of somebody at home who has an access token, and a vault in a file."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "FLEET_STATE_DIR": str(folder / "state"),
        "FLEET_API_URL": url,
        "FLEET_TOKEN": token,
        "FLEET_VAULT": "file",
    }


@asynccontextmanager
async def listening(environ: Mapping[str, str], *arguments: str) -> AsyncIterator[Listening]:
    """A `fleet listen`; what is left of it at the end is killed."""
    async with fleet_process(environ, "listen", *arguments) as process:
        yield Listening(process)
