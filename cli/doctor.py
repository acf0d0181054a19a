"""`fleet doctor`: finds out what is wrong, with the server or with signatures."""

import os
from collections.abc import Sequence
from typing import Annotated, Final

import typer

from cli.answers import say, say_json, say_table
from cli.called import reworded
from cli.checkup.checkup import Checkup
from cli.checkup.row import Row, State
from cli.client import ControlApi, Json, control_api, logged_in
from cli.durations import about, duration_ms
from cli.examination import Clocks, Watch, latest_rejected
from cli.exits import Exit
from cli.options import AsJson, Insecure, examples
from config.settings import load
from domain.senders.diagnosis import Cause, Finding
from domain.webhook import EXAMINED_MS

app: Final = typer.Typer(invoke_without_command=True)

FAULT: Final = 3
"""Exit code: the request is not verified."""

NOTHING: Final = 4
"""Exit code: nothing came in time."""

_MEANS: Final = (
    " Exit codes: 0 what came is verified, 1 refused or failed, 2 wrong usage,"
    f" {FAULT} what came is not verified and why is told, {NOTHING} nothing came in time."
)


@app.callback(epilog=examples("fleet doctor", "fleet doctor --json", "fleet doctor signature github"))
def doctor(context: typer.Context, *, as_json: AsJson = False, insecure: Insecure = False) -> None:
    """Look at everything that can be seen from here, and say what to do about what is not well.

    On the server: Redis, keys, workers, sweeper, queues and the ledger. Anywhere: the relay, the access
    token, the tunnel, the public URL, certificates and the canary.

    Exit code 1 when something failed.
    """
    if context.invoked_subcommand is not None:
        return
    rows = Checkup(logged_in(load(os.environ)), insecure=insecure).rows()
    is_well = not any(row.state is State.FAILED for row in rows)
    if as_json:
        say_json({"well": is_well, "rows": [row.facts() for row in rows]})
    else:
        _tell_rows(rows)
    if not is_well:
        raise typer.Exit(Exit.FAILED)


def _tell_rows(rows: Sequence[Row]) -> None:
    say_table(("CHECK", "STATE", "FINDING"), [(row.check, row.state, row.finding) for row in rows])
    advised = [row for row in rows if row.advice]
    for title, state in (("What to do:", State.FAILED), ("What was not checked:", State.UNCHECKED)):
        if chosen := [row for row in advised if row.state is state]:
            say("", title, *(f"  {row.check}: {reworded(row.advice)}" for row in chosen))
    say("", "Something is wrong." if any(row.state is State.FAILED for row in rows) else "All is well.")


@app.command(
    epilog=examples(
        "fleet doctor signature github",
        "fleet doctor signature pay --timeout 2m",
        "fleet doctor signature pay --event evt_1m7yhvbe6n6gf6symg0x1qq",
    )
    + "\n\n"
    + _MEANS.strip()
)
def signature(
    wanted: Annotated[str, typer.Argument(metavar="NAME", help="Name or id of the webhook.")],
    *,
    event: Annotated[
        str | None,
        typer.Option(metavar="EVENT", help="Look at this event, whose body is still here, and do not wait."),
    ] = None,
    timeout: Annotated[
        int,
        typer.Option(parser=duration_ms, metavar="TIME", help="How long to wait, at most 10m."),
    ] = "10m",  # pyright: ignore[reportArgumentType] - typer parses it
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Find out why the requests at a webhook are not verified.

    Waits for the next request that fails and tries the known causes on it: white space in the secret, the
    secret of another webhook, an old secret, a body that a proxy has changed, clocks, another hash, another
    sender, another URL. It names the one that fits and says what to do.

    Bodies of rejected requests are deleted at once, so the sender has to send again.
    While this waits, and for 10 minutes, a webhook with --verify ingress answers 202 to what is not signed;
    it is rejected by a worker all the same.
    """
    if timeout > EXAMINED_MS:
        raise typer.BadParameter(f"--timeout is at most {about(EXAMINED_MS)}.")
    settings = logged_in(load(os.environ))
    api = control_api(settings, insecure=insecure)
    webhook = api.ask("GET", "webhooks", wanted)
    clocks = Clocks(settings.api_url)
    if event:
        told = _of_event(api, webhook, event, clocks)
    elif webhook["signature"] == "unverified":
        told = _of_open(webhook)
    else:
        told = _of_next(api, webhook, timeout, clocks, as_json=as_json)
    if as_json:
        say_json({"webhook": webhook["name"], **told})
    if told["finding"] is not None:
        if not as_json:
            _tell(told, clocks)
        raise typer.Exit(0 if told["finding"]["cause"] == Cause.FINE else FAULT)
    if not told["verified"]:
        raise typer.Exit(NOTHING)


def _of_event(api: ControlApi, webhook: Json, event: str, clocks: Clocks) -> Json:
    if api.ask("GET", "events", event)["webhook"] != webhook["id"]:
        raise typer.BadParameter(f"{event} did not come to {webhook['name']}.")
    answer = api.ask("POST", "events", event, "examination")
    clocks.compare(answer["now"])
    return {"event": event, "finding": answer["finding"], "verified": []}


def _of_open(webhook: Json) -> Json:
    """Where nothing is checked, nothing can fail."""
    name = webhook["name"]
    sentence = (
        f"No secret is set at {name}, so no signature is checked there and none can be wrong. Store"
        f" the secret of the sender with 'fleet webhooks set-secret {name}'."
    )
    finding = Finding(Cause.NO_SECRET, sentence)
    return {"event": None, "finding": finding.content, "verified": []}


def _of_next(api: ControlApi, webhook: Json, timeout_ms: int, clocks: Clocks, *, as_json: bool) -> Json:
    watch = Watch(api, webhook["id"])
    begun = api.ask("POST", "webhooks", webhook["id"], "examination")
    clocks.compare(begun["now"])
    if not as_json:
        _introduce(webhook, watch.known, timeout_ms)
    verified: list[str] = []
    try:
        for found in watch.fresh(timeout_ms / 1000):
            if found["finding"] is not None:
                return {"event": found["id"], "finding": found["finding"], "verified": verified}
            if found["verified_by"]:
                verified.append(found["id"])
            if not as_json:
                say(_in_passing(found))
    except KeyboardInterrupt:
        sentence = "Stopped waiting."
    else:
        sentence = f"Nothing that fails came within {about(timeout_ms)}."
    if not as_json:
        say("", sentence)
    return {"event": None, "finding": None, "verified": verified}


def _introduce(webhook: Json, known: list[Json], timeout_ms: int) -> None:
    name, state = webhook["name"], webhook["signature"]
    if state not in {"required", "checked"}:
        say(f"Signatures at {name}: {state}.")
    if rejected := latest_rejected(known):
        say(f"The latest requests that were rejected at {name}:", "")
        say_table(("EVENT", "WHY", "RECEIVED"), rejected)
        say("")
    say(
        f"Waiting for the next request that fails at {name}, up to {about(timeout_ms)}; Ctrl-C ends it.",
        "Let the sender send one, press its button to redeliver, or try 'fleet trigger'.",
    )


def _in_passing(event: Json) -> str:
    """What is said of an event that is not what we wait for."""
    if event["verified_by"]:
        return f"This one is fine: {event['id']} is verified by {event['verified_by']}."
    if event["rejected_because"]:
        return (
            f"{event['id']} is rejected ({event['rejected_because']}), but was not examined: too many came at"
            " once, or it is not its signature. Waiting for another one."
        )
    return f"{event['id']} came through without being verified: no secret is set at this webhook."


def _tell(told: Json, clocks: Clocks) -> None:
    finding = told["finding"]
    say("", f"{told['event']}: {finding['sentence']}" if told["event"] else finding["sentence"])
    if finding["cause"] == Cause.CLOCK and (judgement := clocks.judgement(finding["facts"])):
        say(judgement)
