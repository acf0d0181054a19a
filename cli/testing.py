"""`fleet webhooks test`: a real event to a webhook, and its way, step by step as it happens."""

import os
import sys
import time
from collections.abc import Iterator
from typing import Annotated, Final

import typer

from cli.absence import absence
from cli.answers import say, say_json
from cli.client import ControlApi, Json, control_api
from cli.options import AsJson, Insecure, examples
from cli.rotation import Wanted
from cli.way import Way
from config.settings import load

EPILOG: Final = examples(
    "fleet webhooks test github",
    "fleet webhooks test github --event push",
    "fleet webhooks test ci --wait 60",
)
_POLL_S: Final = 0.1
_SOON_S: Final = 1.0


def send_test(
    wanted: Wanted,
    *,
    event: Annotated[
        str | None,
        typer.Option(
            metavar="TYPE",
            help="What has happened there; unless said, the first that a subscription wants. 'fleet trigger"
            " SENDER' lists them.",
        ),
    ] = None,
    wait: Annotated[
        int, typer.Option(metavar="SECONDS", min=0, max=3600, help="How long to wait for the next step.")
    ] = 10,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Send a real event, signed as its sender would sign it, and show its way as it happens.

    The relay signs it and posts it to the public door, also where only some addresses may send.
    It is an event like any other: it counts, and subscribers get it.

    A webhook that is verified at home (--verify local) gets it unsigned, for the secret is not here: that it
    is refused there, for its signature, is the right end.

    Exit code 0 when every subscription that wants it has got it, 1 when not.
    """
    api = control_api(load(os.environ), insecure=insecure)
    sent = api.ask("POST", "webhooks", wanted, "test", body={} if event is None else {"event": event})
    way = Way(wanted, sent)
    story: Json = {}
    for story in _stories(api, way, sent["event"], wait):
        if not as_json:
            say(*way.news(story))
    if as_json:
        say_json({"sent": sent, "story": story or None, "arrived": way.is_at_its_end(story)})
    else:
        say(way.ending(story, absence(api, story)))
    if not way.is_at_its_end(story):
        raise typer.Exit(1)


def _stories(api: ControlApi, way: Way, event: str | None, patience_s: int) -> Iterator[Json]:
    """What is known of an event, whenever it is more, until nothing will happen or nothing does for long."""
    if event is None:
        yield {}
        return
    moved_at, last, is_told = time.monotonic(), {}, False
    while True:
        story = api.ask("GET", "events", event)
        if story != last:
            moved_at, last, is_told = time.monotonic(), story, False
            yield story
        waited_s = time.monotonic() - moved_at
        if not (waits_for := way.waits_for(story)) or waited_s >= patience_s:
            return
        if waited_s > _SOON_S and not is_told:
            is_told = True
            # Not among what programs read.
            sys.stderr.write(f"Waiting for {waits_for}, at most {patience_s} seconds.\n")
        time.sleep(_POLL_S)
