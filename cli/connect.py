"""`fleet connect`: brings the events of subscriptions to programs on this machine."""

import asyncio
import os
import signal
import socket
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer
import uvloop

from cli.answers import complain
from cli.client import access_token, logged_in
from cli.collector import collect_rarely
from cli.metrics import readiness
from cli.metrics.monitored import monitored, new_book
from cli.metrics.of_connector import ConnectorMeters
from cli.options import AsJson, Insecure, examples
from cli.surroundings import clock_ms, dice
from cli.targets import startable, tunnels
from cli.targets.arguments import ProgramOptions, wishes
from cli.targets.making import Verifications, target_of, verifications
from cli.targets.wish import Wish
from cli.telling.lines import Lines
from cli.telling.people import People
from cli.telling.programs import Programs
from cli.vault import open_vault
from config import logging as logs
from config.settings import load
from domain.subscription import MAX_TIMEOUT_S
from domain.version import VERSION
from relay.connector.connector import DEFAULT_CONCURRENCY, Connector, ConnectorConfig
from relay.connector.observer import Observer
from relay.connector.targets.http import new_session
from relay.connector.trust import trusting

MAX_CONCURRENCY: Final = 1024
EPILOG: Final = examples(
    "fleet connect app=http://127.0.0.1:3000/hooks",
    "fleet connect ci=http://127.0.0.1:8000/ audit=http://127.0.0.1:9000/ --concurrency 4",
    "fleet connect",
    "fleet connect ci --exec -- ./build.sh --fast",
    "fleet connect review --agent --prompt-file review.md --timeout 1800 -- claude -p",
)


def connect(  # noqa: PLR0913 - each is an option of the command
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME=URL | NAME]...",
            help="Name of a subscription, and where its events go; or a name in fleet.toml. Without any: all"
            " that is in fleet.toml.",
        ),
    ] = None,
    *,
    file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Read targets from this file.", show_default="fleet.toml"),
    ] = None,
    as_exec: Annotated[
        bool,
        typer.Option(
            "--exec", help="Run the program behind -- for each event, with the body on standard input."
        ),
    ] = False,
    as_agent: Annotated[
        bool, typer.Option("--agent", help="Run it with a prompt on standard input instead.")
    ] = False,
    prompt_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The template of the prompt of --agent.")
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            min=1,
            max=MAX_TIMEOUT_S,
            metavar="SECONDS",
            help="How long the program of --exec or --agent may run.",
        ),
    ] = None,
    allow_unverified: Annotated[
        bool, typer.Option("--allow-unverified", help="Run it for events that nobody has verified, too.")
    ] = False,
    concurrency: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=MAX_CONCURRENCY,
            metavar="N",
            help="Events brought to URLs at a time, or runs of the program of --exec or --agent.",
            show_default=f"{DEFAULT_CONCURRENCY}, and 1 for a program",
        ),
    ] = None,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Open a tunnel to the relay and bring events to local programs, until Ctrl-C.

    A server answers 2xx when it has the event and 410 when it never wants it; anything else is tried
    again later. A program that is run ends with 0 when it has it, and with 75 to be run again.
    The connection goes outward only: nothing has to be opened on this side.
    """
    options = ProgramOptions(as_exec, as_agent, prompt_file, timeout, concurrency or 1, allow_unverified)
    wanted = wishes(targets or [], file, options, os.environ)
    settings = logged_in(load(os.environ))
    config = ConnectorConfig(
        settings.api_url,
        access_token(settings, insecure=insecure),
        concurrency or DEFAULT_CONCURRENCY,
        insecure,
        tls=trusting(settings.ca_file),
        name=socket.gethostname(),
        version=VERSION,
    )
    verified = verifications(wanted, partial(open_vault, settings))
    complain(*startable.warnings(wanted))
    logs.configure(settings)
    collect_rarely()
    book = new_book("connector")
    meters = ConnectorMeters(book, _observer(as_json=as_json))
    # Beside `fleet up`, with the same settings, the ports of its processes are taken.
    with monitored(settings, book, readiness.of_connector(meters)):
        uvloop.run(_connect(config, wanted, verified, meters))


def _observer(*, as_json: bool) -> Observer:
    return Programs(Lines(), clock_ms) if as_json else People(Lines(), clock_ms)


async def _connect(
    config: ConnectorConfig, wanted: list[Wish], verified: Verifications, observer: Observer
) -> None:
    groups = tunnels.grouped(wanted, config.concurrency)
    together = tunnels.Together(observer, len(groups))
    async with AsyncExitStack() as stack:
        connectors = list[Connector]()
        for number, (concurrency, group) in enumerate(groups):
            session = await stack.enter_async_context(new_session(concurrency))
            targets = {
                each.name: target_of(each, session, observer, verified.get(each.name)) for each in group
            }
            own = replace(config, concurrency=concurrency)
            connectors.append(Connector(own, targets, together.one(number), clock_ms, dice, os.urandom))
        stopping = tunnels.Stopping(connectors, observer)
        for each in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(each, stopping.stop)
        await tunnels.run(connectors)
