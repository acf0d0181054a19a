"""`fleet mcp`: tools for agents on this machine, over standard input and output."""

import asyncio
import contextlib
import os
import signal
import sys
from typing import Final

from cli.called import as_called
from cli.client import AwayError, control_api
from cli.local_desk import LocalDesk
from cli.options import Insecure, examples
from cli.vault.opening import MAY_ASK
from config import logging as logs
from config.settings import load
from domain.errors import FleetError

EPILOG: Final = examples("claude mcp add fleet -- fleet mcp", "codex mcp add fleet -- fleet mcp")


def mcp(*, insecure: Insecure = False) -> None:
    """Serve tools for an agent: create webhooks, wait for events, see what became of them.

    It speaks the Model Context Protocol on standard input and output, and is started by the agent's client.
    Signing secrets go to the vault of this machine, never to the agent. docs/agents.md has configurations.
    """
    # Nobody sits at the other end of standard input, and the terminal belongs to somebody else.
    mark = MAY_ASK.set(False)
    try:
        _begin(insecure=insecure)
    finally:
        MAY_ASK.reset(mark)


def _begin(*, insecure: bool) -> None:
    settings = load(os.environ)
    logs.configure(settings)
    api = control_api(settings, insecure=insecure)
    # A wrong token is said now, where the client's user looks; a relay that is away may yet come.
    with contextlib.suppress(AwayError):
        api.ask("GET", "gateway")
    if sys.stdin.isatty():
        raise FleetError(
            "'fleet mcp' is started by an agent's client and speaks to it, not to people. Give your client"
            " this command, as in 'claude mcp add fleet -- fleet mcp'; docs/agents.md shows it for others."
        )
    # A thread of ours waits for standard input, and would keep the process after an orderly end.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    asyncio.run(_serve(LocalDesk(settings, api)))


async def _serve(desk: LocalDesk) -> None:
    # It takes half a second to import, which no other command is to wait for.
    from mcp.server.stdio import stdio_server  # noqa: PLC0415

    from relay.mcp.server import mcp_server  # noqa: PLC0415

    server = mcp_server(lambda _: desk, lambda _, __: None, as_called)
    async with stdio_server() as (received, sent):
        await server.run(received, sent, server.create_initialization_options())
