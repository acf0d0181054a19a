"""Serving the relay: uvicorn with bounds on everything that the other end can do."""

from typing import Final

import uvicorn

from relay.server.app import create_app
from relay.server.context import RelayContext
from relay.server.moving import MovingServer
from relay.server.protocol import HEAD_LIMIT_BYTES, DoorProtocol, TunnelProtocol
from relay.server.switchboard import Switchboard
from relay.tunnel.messages import MAX_TEXT_BYTES
from store.stopping import PATIENCE, Patience

_CONNECTIONS: Final = 10_000
_BACKLOG: Final = 1024


def server(context: RelayContext, host: str, port: int, patience: Patience = PATIENCE) -> uvicorn.Server:
    """A server, ready to run. Its `run` chooses the fastest event loop there is.

    Args:
        context: what the relay is given.
        host: address to listen on.
        port: TCP port to listen on.
        patience: how long a stop may take.
    """
    switchboard = Switchboard()
    config = uvicorn.Config(
        create_app(context, switchboard),
        host=host,
        port=port,
        http=DoorProtocol,
        h11_max_incomplete_event_size=HEAD_LIMIT_BYTES,
        ws=TunnelProtocol,
        ws_max_size=MAX_TEXT_BYTES,
        # Deflate costs memory per tunnel and gains nothing on what is mostly signed and small.
        ws_per_message_deflate=False,
        # The tunnel protocol has its own heartbeat.
        ws_ping_interval=None,
        lifespan="on",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        log_level="warning",
        limit_concurrency=_CONNECTIONS,
        backlog=_BACKLOG,
    )
    return MovingServer(config, patience, switchboard, context.dice)
