"""`fleet connect`: brings the events of subscriptions to programs on this machine."""

import asyncio
import os
import signal
import socket
from collections.abc import Mapping
from typing import Annotated, Final

import typer
import uvloop

from cli.client import access_token, logged_in
from cli.collector import collect_rarely
from cli.metrics import readiness
from cli.metrics.monitored import monitored, new_book
from cli.metrics.of_connector import ConnectorMeters
from cli.options import AsJson, Insecure, examples
from cli.surroundings import clock_ms, dice
from cli.telling.lines import Lines
from cli.telling.people import People
from cli.telling.programs import Programs
from config import logging as logs
from config.settings import load
from domain.errors import InvalidInputError
from domain.version import VERSION
from relay.connector.connector import DEFAULT_CONCURRENCY, Connector, ConnectorConfig
from relay.connector.observer import Observer
from relay.connector.outgoing import target_url
from relay.connector.targets.http import HttpTarget, new_session
from relay.connector.trust import trusting

MAX_CONCURRENCY: Final = 1024
EPILOG: Final = examples(
    "fleet connect app=http://127.0.0.1:3000/hooks",
    "fleet connect ci=http://127.0.0.1:8000/ audit=http://127.0.0.1:9000/ --concurrency 4",
)


def connect(
    targets: Annotated[
        list[str],
        typer.Argument(metavar="NAME=URL...", help="Name of a subscription, and where its events go."),
    ],
    *,
    concurrency: Annotated[
        int,
        typer.Option(min=1, max=MAX_CONCURRENCY, metavar="N", help="Events brought to targets at a time."),
    ] = DEFAULT_CONCURRENCY,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Open a tunnel to the relay and bring events to local programs, until Ctrl-C.

    A program answers 2xx when it has the event and 410 when it never wants it; anything else is tried
    again later. The connection goes outward only: nothing has to be opened on this side.
    """
    wanted = dict(_target(each) for each in targets)
    if len(wanted) < len(targets):
        raise typer.BadParameter("A subscription is named twice; give it one URL.")
    settings = logged_in(load(os.environ))
    config = ConnectorConfig(
        settings.api_url,
        access_token(settings, insecure=insecure),
        concurrency,
        insecure,
        tls=trusting(settings.ca_file),
        name=socket.gethostname(),
        version=VERSION,
    )
    logs.configure(settings)
    collect_rarely()
    book = new_book("connector")
    meters = ConnectorMeters(book, _observer(as_json=as_json))
    # Beside `fleet up`, with the same settings, the ports of its processes are taken.
    with monitored(settings, book, readiness.of_connector(meters)):
        uvloop.run(_connect(config, wanted, meters))


def _observer(*, as_json: bool) -> Observer:
    return Programs(Lines(), clock_ms) if as_json else People(Lines(), clock_ms)


def _target(text: str) -> tuple[str, str]:
    name, equals, url = text.partition("=")
    if not (name and equals and url):
        raise typer.BadParameter(f"{text!r} is no target; write NAME=URL, e.g. app=http://127.0.0.1:3000/.")
    try:
        target_url(url)
    except InvalidInputError as error:
        raise typer.BadParameter(str(error)) from None
    return name, url


async def _connect(config: ConnectorConfig, wanted: Mapping[str, str], observer: Observer) -> None:
    async with new_session(config.concurrency) as session:
        targets = {name: HttpTarget(session, url, clock_ms) for name, url in wanted.items()}
        connector = Connector(config, targets, observer, clock_ms, dice, os.urandom)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, connector.stop)
        await connector.run()
