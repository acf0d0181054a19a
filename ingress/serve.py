"""Serving the ingress: uvicorn with bounds on everything a stranger can send."""

import uvicorn
from starlette.types import Receive, Scope, Send

from ingress import answers
from ingress.app import create_app
from ingress.context import IngressContext
from ingress.protocol import bounded

_BACKLOG = 2048
_KEEP_ALIVE_S = 30
_GRACE_S = 10


async def _busy(_scope: Scope, _receive: Receive, send: Send) -> None:
    """The answer to a sender that finds too many others here."""
    await answers.unavailable(1).send(send)


def server(
    context: IngressContext,
    host: str,
    port: int,
    *,
    limit_concurrency: int,
    header_limit_bytes: int,
    header_timeout_s: float,
) -> uvicorn.Server:
    """A server, ready to run.

    Args:
        context: what the ingress is given.
        host: address to listen on.
        port: TCP port to listen on.
        limit_concurrency: connections at a time; more are answered 503.
        header_limit_bytes: of a request's head; more is answered 431.
        header_timeout_s: for a request's head; later is answered 408.
    """
    config = uvicorn.Config(
        create_app(context),
        host=host,
        port=port,
        loop="uvloop",
        http=bounded(header_limit_bytes, header_timeout_s, limit_concurrency, _busy),
        ws="none",
        lifespan="on",
        # Whom we believe about the client's address is our decision, not uvicorn's.
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        log_level="warning",
        backlog=_BACKLOG,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_GRACE_S,
    )
    return uvicorn.Server(config)
