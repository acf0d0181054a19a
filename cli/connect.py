"""`fleet connect`: brings the events of subscriptions to programs on this machine."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from typing import Annotated, Final

import typer
import uvloop

from cli.answers import printable
from cli.client import access_token, logged_in
from cli.collector import collect_rarely
from cli.metrics import readiness
from cli.metrics.monitored import monitored, new_book
from cli.metrics.of_connector import ConnectorMeters
from cli.options import AsJson, Insecure, examples
from cli.surroundings import clock_ms, dice
from config import logging as logs
from config.settings import load
from domain.delivery import Outcome
from domain.errors import InvalidInputError
from domain.version import VERSION
from relay.connector.connector import DEFAULT_CONCURRENCY, Connector, ConnectorConfig
from relay.connector.http_target import HttpTarget, new_session
from relay.connector.observer import Observer
from relay.connector.outgoing import target_url
from relay.connector.target import Answer, Arrival
from relay.connector.trust import trusting
from relay.tunnel.messages import Welcome

MAX_CONCURRENCY: Final = 1024
EPILOG: Final = examples(
    "fleet connect app=http://127.0.0.1:3000/hooks",
    "fleet connect ci=http://127.0.0.1:8000/ audit=http://127.0.0.1:9000/ --concurrency 4",
)


class People(Observer):
    """Tells people: a line for each event, and loudly when the tunnel is down and when it is back."""

    def on_connected(self, welcome: Welcome) -> None:
        """The tunnel is open."""
        names = ", ".join(served.name for served in welcome.subscriptions)
        self._say(f"CONNECTED     events of {names} arrive here now. Ctrl-C stops.")

    def on_disconnected(self, reason: str, next_try_s: float) -> None:
        """There is no tunnel."""
        self._say(f"DISCONNECTED  {reason} Trying again in {next_try_s:.1f} s; nothing is lost meanwhile.")

    def on_moved(self, reason: str, next_try_s: float) -> None:
        """The relay asked to connect again."""
        self._say(
            f"MOVING        The relay asks to move: {reason} That begins in {next_try_s:.1f} s;"
            " what is under way goes on."
        )

    def on_delivery(self, arrival: Arrival, answer: Answer, duration_ms: float) -> None:
        """An attempt has ended."""
        mark = {Outcome.DELIVERED: "", Outcome.RETRY: "  failed", Outcome.REFUSED: "  refused"}
        verified = "" if arrival.scheme else "  UNVERIFIED"
        again = f"  attempt {arrival.attempt}" if arrival.attempt > 1 else ""
        self._say(
            f"{arrival.webhook}  {arrival.event_type or '-'}  -> {arrival.subscription}"
            f"  {answer.note}  {duration_ms:.0f} ms{verified}{again}{mark[answer.outcome]}"
        )

    def _say(self, sentence: str) -> None:
        _print(f"{time.strftime('%H:%M:%S')}  {printable(sentence)}")


class Programs(Observer):
    """Tells programs: a JSON document on each line."""

    def on_connected(self, welcome: Welcome) -> None:
        """The tunnel is open."""
        self._say({"what": "connected", "subscriptions": [served.name for served in welcome.subscriptions]})

    def on_disconnected(self, reason: str, next_try_s: float) -> None:
        """There is no tunnel."""
        self._say({"what": "disconnected", "reason": reason, "next_try_s": round(next_try_s, 3)})

    def on_moved(self, reason: str, next_try_s: float) -> None:
        """The relay asked to connect again."""
        self._say({"what": "moved", "reason": reason, "next_try_s": round(next_try_s, 3)})

    def on_delivery(self, arrival: Arrival, answer: Answer, duration_ms: float) -> None:
        """An attempt has ended."""
        self._say(
            {
                "what": "delivery",
                "event": arrival.event,
                "delivery": arrival.delivery,
                "attempt": arrival.attempt,
                "webhook": arrival.webhook,
                "subscription": arrival.subscription,
                "type": arrival.event_type,
                "verified_by": arrival.scheme or None,
                "outcome": answer.outcome,
                "note": answer.note,
                "ms": round(duration_ms, 1),
            }
        )

    def _say(self, facts: Mapping[str, object]) -> None:
        _print(json.dumps({"at": clock_ms(), **facts}))


def _print(line: str) -> None:
    # Events go on to arrive although nobody reads along.
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


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
    meters = ConnectorMeters(book, Programs() if as_json else People())
    # Beside `fleet up`, with the same settings, the ports of its processes are taken.
    with monitored(settings, book, readiness.of_connector(meters)):
        uvloop.run(_connect(config, wanted, meters))


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
