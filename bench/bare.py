"""The reference for accepting: `python -m bench.bare PORT`.

A bare ASGI handler that reads the body and answers 202, on uvicorn set up exactly as our ingress but with
uvicorn's own protocol: what our bounds on heads cost is part of our cost.
"""

import os
import sys
import time
from typing import Final

from starlette.types import Receive, Scope, Send

from bench.waiting import HOST
from ingress.context import IngressContext
from ingress.protocol import Bounds
from ingress.serve import busy, server
from store.connect import AsyncStore
from store.events import BatchLimits
from store.sealing import KEY_BYTES, KEY_ID_BYTES, KeyRing, Sealer

_ANSWER: Final = b'{"id":"evt_00000000000000000000000"}'
_HEADERS: Final = [
    (b"content-type", b"application/json"),
    (b"content-length", str(len(_ANSWER)).encode()),
]


async def handler(scope: Scope, receive: Receive, send: Send) -> None:
    """Read the body, answer 202."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            break
    _ = b"".join(parts)
    await send({"type": "http.response.start", "status": 202, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _ANSWER})


async def _live(receive: Receive, send: Send) -> None:
    while True:
        stage = (await receive())["type"]
        await send({"type": f"{stage}.complete"})
        if stage == "lifespan.shutdown":
            return


def _main(port: int) -> None:
    nowhere = IngressContext(
        store=AsyncStore("redis://localhost"),
        sealer=Sealer(KeyRing({bytes(KEY_ID_BYTES): bytes(KEY_BYTES)}, bytes(KEY_ID_BYTES)), os.urandom),
        clock_ms=lambda: time.time_ns() // 1_000_000,
        entropy=os.urandom,
        limits=BatchLimits(1, 1, 1, 1, 1, 1, 1),
        public_url="",
        high_water=1,
    )
    serving = server(nowhere, HOST, port, Bounds(32_768, 10, 30, 2000, busy, 128 << 20))
    serving.config.app = handler
    serving.config.http = "httptools"
    serving.run()


if __name__ == "__main__":
    _main(int(sys.argv[1]))
