"""`fleet why`: why an event did or did not arrive, in plain sentences."""

import os
from typing import Annotated, Final

import typer

from cli.answers import day_and_time, say, say_json
from cli.client import ControlApi, Json, control_api
from cli.options import AsJson, Insecure, examples
from cli.surroundings import clock_ms
from cli.trace import Trace, trace
from config.settings import load

EPILOG: Final = examples("fleet why evt_1m7yhvbe6n6gf6symg0x1qq")


def why(
    wanted: Annotated[str, typer.Argument(metavar="EVENT", help="The id that the sender's 202 named.")],
    *,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Say why an event did or did not arrive: every decision and every attempt, and what to do next.

    When it came and where, what verified it or why it was rejected, which subscriptions matched and which did
    not and why, each attempt with its answer and time, where its body is. Times of day are UTC.
    """
    api = control_api(load(os.environ), insecure=insecure)
    event = api.ask("GET", "events", wanted)
    found = trace(event, _served(api, event), clock_ms())
    if as_json:
        steps = [step.strip() for step in found.steps if step]
        say_json({"event": event["id"], "outcome": event["outcome"], "steps": steps, "advice": found.advice})
    else:
        _tell(event, found)


def _served(api: ControlApi, event: Json) -> frozenset[str]:
    """Names of the subscriptions that somebody serves now; asked only where it matters."""
    if all(each["state"] != "queued" for each in event["deliveries"]):
        return frozenset()
    return frozenset(
        name for tunnel in api.ask("GET", "status")["tunnels"] for name in tunnel["subscriptions"]
    )


def _tell(event: Json, found: Trace) -> None:
    say(f"{event['id']} of {day_and_time(event['received_at'])} is {found.headline}.", "")
    say(*(f"  {step}".rstrip() for step in found.steps))
    if found.advice:
        say("", "What to do:", *(f"  {tip}" for tip in found.advice))
