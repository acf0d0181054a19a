"""`fleet webhooks`: public addresses, over the control API."""

import os
import sys
from typing import Annotated, Final

import typer

from cli.answers import day_and_time, say, say_facts, say_json, say_table
from cli.client import Json, control_api
from cli.options import AsJson, Insecure, examples
from config.settings import load
from domain.errors import InvalidInputError
from domain.secret import MAX_SECRET_BYTES
from domain.senders import SENDERS

app: Final = typer.Typer(
    no_args_is_help=True,
    help="Public addresses that senders post to. These commands speak to the relay.",
)

Wanted = Annotated[str, typer.Argument(metavar="NAME", help="Name or id of the webhook.")]
AllowIp = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CIDR|@LIST",
        help="Who may send: an address, a network, or a list such as @github ('fleet networks list' on the"
        " server shows all); repeat it for more.",
    ),
]


@app.command(
    epilog=examples(
        "fleet webhooks create github --sender github --require-signature",
        "fleet webhooks create pay --sender stripe --description 'Payments of the shop' --require-signature",
        "fleet webhooks create ci --sender github --https-only --allow-ip @github --allow-ip 192.0.2.0/24",
    )
)
def create(  # noqa: PLR0913 - each is an option of the command
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call it: a-z, 0-9, '.', '_' and '-'.")],
    *,
    sender: Annotated[str, typer.Option(help=f"Who will call: {', '.join(sorted(SENDERS))}.")],
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    require_signature: Annotated[
        bool, typer.Option("--require-signature", help="Reject what is not signed. Recommended.")
    ] = False,
    hourly_limit: Annotated[
        int | None, typer.Option(metavar="N", help="Events an hour that are accepted; the rest gets 429.")
    ] = None,
    https_only: Annotated[bool, typer.Option("--https-only", help="Refuse plain http.")] = False,
    allow_ip: AllowIp = None,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Make a webhook and show its URL.

    With --require-signature, its secret is shown this once.
    Stripe and Slack make the secret themselves: store it with set-secret.
    """
    wish: Json = {
        "name": name,
        "sender": sender,
        "description": description,
        "require_signature": require_signature,
        "https_only": https_only,
        "allow_ips": allow_ip or [],
    }
    if hourly_limit is not None:
        wish["hourly_limit"] = hourly_limit
    made = control_api(load(os.environ), insecure=insecure).ask("POST", "webhooks", body=wish)
    if as_json:
        say_json(made)
        return
    say(f"Webhook {made['name']} is ready.", "")
    secret = {"Secret": made["secret"]} if "secret" in made else {}
    say_facts({"URL": made["url"], **secret, "Signature": made["signature"]})
    say("", made["next_step"])


@app.command("list", epilog=examples("fleet webhooks list", "fleet webhooks list --json"))
def listing(*, as_json: AsJson = False, insecure: Insecure = False) -> None:
    """Show all webhooks."""
    answer = control_api(load(os.environ), insecure=insecure).ask("GET", "webhooks")
    if as_json:
        say_json(answer)
    elif not answer["webhooks"]:
        say("There is no webhook yet; make one with 'fleet webhooks create NAME --sender SENDER'.")
    else:
        columns = ("NAME", "SENDER", "SIGNATURE", "MAY SEND", "EVENTS", "LAST EVENT")
        say_table(columns, (_row(each) for each in answer["webhooks"]))
        # Each URL whole in a line of its own, so that it can be copied from a narrow terminal.
        say("", *(f"{each['name']}: {_url(each)}" for each in answer["webhooks"]))


@app.command(epilog=examples("fleet webhooks show github"))
def show(wanted: Wanted, *, as_json: AsJson = False, insecure: Insecure = False) -> None:
    """Show one webhook with all there is to know. Secrets are not shown."""
    found = control_api(load(os.environ), insecure=insecure).ask("GET", "webhooks", wanted)
    if as_json:
        say_json(found)
        return
    facts = {
        "Name": found["name"],
        "Id": found["id"],
        "Description": found["description"] or "-",
        "Sender": found["sender"],
        "URL": _url(found),
        "Signature": found["signature"],
        "Hourly limit": found["hourly_limit"],
        "May send": _may_send(found),
        "Created": day_and_time(found["created_at"]),
        "Events": found["events"],
        "Last event": day_and_time(found["last_triggered"]),
    }
    say_facts(facts)


@app.command(
    epilog=examples(
        "fleet webhooks update github --https-only --allow-ip @github",
        "fleet webhooks update github --allow-anybody",
    )
)
def update(
    wanted: Wanted,
    *,
    https_only: Annotated[
        bool | None, typer.Option("--https-only/--any-scheme", help="Refuse plain http, or take it again.")
    ] = None,
    allow_ip: AllowIp = None,
    allow_anybody: Annotated[
        bool, typer.Option("--allow-anybody", help="Clear the list: senders may be anywhere.")
    ] = False,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Change who may send. The entries of --allow-ip replace those before; what is not named stays."""
    wish: Json = {}
    if https_only is not None:
        wish["https_only"] = https_only
    if allow_ip or allow_anybody:
        wish["allow_ips"] = allow_ip or []
    if not wish or (allow_ip and allow_anybody):
        raise typer.BadParameter("Name what is to change: --https-only, --allow-ip or --allow-anybody.")
    changed = control_api(load(os.environ), insecure=insecure).ask("PATCH", "webhooks", wanted, body=wish)
    if as_json:
        say_json(changed)
    else:
        say(f"Webhook {changed['name']} is changed. May send: {_may_send(changed)}.")


@app.command(
    "set-secret",
    epilog=examples("fleet webhooks set-secret pay", "fleet webhooks set-secret pay < secret-file"),
)
def set_secret(wanted: Wanted, *, as_json: AsJson = False, insecure: Insecure = False) -> None:
    """Store the signing secret of a webhook. It replaces the one before.

    The secret is read from standard input, or asked for without showing it.
    It is never an argument: those end up in histories.
    """
    api = control_api(load(os.environ), insecure=insecure)
    changed = api.ask("PUT", "webhooks", wanted, "secret", body={"secret": read_secret()})
    if as_json:
        say_json(changed)
    else:
        say(f"The secret of webhook {changed['name']} is set. Signature: {changed['signature']}.")


@app.command(epilog=examples("fleet webhooks delete github", "fleet webhooks delete github --yes"))
def delete(
    wanted: Wanted,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
    insecure: Insecure = False,
) -> None:
    """Delete a webhook. Its URL is dead at once, and what waits is cancelled."""
    api = control_api(load(os.environ), insecure=insecure)
    found = api.ask("GET", "webhooks", wanted)
    if not yes:
        _ask(f"Delete webhook {found['name']} with its URL? Its waiting events are cancelled.")
    api.ask("DELETE", "webhooks", found["id"])
    if as_json:
        say_json({"deleted": found["id"], "name": found["name"]})
    else:
        say(f"Webhook {found['name']} is deleted; its URL answers 404 from now on.")


def read_secret() -> str:
    """The secret from standard input without its final newline, or from a hidden prompt on a terminal.

    Raises:
        InvalidInputError: it is empty, too long, or no UTF-8 text.
    """
    if sys.stdin.isatty():
        typed: str = typer.prompt("Signing secret", hide_input=True, err=True)
        raw = typed.encode()
    else:
        raw = sys.stdin.buffer.read(MAX_SECRET_BYTES + len(b"\r\n") + 1)
        raw = raw.removesuffix(b"\n").removesuffix(b"\r")
    if not 0 < len(raw) <= MAX_SECRET_BYTES:
        raise InvalidInputError("secret", f"A secret has 1 to {MAX_SECRET_BYTES} bytes.")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise InvalidInputError("secret", "The secret is no UTF-8 text.") from None


def _ask(question: str) -> None:
    if not sys.stdin.isatty():
        raise typer.BadParameter("Nobody can be asked here; add --yes to delete without asking.")
    if not typer.confirm(question, err=True):
        raise typer.Abort


def _row(webhook: Json) -> tuple[object, ...]:
    return (
        webhook["name"],
        webhook["sender"],
        webhook["signature"],
        _may_send(webhook),
        webhook["events"],
        day_and_time(webhook["last_triggered"]),
    )


def _url(webhook: Json) -> str:
    return webhook["url"] or "(unreadable: its sealing key is gone)"


def _may_send(webhook: Json) -> str:
    who = ", ".join(webhook["allow_ips"]) or "anybody"
    return f"{who}, https only" if webhook["https_only"] else who
