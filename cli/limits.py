"""`fleet gateways limits`: what a gateway may have on this server, and what it has."""

import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Final

import typer

from cli.answers import say, say_json, say_table
from cli.gateways import no_gateway, run
from cli.options import AsJson, examples
from cli.surroundings import gateway_limits
from config.settings import Settings, load
from domain.limits import LIMIT_NAMES
from store import limits as stored
from store.limits import Account

EPILOG: Final = examples(
    "fleet gateways limits laptop",
    "fleet gateways limits laptop --stored-mib 1024 --queue-share 0.8",
    "fleet gateways limits laptop --defaults",
)

_MEANINGS: Final = {
    "webhooks": "webhooks",
    "subscriptions": "subscriptions",
    "repos": "Git repos",
    "stored_events": "events whose request is kept",
    "stored_mib": "MiB of kept requests",
    "deliveries": "deliveries in flight",
    "queue_share": "share of the queue",
}


def limits(  # noqa: PLR0913 - the options of a command
    wanted: Annotated[str, typer.Argument(metavar="NAME", help="Name or Gateway ID.")],
    *,
    webhooks: Annotated[int | None, typer.Option(metavar="N", min=0, help="Webhooks.")] = None,
    subscriptions: Annotated[int | None, typer.Option(metavar="N", min=0, help="Subscriptions.")] = None,
    repos: Annotated[int | None, typer.Option(metavar="N", min=0, help="Git repos.")] = None,
    stored_events: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Events whose sealed request is kept.")
    ] = None,
    stored_mib: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="MiB of sealed requests that are kept.")
    ] = None,
    deliveries: Annotated[int | None, typer.Option(metavar="N", min=0, help="Deliveries in flight.")] = None,
    queue_share: Annotated[
        float | None, typer.Option(metavar="X", min=0, max=1, help="Share of FLEET_QUEUE_LIMIT.")
    ] = None,
    defaults: Annotated[
        bool, typer.Option("--defaults", help="First take back every limit of its own.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a gateway may have and has; give it limits of its own.

    What is there stays, also when a limit is set below it; more is refused.
    """
    wishes = (webhooks, subscriptions, repos, stored_events, stored_mib, deliveries, queue_share)
    changes = dict.fromkeys(LIMIT_NAMES, "") if defaults else {}
    changes |= {
        name: f"{wish:.10g}" for name, wish in zip(LIMIT_NAMES, wishes, strict=True) if wish is not None
    }
    settings = load(os.environ)
    account = run(settings, stored.change(wanted, changes))
    if account is None:
        raise no_gateway(wanted)
    facts = account_facts(account, settings)
    if as_json:
        say_json({"id": account.gateway.id, "name": account.gateway.name, **facts})
    else:
        _tell(account, facts)


def account_facts(account: Account, settings: Settings) -> dict[str, Mapping[str, object]]:
    """Limits and use of a gateway, for programs."""
    return {
        "limits": asdict(account.limits(gateway_limits(settings))),
        "use": account.use.beside(settings.queue_limit),
    }


def _tell(account: Account, facts: Mapping[str, Mapping[str, object]]) -> None:
    rows = (
        (_MEANINGS[name], used, facts["limits"][name], "its own" if name in account.own else "of the server")
        for name, used in facts["use"].items()
    )
    say_table(("WHAT", "HAS", "MAY HAVE", "LIMIT"), rows)
    say("", f"Gateway {account.gateway.name}, {account.gateway.id}.")
