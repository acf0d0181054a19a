"""`fleet trigger`: an event as its sender would send it, over real HTTP, and what became of it."""

import base64
import os
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Final

import typer

from cli.answers import say, say_json, say_table
from cli.client import ControlApi, Json, control_api
from cli.options import AsJson, Insecure, examples
from cli.posting import Posted, post
from config.settings import load
from domain.senders.samples import SAMPLES

EPILOG: Final = examples(
    "fleet trigger github",
    "fleet trigger github push --webhook ci",
    "fleet trigger stripe invoice.paid --webhook pay --duplicate",
    "fleet trigger slack message --webhook chat --bad-signature",
)
_PATIENCE_S: Final = 10.0
_POLL_S: Final = 0.1
_ON_ITS_WAY: Final = {"queued", "sent"}
_NOT_PASSED: Final = {"waiting", "rejected", "set_aside", "expired"}
_GOOD: Final = {HTTPStatus.OK, HTTPStatus.NO_CONTENT}
_REFUSED: Final = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


@dataclass
class _Shot:
    """One request that was posted, and what became of it."""

    sample: Json
    posted: Posted
    is_second: bool
    story: Json = field(default_factory=dict[str, object])

    @property
    def is_handshake(self) -> bool:
        """Whether the public door answered by itself, with nothing to keep."""
        return self.posted.status in _GOOD and self.posted.event is None

    @property
    def complaint(self) -> str | None:
        """What is wrong with what happened; None when nothing is."""
        return self._of_refused() if self.sample["expect"] == "rejected" else self._of_accepted()

    def _of_refused(self) -> str | None:
        if self.sample["decided_by"] == "ingress":
            return None if self.posted.status in _REFUSED else "the ingress should have refused it"
        state, reason = self.story.get("state"), self.story.get("rejected_because")
        because = self.sample["because"]
        is_rejected = (state, reason) == ("rejected", because)
        return None if is_rejected else f"a worker should have rejected it ({because})"

    def _of_accepted(self) -> str | None:
        if self.is_handshake:
            return None
        state, wanted = self.story.get("state"), self.is_second and self.sample["again"] == "duplicate"
        scheme = self.sample["signed_by"]
        if state is None or state in _NOT_PASSED:
            return "it should have passed"
        if self.story["verified_by"] != scheme:
            return f"{scheme or 'nothing'} should have verified it"
        if wanted is not (state == "duplicate"):
            return (
                "the second should count as a duplicate" if wanted else "it should not count as a duplicate"
            )
        return None


def trigger(  # noqa: PLR0913 - each is an option of the command
    sender: Annotated[
        str | None, typer.Argument(metavar="[SENDER]", help="Who is imitated; without it, all are listed.")
    ] = None,
    event: Annotated[
        str | None,
        typer.Argument(
            metavar="[EVENT]", help="What has happened there; without it, what we know is listed."
        ),
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
        _list(sender, as_json=as_json)
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
    shots: list[_Shot] = []
    for is_second in (False, True) if duplicate else (False,):
        shot = _shoot(api, sample, settings.ca_file, is_second=is_second)
        shots.append(shot)
        if not as_json:
            how = _how(sample, bad_signature=bad_signature, replay=replay, trial_key=trial_key)
            _tell(shot, webhook, how)
    complaint = next(filter(None, (shot.complaint for shot in shots)), None)
    if as_json:
        say_json({"sent": [_facts(shot) for shot in shots], "as_expected": complaint is None})
    elif complaint:
        say(f"Not as expected: {complaint}.")
    if complaint:
        raise typer.Exit(1)


def _list(sender: str | None, *, as_json: bool) -> None:
    known = {key: [sample.event for sample in SAMPLES[key]] for key in sorted(SAMPLES)}
    if sender is not None and sender not in known:
        raise typer.BadParameter(f"There is no sender {sender!r}; 'fleet trigger' lists those there are.")
    shown = known if sender is None else {sender: known[sender]}
    if as_json:
        say_json({"senders": shown})
    elif sender is None:
        say_table(("SENDER", "EVENTS"), [(key, ", ".join(events)) for key, events in shown.items()])
    else:
        say(*(event for event in shown[sender]))


def _shoot(api: ControlApi, sample: Json, ca_file: Path | None, *, is_second: bool) -> _Shot:
    headers = [(name, value) for name, value in sample["headers"]]
    posted = post(sample["url"], headers, base64.b64decode(sample["body"]), ca_file)
    shot = _Shot(sample, posted, is_second)
    if posted.event is not None:
        shot.story = _story(api, posted.event)
    return shot


def _story(api: ControlApi, event: str) -> Json:
    """The story of an event, once there is nothing to wait for, or as far as it got while we waited."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        story = api.ask("GET", "events", event)
        moving = {each["state"] for each in story["deliveries"]} & _ON_ITS_WAY
        if (story["state"] != "waiting" and not moving) or time.monotonic() > until:
            return story
        time.sleep(_POLL_S)


def _how(sample: Json, *, bad_signature: bool, replay: bool, trial_key: bool) -> str:
    """How it was signed, in words."""
    if sample["signed_by"] is None:
        return "unsigned" if bad_signature else "unsigned, as nothing to sign with is stored there"
    if bad_signature:
        return f"signed by {sample['signed_by']} with a secret that nobody has stored"
    with_trial = " with a trial key" if trial_key else ""
    return f"signed by {sample['signed_by']}{with_trial}{', too long ago' if replay else ''}"


def _tell(shot: _Shot, webhook: str, how: str) -> None:
    sample, posted = shot.sample, shot.posted
    named = f" ({sample['event_id']})" if sample["event_id"] else ""
    verb = "Sent again" if shot.is_second else "Sent"
    say(f"{verb}: {sample['event'] or 'an event'}{named} to webhook {webhook}, {how}.")
    what = posted.document.get("detail", "") if posted.event is None else f"accepted as {posted.event}."
    say(f"Answered {posted.status}{f': {what}' if what else '.'}")
    if shot.story:
        say(_became(shot.story))
    elif shot.is_handshake:
        say("The public door answered this itself; there is nothing to keep.")


def _became(story: Json) -> str:
    """What became of an event, in one line."""
    if story["state"] == "waiting":
        return f"No worker has looked at it within {_PATIENCE_S:g} seconds. Is one running?"
    if story["state"] == "rejected":
        return f"Rejected: {story['rejected_because']}."
    vouched = f"Verified by {story['verified_by']}" if story["verified_by"] else "Not verified"
    states = [each["state"] for each in story["deliveries"]]
    counted = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    match story["state"]:
        case "duplicate":
            return f"{vouched}; a duplicate, so it is not delivered again."
        case "unmatched":
            return f"{vouched}; unmatched: no subscription wants it."
        case state:
            return f"{vouched}; {counted or state}."


def _facts(shot: _Shot) -> Json:
    told = ("event", "event_id", "signed_by", "expect", "decided_by", "because")
    return {
        **{name: shot.sample[name] for name in told},
        "status": shot.posted.status,
        "id": shot.posted.event,
        "story": shot.story or None,
    }
