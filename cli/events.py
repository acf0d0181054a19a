"""`fleet events`: what became of events, over the control API. Metadata only: nobody can read a body."""

import os
from typing import Annotated, Final

import typer

from cli.answers import day_and_time, say, say_facts, say_json, say_table
from cli.client import ControlApi, Json, control_api
from cli.durations import ago
from cli.options import AsJson, Insecure, examples
from cli.paging import every
from cli.surroundings import clock_ms
from config.settings import load
from domain.event import Rejection
from domain.senders import SENDERS
from workers.vouched import COMMIT, PUSH

app: Final = typer.Typer(
    no_args_is_help=True, help="What became of events. These commands speak to the relay."
)


@app.command("list", epilog=examples("fleet events list", "fleet events list --json"))
def listing(*, as_json: AsJson = False, insecure: Insecure = False) -> None:
    """Show the latest events that were decided, newest first."""
    api = control_api(load(os.environ), insecure=insecure)
    answer = api.ask("GET", "events")
    if as_json:
        say_json(answer)
    elif not answer["events"]:
        say("No event has been decided yet; 'fleet webhooks list' shows where senders can post.")
    else:
        names = _names(api, "webhooks")
        columns = ("WEBHOOK", "TYPE", "WHAT BECAME OF IT", "RECEIVED", "EVENT")
        now_ms = clock_ms()
        say_table(columns, (_row(each, names, now_ms) for each in answer["events"]), whole="EVENT")


@app.command(epilog=examples("fleet events show evt_1m7yhvbe6n6gf6symg0x1qq"))
def show(
    wanted: Annotated[str, typer.Argument(metavar="EVENT", help="The id that the sender's 202 named.")],
    *,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Show the story of one event: how it was verified, and what became of each delivery."""
    api = control_api(load(os.environ), insecure=insecure)
    found = api.ask("GET", "events", wanted)
    if as_json:
        say_json(found)
        return
    webhook = _names(api, "webhooks").get(found["webhook"])
    say_facts(
        {
            "Event": found["id"],
            "Webhook": webhook or f"{found['webhook']} (deleted)",
            "Type": found["type"] or "-",
            "State": _state(found),
            "Verified by": _vouched(found),
            **_hint(found, webhook),
            **_finding(found, webhook),
            "Size": f"{found['size_bytes']} bytes",
            "Received": day_and_time(found["received_at"]),
        }
    )
    if found["deliveries"]:
        say("")
        names = _names(api, "subscriptions")
        told = [(names.get(each["subscription"], "(removed)"), each) for each in found["deliveries"]]
        columns = ("SUBSCRIPTION", "STATE", "ATTEMPTS", "LAST ANSWER")
        say_table(columns, (_delivery(name, each) for name, each in told))
        # Their ids are too long for a table; workers and connectors name them in their logs.
        say("", *(f"{name}: {each['id']}" for name, each in told))


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
    """Let events that were set aside wait for a worker again. First see why: its log says event_crashed."""
    if bool(wanted) is set_aside:
        raise typer.BadParameter("Name events, or use --set-aside.")
    api = control_api(load(os.environ), insecure=insecure)
    retried = [_retried(api, event) for event in wanted or ()]
    while set_aside and (found := api.ask("GET", "events", query={"state": "set_aside"})["events"]):
        retried += [_retried(api, each["id"]) for each in found]
    if as_json:
        say_json({"retried": retried})
    elif retried:
        say(f"{len(retried)} wait for a worker again; 'fleet events show EVENT' says what becomes of them.")
    else:
        say("No event is set aside.")


def _retried(api: ControlApi, event: str) -> str:
    return api.ask("POST", "events", event, "retry")["id"]


def _vouched(event: Json) -> str:
    by = event["verified_by"] or "nothing"
    return f"{by}, secret {event['secret']}" if event["secret"] else by


def _names(api: ControlApi, things: str) -> dict[str, str]:
    """Names of the webhooks or subscriptions by their ids."""
    return {each["id"]: each["name"] for each in every(api, things)}


def _hint(event: Json, webhook: str | None) -> Json:
    """Who else seems to have called, and how many events came together; nothing as a rule."""
    facts: Json = {}
    if event["events_in_body"] > 1:
        facts["Events in body"] = event["events_in_body"]
    if event["note"]:
        facts["Commit" if event["type"] == COMMIT else "Note"] = event["note"]
    if event["seems_to_be"]:
        key: str = event["seems_to_be"]
        title = SENDERS[key].title if key in SENDERS else key
        facts["Looks like"] = f"a request of {title}"
        if webhook:
            facts["Looks like"] += (
                f". If {title} calls this webhook: 'fleet webhooks update {webhook} --sender {key}'"
            )
    return facts


def _finding(event: Json, webhook: str | None) -> Json:
    """Why its signature is wrong, or how to find out."""
    reason = event["rejected_because"]
    if event["finding"]:
        return {"What is wrong": event["finding"]["sentence"]}
    if webhook and reason in set(Rejection) and Rejection(reason).is_of_signature:
        return {"What is wrong": f"'fleet doctor signature {webhook}' finds out at the next request"}
    return {}


def _row(event: Json, names: dict[str, str], now_ms: int) -> tuple[object, ...]:
    webhook = names.get(event["webhook"], "(deleted)")
    received = ago(event["received_at"], now_ms)
    together = f" ({event['events_in_body']} events)" if event["events_in_body"] > 1 else ""
    # The reason alone says that it was rejected, and leaves room for the rest.
    became = event["rejected_because"] or _state(event)
    kind = (event["type"] or "-") + together
    if event["type"] == COMMIT and event["note"]:
        kind += f" {event['note'].partition(' ')[0]}"
    return webhook, kind, became, received, event["id"]


def _state(event: Json) -> str:
    """The state in one line: why it was rejected, or how many of its deliveries are where."""
    if event["rejected_because"]:
        return f"{event['state']}: {event['rejected_because']}"
    if (event["type"], event["state"]) == (PUSH, "unmatched"):
        # As it should be: who wants commits, wants no payloads of their hosts.
        return "nobody asked for it"
    states = [each["state"] for each in event["deliveries"]]
    told = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    return told or event["state"]


def _delivery(name: str, delivery: Json) -> tuple[object, ...]:
    return name, delivery["state"], delivery["attempts"], delivery["note"] or "-"
