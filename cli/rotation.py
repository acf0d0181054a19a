"""The secrets of a webhook on the command line: set, rotated, removed, revealed; what is known of them."""

import os
from typing import Annotated, Final

import typer

from cli.answers import say, say_facts, say_json, say_table
from cli.asking import confirm, read_secret
from cli.client import ControlApi, Json, control_api
from cli.durations import about, ago, grace_s, unix_ms
from cli.options import AsJson, Insecure, Yes, examples
from cli.surroundings import clock_ms
from config.settings import load
from domain.secret import DEFAULT_GRACE_S
from domain.senders import SENDERS

_WANTED: Final = typer.Argument(metavar="NAME", help="Name or id of the webhook.")
_HOUR_S: Final = 3600

Wanted = Annotated[str, _WANTED]
Exact = Annotated[
    bool,
    typer.Option(
        "--exact", help="Take it byte for byte, white space at its ends and the final line end included."
    ),
]

Hold = Annotated[
    bool,
    typer.Option(
        "--hold",
        help="Do not show the secret that is made: 'fleet vault pull NAME' fetches it into your vault, once.",
    ),
]

SET: Final = examples("fleet webhooks set-secret pay", "fleet webhooks set-secret pay < secret-file")
ROTATE: Final = examples(
    "fleet webhooks rotate-secret github",
    "fleet webhooks rotate-secret github --grace 0",
    "fleet webhooks rotate-secret github --hold",
    "fleet webhooks rotate-secret pay --grace 7d < secret-file",
)
REMOVE: Final = examples(
    "fleet webhooks remove-secret github sec_1m7yhjrw8cd7evw1f6jtxz5",
    "fleet webhooks remove-secret github --all",
)
REVEAL: Final = examples("fleet webhooks reveal-secret notion")


def set_secret(
    wanted: Wanted, *, exact: Exact = False, as_json: AsJson = False, insecure: Insecure = False
) -> None:
    """Store the signing secret of a webhook. It replaces all before, at once; rotate-secret is gentler.

    The secret is read from standard input, without its final line end, or asked for without showing it.
    It is never an argument: those end up in histories.
    """
    api = control_api(load(os.environ), insecure=insecure)
    body: Json = {"secret": read_secret(exact=exact), "exact": exact}
    changed = api.ask("PUT", "webhooks", wanted, "secret", body=body)
    if as_json:
        say_json(changed)
    else:
        say(f"The secret of webhook {changed['name']} is set. Signature: {changed['signature']}.")


def rotate_secret(
    wanted: Wanted,
    *,
    grace: Annotated[
        int,
        typer.Option(
            parser=grace_s,
            metavar="TIME",
            help="How long the old one counts, too: 24h, 7d; 0: not at all.",
        ),
    ] = f"{DEFAULT_GRACE_S // _HOUR_S}h",  # pyright: ignore[reportArgumentType] - typer parses it
    own: Annotated[
        bool, typer.Option("--own", help="Read the new secret as set-secret does; else it is made.")
    ] = False,
    exact: Exact = False,
    hold: Hold = False,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Give a webhook a new secret. The old one counts for a grace time, too, so that no event is lost.

    The new one is shown this once, unless it is your own. Where the sender makes the secret (Stripe, Slack),
    it is always read: from standard input, or from a prompt that does not show it.
    """
    api = control_api(load(os.environ), insecure=insecure)
    body: Json = {"grace_s": grace, "hold": hold}
    if own or _is_issued(api, wanted):
        body |= {"secret": read_secret("New signing secret", exact=exact), "exact": exact}
    rotated = api.ask("POST", "webhooks", wanted, "secrets", body=body)
    if as_json:
        say_json(rotated)
        return
    say(f"Webhook {rotated['name']} has a new secret.", "")
    if "secret" in rotated:
        say_facts({"Secret": rotated["secret"]})
        say("")
    say_secrets(rotated, clock_ms())
    say("", rotated["next_step"])


def remove_secret(
    wanted: Wanted,
    secret: Annotated[
        str | None, typer.Argument(metavar="SECRET", help="Its id; 'fleet webhooks show' has them.")
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Remove all of them.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Remove a secret. Events that are signed with it are rejected from now on, those that wait included.

    If it is the newest one, the one before it is current again, without an end.
    """
    if (secret is None) is not every:
        raise typer.BadParameter("Say which: the id of a secret, or --all.")
    api = control_api(load(os.environ), insecure=insecure)
    if not yes:
        confirm(f"Remove {secret or 'every secret'} of webhook {wanted}? What is signed with it is rejected.")
    path = ("webhooks", wanted, "secrets") if secret is None else ("webhooks", wanted, "secrets", secret)
    left = api.ask("DELETE", *path)
    if as_json:
        say_json(left)
        return
    say(f"{secret or 'Every secret'} of webhook {left['name']} is removed. Signature: {left['signature']}.")
    say_secrets(left, clock_ms())


def reveal_secret(wanted: Wanted, *, as_json: AsJson = False, insecure: Insecure = False) -> None:
    """Show, this once, the secret that a sender said in its handshake (Notion, Asana)."""
    revealed = control_api(load(os.environ), insecure=insecure).ask("POST", "webhooks", wanted, "reveal")
    if as_json:
        say_json(revealed)
        return
    say_facts({"Secret": revealed["secret"]})
    title = SENDERS[revealed["sender"]].title if revealed["sender"] in SENDERS else "the sender"
    say("", f"It is shown this once. If {title} asks for it, to verify the subscription, paste it there.")


def say_secrets(webhook: Json, now_ms: int) -> None:
    """What is known of the secrets of a webhook; nothing when it has none."""
    if webhook["secrets"]:
        rows = ((*_facts(each, now_ms), each["id"]) for each in webhook["secrets"])
        say_table(("STATE", "MADE", "LAST USED", "SECRET"), rows, whole="SECRET")
        if webhook["held"]:
            say("", f"The current one waits for 'fleet vault pull {webhook['name']}'.")
        if any(each["to_reveal"] for each in webhook["secrets"]):
            say("", f"'fleet webhooks reveal-secret {webhook['name']}' shows the current one, once.")


def of_old(webhook: Json, now_ms: int) -> list[str]:
    """A line for each old secret of a webhook, so that one sees when it can go, and when it cannot yet."""
    secrets: list[Json] = webhook["secrets"] or []
    yet = "" if not secrets or secrets[0]["last_matched"] else "; the new one was never used yet"
    return [
        f"{webhook['name']}: old secret {each['id']} {_state(each, now_ms)},"
        f" last used {ago(each['last_matched'], now_ms)}{yet}"
        for each in secrets[1:]
        if not each["is_trial"]
    ]


def _is_issued(api: ControlApi, wanted: str) -> bool:
    sender = SENDERS.get(api.ask("GET", "webhooks", wanted)["sender"])
    return sender is not None and sender.secret.issued


def _facts(secret: Json, now_ms: int) -> tuple[str, str, str]:
    state = f"trial key, {_state(secret, now_ms)}" if secret["is_trial"] else _state(secret, now_ms)
    return state, ago(secret["created_at"], now_ms), ago(secret["last_matched"], now_ms)


def _state(secret: Json, now_ms: int) -> str:
    ends = secret["expires_at"]
    if ends is None:
        return "current, not shown yet" if secret["to_reveal"] else "current"
    left_ms = unix_ms(ends) - now_ms
    return f"ends in {about(left_ms)}" if left_ms > 0 else f"ended {ago(ends, now_ms)}"
