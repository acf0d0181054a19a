"""An agent: the official client of the Model Context Protocol, and every byte that passes between the two."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

ROOT = Path(__file__).parent.parent
TIMEOUT_S = 60
MODES = ["legacy", "auto"]
"""Clients of the protocol's older revisions, and of the newest."""

# Between the client and the real process: what goes in and what comes out, byte for byte, in files.
_RECORDER = """
import subprocess, sys, threading
went, came = (open(name, "ab", buffering=0) for name in sys.argv[1:3])
process = subprocess.Popen(sys.argv[3:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
def carry(source, record, target):
    while data := source.read1(65536) if hasattr(source, "read1") else source.read(65536):
        record.write(data)
        try:
            target.write(data)
            target.flush()
        except OSError:
            break
    try:
        target.close()
    except OSError:
        pass
threading.Thread(target=carry, args=(sys.stdin.buffer, went, process.stdin), daemon=True).start()
carry(process.stdout, came, sys.stdout.buffer)
sys.exit(process.wait())
"""


@dataclass
class Transcript:
    """What has passed, in both directions."""

    chunks: list[bytes] = field(default_factory=list)
    files: tuple[Path, ...] = ()

    def all(self) -> bytes:
        return b"".join([*self.chunks, *(file.read_bytes() for file in self.files if file.exists())])


@dataclass
class Agent:
    """A client that is connected."""

    client: Client
    transcript: Transcript

    async def call(self, tool: str, /, **arguments: Any) -> Any:
        """The structured content of an answer; the test fails when it is a refusal."""
        result = await self.client.call_tool(tool, arguments)
        assert not result.is_error, result.content
        assert result.structured_content is not None
        return result.structured_content

    async def text(self, tool: str, /, **arguments: Any) -> str:
        """The text of an answer."""
        result = await self.client.call_tool(tool, arguments)
        assert not result.is_error, result.content
        return "\n".join(part.text for part in result.content)

    async def refused(self, tool: str, /, **arguments: Any) -> str:
        """The sentence of a refusal."""
        result = await self.client.call_tool(tool, arguments)
        assert result.is_error, result.content
        return "\n".join(part.text for part in result.content)


@asynccontextmanager
async def over_http(url: str, token: str, mode: str = "auto") -> AsyncGenerator[Agent]:
    """An agent at the relay's /mcp; every byte goes through a way that keeps a copy."""
    transcript = Transcript()
    host, _, port = url.removeprefix("http://").partition(":")
    async with _recorded(host, int(port), transcript) as way:
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=TIMEOUT_S) as http,
            Client(
                streamable_http_client(f"http://127.0.0.1:{way}/mcp", http_client=http),
                mode=mode,
                read_timeout_seconds=TIMEOUT_S,
            ) as client,
        ):
            await client.list_tools()
            yield Agent(client, transcript)


@asynccontextmanager
async def over_stdio(folder: Path, environ: Mapping[str, str], mode: str = "auto") -> AsyncGenerator[Agent]:
    """An agent that has started `fleet mcp` as a process of its own; its log is in the folder, too."""
    files = folder / "went", folder / "came"
    command = [sys.executable, "-m", "cli", "mcp"]
    parameters = StdioServerParameters(
        command=sys.executable,
        args=["-c", _RECORDER, *map(str, files), *command],
        env={"PATH": os.environ["PATH"], **environ},
        cwd=ROOT,
    )
    with (folder / "log").open("w") as log:
        transport = stdio_client(parameters, errlog=log)
        async with Client(transport, mode=mode, read_timeout_seconds=TIMEOUT_S) as client:
            await client.list_tools()
            yield Agent(client, Transcript(files=(*files, folder / "log")))


@asynccontextmanager
async def _recorded(host: str, port: int, transcript: Transcript) -> AsyncGenerator[int]:
    joined: set[asyncio.Task[None]] = set()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                transcript.chunks.append(data)
                writer.write(data)
                await writer.drain()
        writer.close()

    async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(host, port)
        for each in (carry(reader, far_writer), carry(far_reader, writer)):
            task = asyncio.create_task(each)
            joined.add(task)
            task.add_done_callback(joined.discard)

    way = await asyncio.start_server(join, "127.0.0.1", 0)
    try:
        yield way.sockets[0].getsockname()[1]
    finally:
        way.close()
        if joined:
            await asyncio.wait(joined, timeout=TIMEOUT_S)
