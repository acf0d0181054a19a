"""The reference for latency: a bare WebSocket echo.

`python -m bench.echo serve PORT`, and `python -m bench.echo ask PORT SIZE REQUESTS RATE`. The server is
uvicorn with the protocol of our relay, the client aiohttp like our connector; nothing else is between them.
Messages go on an open-loop schedule, as the events do that they stand beside.
"""

import asyncio
import json
import selectors
import subprocess
import sys
import time
from typing import Final

import aiohttp
import uvicorn
from starlette.types import Receive, Scope, Send

from bench.errors import BenchError
from bench.figures import percentile_ms
from bench.outcome import NS_PER_S
from bench.waiting import HOST

_LEAD_NS: Final = 50_000_000
_STAMP_BYTES: Final = 8


def ask(port: int, size: int, requests: int, rate: int) -> dict[str, float]:
    """Ask an echo server from a process of its own: p50_ms and p99_ms of the way there and back.

    Raises:
        BenchError: the client failed.
    """
    numbers = [str(number) for number in (port, size, requests, rate)]
    done = subprocess.run(  # noqa: S603 - our own module
        (sys.executable, "-m", "bench.echo", "ask", *numbers), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise BenchError(f"The echo client failed: {done.stderr.strip()}")
    return json.loads(done.stdout)


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Send back what comes."""
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "bytes": message["bytes"]})


def _serve(port: int) -> None:
    uvicorn.run(
        echo,
        host=HOST,
        port=port,
        loop="uvloop",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
    )


async def _ask(port: int, size: int, requests: int, rate: int) -> list[int]:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"http://{HOST}:{port}/") as socket,
        asyncio.TaskGroup() as tasks,
    ):
        listening = tasks.create_task(_listen(socket, requests))
        await _send(socket, size, requests, rate)
        return await listening


async def _send(socket: aiohttp.ClientWebSocketResponse, size: int, requests: int, rate: int) -> None:
    began = time.monotonic_ns() + _LEAD_NS
    padding = bytes(size - _STAMP_BYTES)
    for number in range(requests):
        due = began + number * NS_PER_S // rate
        wait = due - time.monotonic_ns()
        if wait > 0:
            await asyncio.sleep(wait / NS_PER_S)
        await socket.send_bytes(due.to_bytes(_STAMP_BYTES) + padding)


async def _listen(socket: aiohttp.ClientWebSocketResponse, requests: int) -> list[int]:
    seen: list[int] = []
    for _ in range(requests):
        content = await socket.receive_bytes()
        seen.append(time.monotonic_ns() - int.from_bytes(content[:_STAMP_BYTES]))
    return seen


def _client(port: int, size: int, requests: int, rate: int) -> None:
    # select(2) waits with microseconds, epoll with milliseconds.
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())) as runner:
        seen = runner.run(_ask(port, size, requests, rate))
    json.dump({"p50_ms": percentile_ms(seen, 50), "p99_ms": percentile_ms(seen, 99)}, sys.stdout)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        _serve(int(sys.argv[2]))
    else:
        _client(*(int(number) for number in sys.argv[2:6]))
