"""`fleet deliveries`: what failed or is tried again, and what to do with it, over the control API."""

import os
from typing import Annotated, Final

import typer

from cli import delivery_words as words
from cli import filters, replays
from cli.answers import say, say_facts, say_json, say_table
from cli.client import Json, control_api
from cli.options import AsJson, Insecure, examples
from cli.paging import Part, part
from cli.surroundings import clock_ms
from config.settings import load

app: Final = typer.Typer(
    no_args_is_help=True,
    help="Deliveries that failed or are tried again. These commands speak to the relay.",
)
app.command("retry", epilog=replays.RETRY)(replays.retry)
app.command("discard", epilog=replays.DISCARD)(replays.discard)

_FAILED: Final = ("SUBSCRIPTION", "TYPE", "LAST ANSWER", "TRIES", "FAILED", "EVENT")
_RETRYING: Final = ("SUBSCRIPTION", "TYPE", "LAST ANSWER", "TRIES", "NEXT TRY", "EVENT")
_ATTEMPTS: Final = ("ATTEMPT", "OUTCOME", "ANSWER", "TOOK", "WHEN")


@app.command(
    "list",
    epilog=examples(
        "fleet deliveries list",
        "fleet deliveries list --retrying",
        "fleet deliveries list --subscription app --since 2h --json",
    ),
)
def listing(  # noqa: PLR0913 - each is an option of the command
    *,
    failed: Annotated[
        bool, typer.Option("--failed", help="Those that are dead: out of attempts. That is so unless said.")
    ] = False,
    retrying: Annotated[
        bool, typer.Option("--retrying", help="Those that failed and are tried again by themselves.")
    ] = False,
    webhook: filters.Webhook = None,
    subscription: filters.Subscription = None,
    event_type: filters.EventType = None,
    since: filters.Since = None,
    until: filters.Until = None,
    limit: filters.Limit = filters.FEW,
    cursor: filters.Cursor = None,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Show deliveries that failed, those of last first, or those that are tried again.

    --since and --until speak of when they failed.
    """
    if failed and retrying:
        raise typer.BadParameter("Choose one of --failed and --retrying.")
    now_ms = clock_ms()
    query = filters.chosen(
        now_ms, webhook=webhook, subscription=subscription, type=event_type, since=since, until=until
    )
    state = {"state": "retrying" if retrying else "dead"}
    api = control_api(load(os.environ), insecure=insecure)
    found = part(api, "deliveries", {**state, **query}, limit, cursor)
    if as_json:
        say_json({"deliveries": found.things, "next": found.next, "looked_back_to": found.looked_back_to})
    elif not found.things:
        say(_nothing(query, retrying=retrying))
    elif retrying:
        say_table(_RETRYING, (words.retrying_row(each, now_ms) for each in found.things), whole="EVENT")
        _say_more(found, query, "--retrying")
    else:
        count = api.ask("GET", "deliveries", "count", query={**state, **query})
        say(f"{words.counted(count, 'failed')}.", "")
        say_table(_FAILED, (words.failed_row(each, now_ms) for each in found.things), whole="EVENT")
        _say_more(found, query, "--failed")
        again = f"fleet deliveries retry{filters.as_options(query) or ' --all'}"
        say(
            "", f"Why: 'fleet why EVENT'. Retry one: 'fleet deliveries retry EVENT'; all of these: '{again}'."
        )


def _nothing(query: dict[str, str], *, retrying: bool) -> str:
    if query:
        return "No delivery fits."
    return "No delivery is being retried." if retrying else "No delivery has failed."


def _say_more(found: Part, query: dict[str, str], option: str) -> None:
    if found.next is not None:
        again = f"fleet deliveries list {option}{filters.as_options(query)} --cursor {found.next}"
        say("", f"There is more: '{again}'")


@app.command(epilog=examples("fleet deliveries show dlv_1m7yhjrw8cd7evw1f6jtxz5_1m7yhjrwaq2kcq5hns1pyz4"))
def show(
    wanted: Annotated[str, typer.Argument(metavar="DELIVERY", help="Its id; 'fleet events show' names it.")],
    *,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Show one delivery with its latest attempts."""
    found: Json = control_api(load(os.environ), insecure=insecure).ask("GET", "deliveries", wanted)
    if as_json:
        say_json(found)
        return
    say_facts(words.facts(found, clock_ms()))
    if found["history"]:
        say("")
        say_table(_ATTEMPTS, map(words.attempt_row, found["history"]))
