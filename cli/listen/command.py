"""`fleet listen`: the events of a webhook at a program on this machine, with nothing to set up."""

import os
import socket
from collections.abc import Callable
from typing import Annotated, Final, Literal

import typer
import uvloop

from cli.client import ControlApi, Json, access_token, logged_in
from cli.collector import collect_rarely
from cli.durations import unix_ms
from cli.listen import naming
from cli.listen.destination import Destination, destination, is_listening
from cli.listen.for_people import ForPeople
from cli.listen.for_programs import ForPrograms
from cli.listen.hooks import Hook, Keeper
from cli.listen.opening import LINGER_S, Opening, others_of
from cli.listen.session import Plan, Session
from cli.listen.subscribing import Subscribed, Wanted
from cli.listen.telling import Teller
from cli.metrics import readiness
from cli.metrics.monitored import monitored, new_book
from cli.metrics.of_connector import ConnectorMeters
from cli.options import AsJson, Insecure, examples
from cli.paging import every
from cli.surroundings import clock_ms
from cli.telling.lines import Lines
from cli.telling.people import People
from cli.telling.programs import Programs
from cli.vault import Vault, VaultError, open_vault
from config import logging as logs
from config.settings import Settings, load
from domain.errors import InvalidInputError
from domain.subscription import DEFAULT_TIMEOUT_S, MAX_TIMEOUT_S
from domain.version import VERSION
from relay.connector.connector import DEFAULT_CONCURRENCY, ConnectorConfig
from relay.connector.target import Arrival
from relay.connector.targets.http import HttpOptions
from relay.connector.trust import trusting

EPILOG: Final = examples(
    "fleet listen 3000",
    "fleet listen 3000 --sender stripe --path /webhooks/stripe",
    "fleet listen localhost:8000/hooks github shop --events 'push' --events 'order*'",
    "fleet listen https://localhost:8443 github --output json",
)
_PATIENCE_S: Final = 10.0
"""For each step of a question; who stops waits for those under way."""

Output = Literal["text", "json"]


def listen(  # noqa: PLR0913 - each is an option of the command
    where: Annotated[
        str,
        typer.Argument(
            metavar="PORT|URL", help="Where your program listens: 3000, or http://localhost:3000/hooks."
        ),
    ],
    webhooks: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="WEBHOOK",
            help="Names of webhooks. One that is missing is made, if it is called like a sender or there is a"
            " --sender. Without any, this machine has one of its own, which is used again each time.",
        ),
    ] = None,
    *,
    sender: Annotated[
        str | None,
        typer.Option(
            metavar="SENDER",
            help="Who will call, such as github or stripe: then what is not signed is rejected.",
        ),
    ] = None,
    path: Annotated[
        str | None, typer.Option(metavar="PATH", help="The path at your program, such as /hooks.")
    ] = None,
    events: Annotated[
        list[str] | None,
        typer.Option(metavar="GLOB", help="Only these event types, e.g. 'push'; repeat it for more."),
    ] = None,
    timeout: Annotated[
        int,
        typer.Option(
            metavar="SECONDS", min=1, max=MAX_TIMEOUT_S, help="How long your program may take for an event."
        ),
    ] = DEFAULT_TIMEOUT_S,
    keep: Annotated[
        bool, typer.Option("--keep", help="Let events wait when this ends, for the next --keep.")
    ] = False,
    skip_verify: Annotated[
        bool,
        typer.Option(
            "--skip-verify",
            help="Take any certificate of an https program on another machine. On this one, any is taken.",
        ),
    ] = False,
    output: Annotated[
        Output, typer.Option(help="What is printed: lines for people, or a JSON document on each line.")
    ] = "text",
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Bring the events of a webhook to a program on this machine, until Ctrl-C. Nothing has to be set up.

    It makes a webhook, or uses the one it made before, and prints its URL and where its secret is.
    A program answers 2xx when it has an event and 410 when it never wants it; anything else is tried again.
    A program that is not up yet is waited for.

    Two machines that listen to the same webhook both get every event.
    """
    to = _checked(where, path)
    settings = logged_in(load(os.environ))
    token = access_token(settings, insecure=insecure)
    api = ControlApi(
        settings.api_url, token, insecure=insecure, ca_file=settings.ca_file, timeout_s=_PATIENCE_S
    )
    machine = naming.machine_of(socket.gethostname())
    vault = _vault(settings)
    hooks = Keeper(api, vault, naming.webhook_name(machine, sender), where).hooks(webhooks or [], sender)
    wanted = Wanted(machine, [hook.name for hook in hooks], events or [], timeout, keep)
    teller = _teller(hooks, is_kept=keep, as_json=as_json or output == "json")
    options = HttpOptions(tls=not (to.is_here or skip_verify))
    subscribed = Subscribed(api, wanted)
    try:
        status = api.ask("GET", "status")
        teller.ready(_opening(api, hooks, to, subscribed, status, vault, is_checked=bool(options.tls)))
        plan = Plan(
            config=_config(settings, token, insecure=insecure),
            api=api,
            teller=teller,
            subscribed=subscribed,
            url=to.url,
            options=options,
            hooks=tuple(hook.view for hook in hooks),
            relay_clock_ms=_clock_of(status),
        )
        _run(settings, plan)
    finally:
        is_removed = subscribed.leave()
        teller.ended(subscribed.name, [hook.name for hook in hooks], is_kept=keep, is_removed=is_removed)


def _checked(where: str, path: str | None) -> Destination:
    try:
        return destination(where, path)
    except InvalidInputError as error:
        raise typer.BadParameter(str(error)) from None


def _vault(settings: Settings) -> Vault | VaultError:
    """The vault of this machine. Without one, secrets stay at the gateway, and listening goes on."""
    try:
        return open_vault(settings)
    except VaultError as error:
        return error


def _teller(hooks: list[Hook], *, is_kept: bool, as_json: bool) -> Teller:
    lines = Lines()
    if as_json:
        return ForPrograms(Programs(lines, clock_ms))
    route = _nothing if len(hooks) == 1 else _webhook
    promise = "nothing is lost meanwhile" if is_kept else f"events wait for {LINGER_S // 3600} h"
    return ForPeople(lines, People(lines, clock_ms, route, "events", promise))


def _nothing(_: Arrival) -> str:
    return ""


def _webhook(arrival: Arrival) -> str:
    return arrival.webhook


def _opening(
    api: ControlApi,
    hooks: list[Hook],
    to: Destination,
    subscribed: Subscribed,
    status: Json,
    vault: Vault | VaultError,
    *,
    is_checked: bool,
) -> Opening:
    names = [hook.name for hook in hooks]
    others = others_of(every(api, "subscriptions"), subscribed.name, names, status["tunnels"])
    return Opening(
        hooks=tuple(hooks),
        to=to,
        is_up=is_listening(to),
        is_checked=is_checked,
        subscription=subscribed.subscription,
        others=tuple(others),
        vault="" if isinstance(vault, VaultError) else vault.place,
    )


def _clock_of(status: Json) -> Callable[[], int]:
    """The clock of the relay, which need not be ours."""
    ahead_ms = unix_ms(status["now"]) - clock_ms()
    return lambda: clock_ms() + ahead_ms


def _config(settings: Settings, token: str, *, insecure: bool) -> ConnectorConfig:
    return ConnectorConfig(
        settings.api_url,
        token,
        DEFAULT_CONCURRENCY,
        insecure,
        tls=trusting(settings.ca_file),
        name=socket.gethostname(),
        version=VERSION,
    )


def _run(settings: Settings, plan: Plan) -> None:
    logs.configure(settings)
    collect_rarely()
    book = new_book("connector")
    meters = ConnectorMeters(book, plan.teller.observer)
    with monitored(settings, book, readiness.of_connector(meters)):
        uvloop.run(Session(plan, meters).run())
