"""`fleet subscriptions`: who wants which events, over the control API."""

import os
from typing import Annotated, Final

import typer

from cli.answers import printable, say, say_json, say_table
from cli.called import command
from cli.client import ControlApi, Json, control_api
from cli.options import AsJson, Insecure, examples
from cli.paging import every
from config.settings import load
from domain.subscription import DEFAULT_TIMEOUT_S, heard
from domain.webhook import GIT

app: Final = typer.Typer(
    no_args_is_help=True,
    help="Who wants which events. 'fleet connect' then brings them to a program.",
)


@app.command(
    epilog=examples(
        "fleet subscriptions add ci --webhook github --events push --events 'pull_request*'",
        "fleet subscriptions add agent --webhook github --webhook pay --timeout 1800",
        "fleet subscriptions add review --webhook github --events pull_request"
        " --where 'body.action == \"opened\" && !body.pull_request.draft'",
    )
)
def add(  # noqa: PLR0913 - each is an option
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="What to call it; 'fleet connect NAME=URL' uses this name.")
    ],
    *,
    webhook: Annotated[
        list[str], typer.Option(metavar="NAME", help="A webhook to listen to; repeat it for more.")
    ],
    events: Annotated[
        list[str] | None,
        typer.Option(
            metavar="GLOB",
            help="Only these event types, e.g. 'push'; repeat it for more. git.push is for those alone who"
            " ask for it.",
        ),
    ] = None,
    sender: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY", help="Only events of this sender, e.g. github; repeat it for more."),
    ] = None,
    where: Annotated[
        str,
        typer.Option(metavar="CEL", help="Only events that fulfil this expression on body, headers, event."),
    ] = "",
    timeout: Annotated[
        int, typer.Option(metavar="SECONDS", help="How long one attempt may take.")
    ] = DEFAULT_TIMEOUT_S,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Subscribe to events. From now on they wait until somebody connects."""
    wish = {
        "name": name,
        "webhooks": webhook,
        "events": events or [],
        "senders": sender or [],
        "expression": where,
        "timeout_s": timeout,
    }
    api = control_api(load(os.environ), insecure=insecure)
    made = api.ask("POST", "subscriptions", body=wish)
    if as_json:
        say_json(made)
        return
    what = f"events {', '.join(made['events'])}" if made["events"] else "every event"
    of = f"{', '.join(made['webhooks'])}{_but_no_pushes(api, made)}"
    connect = command(f"connect {made['name']}=http://127.0.0.1:3000/")
    say(
        f"Subscription {made['name']} gets {what} of {of}{_narrowed(made)}.",
        f"Bring them to a program: {connect}",
    )


def _narrowed(made: Json) -> str:
    """What else it asks of an event, "" when nothing."""
    senders = f", sent by {' or '.join(made['senders'])}" if made["senders"] else ""
    return senders + (f", where {made['expression']}" if made["expression"] else "")


def _but_no_pushes(api: ControlApi, made: Json) -> str:
    """What a subscription without a filter does not get after all; "" when that is nothing."""
    is_short = _all_but_pushes(api, [made]) != []
    return "; of Git repos the commits, not the pushes as they came" if is_short else ""


def _all_but_pushes(api: ControlApi, subscriptions: list[Json]) -> list[str]:
    """Ids of those that get all of a Git webhook but what its hosts sent, which has to be asked for."""
    unfiltered = [each for each in subscriptions if not each["events"]]
    if not unfiltered:
        return []
    found: list[Json] = every(api, "webhooks")
    git = {each["name"] for each in found if each["sender"] == GIT}
    return [each["id"] for each in unfiltered if git.intersection(each["webhooks"])]


@app.command("list", epilog=examples("fleet subscriptions list"))
def listing(*, as_json: AsJson = False, insecure: Insecure = False) -> None:
    """Show all subscriptions."""
    api = control_api(load(os.environ), insecure=insecure)
    found = every(api, "subscriptions")
    if as_json:
        say_json({"subscriptions": found})
    elif not found:
        say("There is no subscription yet; make one with 'fleet subscriptions add NAME --webhook WEBHOOK'.")
    else:
        short = _all_but_pushes(api, found)
        rows = (
            (
                each["name"],
                _heard(each["webhooks"]),
                each["events"] or ("all but git.push" if each["id"] in short else "all"),
                f"{each['timeout_s']} s",
                each["id"],
            )
            for each in found
        )
        say_table(("NAME", "WEBHOOKS", "EVENTS", "TIMEOUT", "ID"), rows, whole="ID")
        for each in found:
            if narrowed := _narrowed(each):
                say(printable(f"{each['name']}: only{narrowed.removeprefix(',')}"))
        for each in found:
            if not heard(each["webhooks"]):
                say(f"{each['name']} hears nothing: 'fleet subscriptions remove {each['name']}'.")


def _heard(webhooks: list[str]) -> list[str]:
    names = heard(webhooks)
    return [*names, *["(deleted)"] * (len(webhooks) - len(names))]


@app.command(epilog=examples("fleet subscriptions remove ci"))
def remove(
    wanted: Annotated[str, typer.Argument(metavar="NAME", help="Name or id of the subscription.")],
    *,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Remove a subscription. Its waiting deliveries are cancelled."""
    api = control_api(load(os.environ), insecure=insecure)
    found = api.ask("GET", "subscriptions", wanted)
    api.ask("DELETE", "subscriptions", found["id"])
    if as_json:
        say_json({"removed": found["id"], "name": found["name"]})
    else:
        say(f"Subscription {found['name']} is removed.")
