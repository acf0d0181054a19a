"""Serving the ingress: uvicorn with bounds on everything a stranger can send."""

import threading

import uvicorn
from starlette.types import Receive, Scope, Send

from ingress import answers
from ingress.app import create_app
from ingress.context import IngressContext
from ingress.protocol import Bounds, bounded
from store.stopping import PATIENCE, Patience, StoppingServer

_BACKLOG = 2048
_KEEP_ALIVE_S = 30


async def busy(_scope: Scope, _receive: Receive, send: Send) -> None:
    """The answer to a sender that finds too many others here."""
    await answers.unavailable(1, "busy").send(send)


def server(
    context: IngressContext, host: str, port: int, bounds: Bounds, patience: Patience = PATIENCE
) -> uvicorn.Server:
    """A server, ready to run.

    Args:
        context: what the ingress is given.
        host: address to listen on.
        port: TCP port to listen on.
        bounds: what a connection may cost us.
        patience: how long a stop may take.
    """
    stopping = threading.Event()
    config = uvicorn.Config(
        create_app(context, stopping.is_set),
        host=host,
        port=port,
        loop="uvloop",
        http=bounded(bounds),
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
    )
    return StoppingServer(config, patience, stopping.set, "ingress")
