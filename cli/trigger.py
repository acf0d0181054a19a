"""`fleet trigger`: an event as its sender would send it, over real HTTP, and what became of it."""

import base64
import os
import time
from pathlib import Path
from typing import Annotated, Final

import typer

from cli.absence import absence
from cli.answers import complain, say, say_json, say_table
from cli.client import ControlApi, Json, control_api
from cli.options import AsJson, Insecure, examples
from cli.paging import every
from cli.posting import post
from cli.shot import Shot
from config.settings import load
from domain.senders.samples import SAMPLES
from domain.webhook import GIT

EPILOG: Final = examples(
    "fleet trigger github",
    "fleet trigger github push --webhook ci",
    "fleet trigger stripe invoice.paid --webhook pay --duplicate",
    "fleet trigger slack message --webhook chat --bad-signature",
)
_PATIENCE_S: Final = 10.0
_POLL_S: Final = 0.1
_SOON_S: Final = 1.0
_ROOM: Final = 80 - len("standard-webhooks") - 2
_NO_GIT: Final = "Pushes of Git hosts are not imitated; 'fleet repos sync NAME' has a repo polled at once."
_NOBODY: Final = "There is no sender {!r}; 'fleet trigger' lists those there are."


def trigger(  # noqa: PLR0913 - each is an option of the command
    sender: Annotated[
        str | None, typer.Argument(metavar="SENDER", help="Who is imitated; without it, all are listed.")
    ] = None,
    event: Annotated[
        str | None,
        typer.Argument(metavar="EVENT", help="What has happened there; without it, what we know is listed."),
    ] = None,
    *,
    webhook: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name or id of the webhook that gets it.")
    ] = None,
    bad_signature: Annotated[
        bool, typer.Option("--bad-signature", help="Sign with a secret that nobody has stored.")
    ] = False,
    replay: Annotated[bool, typer.Option("--replay", help="Sign at a time that is too long ago.")] = False,
    duplicate: Annotated[
        bool, typer.Option("--duplicate", help="Send it twice, under the same id of the sender.")
    ] = False,
    trial_key: Annotated[
        bool,
        typer.Option(
            "--trial-key",
            help="Where we cannot sign with what is stored: add a secret to the webhook that counts for 60"
            " seconds, and sign with that.",
        ),
    ] = False,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Send a realistic, correctly signed event to a webhook, and say what became of it.

    The relay signs it, with the secret that it keeps; the secret is not shown.
    Then this command posts it to the public address, as the sender would.
    An event that we do not know is made from one that we do.

    Exit code 0 when what was to be expected happened, 1 when not.
    """
    if event is None:
        _list(sender, webhook, as_json=as_json)
        return
    if webhook is None:
        raise typer.BadParameter("Name the webhook that gets it, with --webhook NAME.")
    if sum((bad_signature, replay, duplicate)) > 1:
        raise typer.BadParameter("Choose one of --bad-signature, --replay and --duplicate.")
    settings = load(os.environ)
    api = control_api(settings, insecure=insecure)
    wish = {"sender": sender, "event": event}
    chosen = {"bad_signature": bad_signature, "replay": replay, "trial_key": trial_key}
    sample = api.ask("POST", "webhooks", webhook, "samples", body={**wish, **chosen})
    how = _how(sample["signed_by"], bad_signature=bad_signature, replay=replay, trial_key=trial_key)
    shots: list[Shot] = []
    for is_second in (False, True) if duplicate else (False,):
        shot = _shoot(sample, settings.ca_file, is_second=is_second)
        shots.append(shot)
        if not as_json:
            say(*shot.sending(webhook, how))
        _follow(api, shot)
        if not as_json:
            say(*shot.ending(absence(api, shot.story)))
    complaint = next(filter(None, (shot.complaint for shot in shots)), None)
    if as_json:
        say_json({"sent": [shot.facts() for shot in shots], "as_expected": complaint is None})
    elif complaint:
        say(f"Not as expected: {complaint}.")
    if complaint:
        raise typer.Exit(1)


def _known() -> dict[str, list[str]]:
    return {key: [sample.event for sample in SAMPLES[key]] for key in sorted(SAMPLES)}


def _which(sender: str | None) -> str:
    """What to add to a command that names no event."""
    known = _known()
    if sender not in known:
        return _nobody(sender)
    return f"Name the event: {', '.join(known[sender])}."


def _nobody(sender: str | None) -> str:
    """Why a sender is not imitated."""
    return _NO_GIT if sender == GIT else _NOBODY.format(sender)


def _some(events: list[str]) -> str:
    """As many of the events as fit a line beside their sender; at least one, and how many more there are."""
    for count in range(len(events), 1, -1):
        left = len(events) - count
        told = ", ".join(events[:count]) + (f" and {left} more" if left else "")
        if len(told) <= _ROOM:
            return told
    return events[0] + (f" and {len(events) - 1} more" if events[1:] else "")


def _list(sender: str | None, webhook: str | None, *, as_json: bool) -> None:
    if webhook is not None:
        raise typer.BadParameter(_which(sender))
    known = _known()
    if sender is not None and sender not in known:
        raise typer.BadParameter(_nobody(sender))
    shown = known if sender is None else {sender: known[sender]}
    if as_json:
        say_json({"senders": shown})
    elif sender is None:
        say_table(("SENDER", "EVENTS"), [(key, _some(events)) for key, events in shown.items()])
    else:
        say(*(event for event in shown[sender]))


def _how(scheme: str | None, *, bad_signature: bool, replay: bool, trial_key: bool) -> str:
    """How it was signed, in words."""
    if scheme is None:
        return "unsigned, as there is no secret to sign with"
    if bad_signature:
        return f"signed by {scheme} with a secret that nobody has stored"
    return f"signed by {scheme}{' with a trial key' if trial_key else ''}{', too long ago' if replay else ''}"


def _shoot(sample: Json, ca_file: Path | None, *, is_second: bool) -> Shot:
    headers = [(name, value) for name, value in sample["headers"]]
    posted = post(sample["url"], headers, base64.b64decode(sample["body"]), ca_file)
    return Shot(sample, posted, is_second)


def _follow(api: ControlApi, shot: Shot) -> None:
    """Take in what becomes of it, until there is nothing to wait for or patience is at an end."""
    if shot.posted.event is None:
        return
    begun, is_told = time.monotonic(), False
    while True:
        shot.story = api.ask("GET", "events", shot.posted.event)
        if shot.story["deliveries"] and not shot.names:
            known = every(api, "subscriptions")
            shot.names = {each["id"]: each["name"] for each in known}
        waited_s = time.monotonic() - begun
        if not shot.waits_for or waited_s > _PATIENCE_S:
            return
        if waited_s > _SOON_S and not is_told:
            is_told = True
            # Not among what programs read.
            complain(f"Waiting for {shot.waits_for}, at most {_PATIENCE_S:.0f} seconds.")
        time.sleep(_POLL_S)
