"""`fleet events`: what became of events, over the control API. Metadata only: nobody can read a body."""

import os
from typing import Annotated, Final

import typer

from cli import event_words as words
from cli import filters, tail
from cli.answers import day_and_time, say, say_facts, say_json, say_table
from cli.client import ControlApi, Json, control_api
from cli.options import AsJson, Insecure, examples
from cli.paging import Part, part
from cli.surroundings import clock_ms
from config.settings import load
from domain.outcome import EventOutcome

app: Final = typer.Typer(
    no_args_is_help=True, help="What became of events. These commands speak to the relay."
)
app.command("tail", epilog=tail.EPILOG)(tail.tail)

_NONE: Final = "No event has come yet; 'fleet webhooks list' shows where senders can post."
_COLUMNS: Final = ("WEBHOOK", "TYPE", "WHAT BECAME OF IT", "RECEIVED", "EVENT")


@app.command(
    "list",
    epilog=examples(
        "fleet events list",
        "fleet events list --outcome failed --since 2h",
        "fleet events list --webhook github --type 'pull_request*' --limit 500 --json",
    ),
)
def listing(  # noqa: PLR0913 - each is an option of the command
    *,
    webhook: filters.Webhook = None,
    event_type: filters.EventType = None,
    outcome: Annotated[
        EventOutcome | None, typer.Option(help="Only those that ended like this, or stand there now.")
    ] = None,
    since: filters.Since = None,
    until: filters.Until = None,
    limit: filters.Limit = filters.FEW,
    cursor: filters.Cursor = None,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Show the latest events, newest first, and what became of them.

    'fleet why EVENT' tells the whole story of one.
    """
    now_ms = clock_ms()
    query = filters.chosen(
        now_ms, webhook=webhook, type=event_type, outcome=outcome, since=since, until=until
    )
    api = control_api(load(os.environ), insecure=insecure)
    found = part(api, "events", query, limit, cursor)
    if as_json:
        say_json({"events": found.things, "next": found.next, "looked_back_to": found.looked_back_to})
        return
    if found.things:
        say_table(_COLUMNS, (words.row(each, now_ms) for each in found.things), whole="EVENT")
    else:
        say("No event fits." if query or cursor else _NONE)
    _say_more(found, query)


def _say_more(found: Part, query: dict[str, str]) -> None:
    if found.next is not None:
        again = f"fleet events list{filters.as_options(query)} --cursor {found.next}"
        say("", f"There is more: '{again}'")


@app.command(epilog=examples("fleet events show evt_1m7yhvbe6n6gf6symg0x1qq"))
def show(
    wanted: Annotated[str, typer.Argument(metavar="EVENT", help="The id that the sender's 202 named.")],
    *,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Show the facts of one event: how it was verified, and what became of each delivery.

    'fleet why EVENT' says the same in sentences, with what to do.
    """
    api = control_api(load(os.environ), insecure=insecure)
    found = api.ask("GET", "events", wanted)
    if as_json:
        say_json(found)
        return
    say_facts(
        {
            "Event": found["id"],
            "Webhook": found["webhook_name"] or f"{found['webhook']} {words.DELETED}",
            "Type": found["type"] or "-",
            "State": words.state(found),
            "Outcome": found["outcome"],
            "Verified by": words.vouched(found),
            **words.hints(found),
            **words.finding(found),
            "Size": f"{found['size_bytes']} bytes",
            "Body": _body(found),
            "Received": day_and_time(found["received_at"]),
        }
    )
    if found["deliveries"]:
        say("")
        told = [(each["subscription_name"] or "(removed)", each) for each in found["deliveries"]]
        columns = ("SUBSCRIPTION", "STATE", "ATTEMPTS", "LAST ANSWER")
        say_table(columns, (_delivery(name, each) for name, each in told))
        # Their ids are too long for a table; workers and connectors name them in their logs.
        say("", *(f"{name}: {each['id']}" for name, each in told))
    if found["passed_over"]:
        say("", *(f"Not for {line}." for line in words.passed_over(found)))


@app.command(
    epilog=examples("fleet events retry evt_1m7yhvbe6n6gf6symg0x1qq", "fleet events retry --set-aside")
)
def retry(
    wanted: Annotated[list[str] | None, typer.Argument(metavar="EVENT", help="Ids of events.")] = None,
    *,
    set_aside: Annotated[
        bool, typer.Option("--set-aside", help="All that are set aside, instead of naming them.")
    ] = False,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Let events that were set aside wait for a worker again. First see why: its log says event_crashed.

    Deliveries that failed are retried with 'fleet deliveries retry'.
    """
    if bool(wanted) is set_aside:
        raise typer.BadParameter("Name events, or use --set-aside.")
    api = control_api(load(os.environ), insecure=insecure)
    retried = [_retried(api, event) for event in wanted or ()]
    if set_aside:
        retried += [_retried(api, each["id"]) for each in _all_set_aside(api)]
    if as_json:
        say_json({"retried": retried})
    elif retried:
        say(f"{len(retried)} wait for a worker again; 'fleet events show EVENT' says what becomes of them.")
    else:
        say("No event is set aside.")


def _all_set_aside(api: ControlApi) -> list[Json]:
    return part(api, "events", {"outcome": EventOutcome.SET_ASIDE}, filters.MOST, None).things


def _retried(api: ControlApi, event: str) -> str:
    return api.ask("POST", "events", event, "retry")["id"]


def _delivery(name: str, delivery: Json) -> tuple[object, ...]:
    return name, delivery["state"], delivery["attempts"], delivery["note"] or "-"


def _body(event: Json) -> str:
    if event["body"] == "kept":
        return f"kept sealed until {day_and_time(event['body_until'])}, shown to nobody"
    return "deleted"
