"""`fleet connect` as a process of its own."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fleet_process import fleet_process
from tests.waiting import WAIT_S


@dataclass
class Command:
    """A running `fleet connect`."""

    process: asyncio.subprocess.Process

    async def line(self) -> str:
        assert self.process.stdout is not None
        raw = await asyncio.wait_for(self.process.stdout.readline(), WAIT_S)
        return raw.decode().rstrip("\n")

    async def fact(self, what: str) -> dict[str, Any]:
        """The next JSON line of that kind."""
        while (said := json.loads(await self.line()))["what"] != what:
            pass
        return said

    async def ended(self) -> tuple[int, str]:
        """Exit code and standard error."""
        assert self.process.stderr is not None
        errors = await asyncio.wait_for(self.process.stderr.read(), WAIT_S)
        return await self.process.wait(), errors.decode()


@asynccontextmanager
async def connecting(
    port: int, token: str, folder: Path, *arguments: str, **environment: str
) -> AsyncIterator[Command]:
    environ = {
        "PATH": os.environ["PATH"],
        "FLEET_STATE_DIR": str(folder),
        "FLEET_API_URL": f"http://127.0.0.1:{port}",
        "FLEET_TOKEN": token,
        **environment,
    }
    async with fleet_process(environ, "connect", *arguments) as process:
        yield Command(process)
