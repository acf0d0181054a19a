"""A door at work: its server runs, with TLS when it has a certificate."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Any, Final

import uvicorn
import uvloop

from cli.certificate import Pair
from cli.open_files import allow_many
from cli.renewal import Renewal
from cli.surroundings import clock_ms
from store.tasks import end

_GOODBYE_S: Final = 5.0


class _BoundedLoop(uvloop.Loop):
    """Bounds the time of TLS handshakes and farewells, for which uvicorn has no settings (60 s and 30 s)."""

    handshake_s: float

    async def create_server(self, *args: Any, **options: Any) -> asyncio.AbstractServer:  # noqa: ANN401 - whatever it takes
        """A server as the event loop makes it, with our bounds."""
        bounds = {"ssl_handshake_timeout": self.handshake_s, "ssl_shutdown_timeout": _GOODBYE_S}
        return await super().create_server(*args, **options, **bounds)


def run(server: uvicorn.Server, pair: Pair | None, handshake_s: float) -> None:
    """Serve until told to stop.

    Args:
        server: ready to run.
        pair: certificate and key; with them it speaks TLS only. None: plain HTTP.
        handshake_s: seconds that a TLS handshake may take.

    Raises:
        CertificateError: the certificate or its key cannot be used.
    """
    allow_many()
    if pair is None:
        server.run()
        return
    renewal = Renewal(pair, clock_ms)
    with asyncio.Runner(loop_factory=lambda: _bounded_loop(handshake_s)) as runner:
        runner.run(_serve(server, renewal))


def secure(server: uvicorn.Server, renewal: Renewal) -> None:
    """Let a server that has not started speak TLS only."""

    def context(_config: uvicorn.Config, _default: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
        return renewal.context

    server.config.ssl_context_factory = context


def _bounded_loop(handshake_s: float) -> _BoundedLoop:
    loop = _BoundedLoop()
    loop.handshake_s = handshake_s
    return loop


async def _serve(server: uvicorn.Server, renewal: Renewal) -> None:
    secure(server, renewal)
    watching = asyncio.create_task(renewal.watch())
    try:
        await server.serve()
    finally:
        await end([watching])
